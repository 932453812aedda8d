"""What a person says about an event, sent as Sentry's user feedback."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import sentry_sdk
from sentry_sdk.envelope import Envelope, Item, PayloadRef

from tux.services.sentry.delivery.transport import SpoolingTransport
from tux.services.sentry.gate import add_facts
from tux.services.sentry.health import contained
from tux.services.sentry.identities import PrivateScrubber
from tux.services.sentry.privacy import own_rules

if TYPE_CHECKING:
    from sentry_sdk.types import Event

MAX_MESSAGE: Final = 4096
"""Characters that Sentry takes: https://develop.sentry.dev/application-architecture/feedback-architecture/"""


def capture_feedback(message: str, *, associated_event_id: str | None = None) -> str | None:
    """Send what a person said; the id of the feedback, or None while telemetry is off. Never raises.

    The user and the place are those of the unit of work. The words leave, because they were written
    to be read by whoever runs the bot; secrets in them do not.

    Args:
        message: the words; what is over `MAX_MESSAGE` characters is cut.
        associated_event_id: the event that it is about.
    """
    client = sentry_sdk.get_client()
    transport = client.transport
    if transport is None:
        return None
    said: dict[str, Any] = {"message": message[:MAX_MESSAGE], "source": "discord"}
    if associated_event_id is not None:
        said["associated_event_id"] = associated_event_id
    event: Event = {
        "event_id": uuid4().hex,
        "timestamp": time.time(),  # type: ignore[typeddict-item]  # the protocol takes seconds, too
        "platform": "python",
        "level": "info",
        "release": client.options["release"],
        "environment": client.options["environment"],
        "contexts": {"feedback": said},
    }
    with contained():
        add_facts(event)
        # Ours scrubs what it is given; another one sends it as it is, past all hooks of the SDK.
        is_ours = isinstance(transport, SpoolingTransport)
        told = dict(event) if is_ours else PrivateScrubber(own=own_rules()).event(dict(event))
        envelope = Envelope(headers={"event_id": event["event_id"]})
        envelope.add_item(Item(PayloadRef(json=told), type="feedback"))
        transport.capture_envelope(envelope)
        return event["event_id"]
    return None

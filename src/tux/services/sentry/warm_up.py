"""What would hold up the loop at the first error, or at the first many, done before."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn
from uuid import uuid4

import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.serializer import serialize
from sentry_sdk.utils import _get_installed_modules, event_from_exception, format_timestamp

from tux.services.sentry import context
from tux.services.sentry.delivery.envelopes import pack
from tux.services.sentry.gate import frames_of
from tux.services.sentry.health import contained
from tux.services.sentry.identities import PrivateScrubber
from tux.services.sentry.source import add_source

REHEARSALS: Final = 4


def warm_up() -> None:
    """Do it; a second call costs little."""
    # The first event looks through all installed packages: 40 ms.
    _get_installed_modules()
    _rehearse()
    _freeze()


@cache  # once: Python counts what is frozen one by one, in 40 ms
def _freeze() -> None:
    # A burst of errors makes so many objects that Python looks through everything that was
    # ever imported: 50 ms. What is there now stays; it need not be looked through.
    gc.collect()
    gc.freeze()


def _fail() -> NoReturn:
    raise LookupError("a rehearsal")


def _rehearse() -> None:
    """Write and scrub events that go nowhere: what runs for the first time takes twice as long."""
    client = sentry_sdk.get_client()
    with contained():
        scrubber = getattr(client.transport, "scrubber", None) or PrivateScrubber()
        # The look at texts is slow at words that it has not seen: lines of source teach it most.
        lines = Path(context.__file__).read_text("utf-8").splitlines()
        for _ in range(REHEARSALS):
            event = _event(client.options) | {"lines": lines}
            pack(_envelope(event), scrubber, lambda _reason, _losses: None)


def _event(options: dict[str, Any]) -> dict[str, Any]:
    try:
        _fail()
    except LookupError as error:
        event, _ = event_from_exception(error, client_options=options)
    add_source(frames_of(event))
    known = {"modules": _get_installed_modules(), "timestamp": datetime.now(UTC)}
    known["contexts"] = {"trace": {"trace_id": uuid4().hex, "span_id": uuid4().hex[:16]}}
    # Ids that are drawn by chance are new to it each time.
    return serialize({**event, **known, "event_id": uuid4().hex})


def _envelope(event: dict[str, Any]) -> Envelope:
    trace = {"trace_id": uuid4().hex, "environment": "", "release": "", "public_key": uuid4().hex}
    sent_at = format_timestamp(datetime.now(UTC))
    envelope = Envelope({"event_id": event["event_id"], "sent_at": sent_at, "trace": trace})
    envelope.add_event(event)  # type: ignore[arg-type]  # as the SDK adds it
    return envelope

"""The SDK's clients, kept from sending: what they would have sent goes to whoever looks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from tux.services.sentry.delivery.envelopes import pack
from tux.services.sentry.identities import PrivateScrubber
from tux.services.sentry.privacy import own_rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from tux.services.sentry.scrubbing.scrubber import Scrubber

    Take = Callable[[str, Any], None]


class Unsent:
    """While installed, every client of the SDK gets a transport that reaches no network.

    ``make_transport`` is asked by each ``sentry_sdk.init``, whoever calls it: a bot that names a
    real DSN in its own code sends nothing from a test either.
    """

    def __init__(self) -> None:
        self.take: Take | None = None
        """Told type and payload of each item, scrubbed; without one they are dropped."""
        self._patch = pytest.MonkeyPatch()

    def install(self) -> None:
        """Take the network away from clients that are made from now on."""
        self._patch.setattr("sentry_sdk.client.make_transport", self._make)

    def uninstall(self) -> None:
        """Give it back."""
        self._patch.undo()

    def _make(self, options: dict[str, Any]) -> Transport | None:
        return _Keeping(options, self) if options.get("dsn") else None


class _Keeping(Transport):
    def __init__(self, options: dict[str, Any], unsent: Unsent) -> None:
        super().__init__(options)
        self._unsent = unsent
        # Of whoever is chosen to be told of as of the secrets: as it would have been sent.
        ours = getattr(options.get("transport"), "scrubber", None)
        self._scrubber: Scrubber = ours or PrivateScrubber(own=own_rules())

    def capture_envelope(self, envelope: Envelope) -> None:
        take = self._unsent.take
        parcel = pack(envelope, self._scrubber, lambda *_: None) if take is not None else None
        if take is None or parcel is None:
            return
        for item in Envelope.deserialize(parcel.body).items:
            content = item.get_bytes()
            take(str(item.type), content if item.type == "attachment" else json.loads(content))

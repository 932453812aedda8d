"""What the readers of items know besides the item."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tux.station.errors import MalformedError
from tux.station.wire.protocol import normalised_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tux.station.wire.fingerprints import Rule
    from tux.station.wire.protocol import Envelope


@dataclass(frozen=True, slots=True)
class Context:
    """The request that an item came with."""

    envelope: Envelope
    received: float
    rules: Sequence[Rule] = ()
    """Of grouping, from the settings."""

    def event_id(self, event: Mapping[str, Any]) -> str:
        """Return an event's id: the envelope's wins, and what has none is given one.

        Raises:
            MalformedError: the event's own id is no UUID.
        """
        if self.envelope.event_id is not None:
            return self.envelope.event_id
        given = event.get("event_id")
        if given is None:
            return uuid.uuid4().hex
        found = normalised_id(given)
        if found is None:
            raise MalformedError("invalid event", "event_id is not a UUID")
        return found

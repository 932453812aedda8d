"""Gateway sessions: numbered events, kept for a client that comes back."""

from __future__ import annotations

import json
import secrets
from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tux.simulator.events import Event
    from tux.simulator.model import Json

EVENTS_KEPT = 5000
RESUMABLE_SECONDS = 120.0
DISPATCH = 0


class Connection(Protocol):
    """Where a session's frames go while a client is there."""

    def send(self, text: str) -> None:
        """Queue a text frame."""


class Session:
    """What one client has been told."""

    def __init__(self, intents: int, shard: tuple[int, int]) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.shard = shard
        self.sequence = 0
        self.connection: Connection | None = None
        self.lost_at: float | None = None
        self._events: deque[tuple[int, str]] = deque(maxlen=EVENTS_KEPT)

    def wants(self, event: Event) -> bool:
        """Tell whether an event is for this client: by intents and by shard."""
        return event.intent & self.intents == event.intent and self.covers(event.guild_id)

    def covers(self, guild_id: int | None) -> bool:
        """Tell whether a guild belongs to this shard; direct messages belong to the first."""
        number, count = self.shard
        return ((guild_id or 0) >> 22) % count == number

    def tell(self, name: str, data: Json) -> None:
        """Send an event now, or as soon as the client is back."""
        self.sequence += 1
        text = json.dumps({"op": DISPATCH, "t": name, "s": self.sequence, "d": data})
        self._events.append((self.sequence, text))
        if self.connection is not None:
            self.connection.send(text)

    def missed(self, sequence: int) -> list[str] | None:
        """List the frames after a number; None where some of them are no longer kept."""
        oldest = self._events[0][0] if self._events else self.sequence + 1
        if sequence + 1 < oldest:
            return None
        return [text for number, text in self._events if number > sequence]

    def has_expired(self, now: float) -> bool:
        """Tell whether the client has been away for too long."""
        return self.lost_at is not None and now - self.lost_at > RESUMABLE_SECONDS

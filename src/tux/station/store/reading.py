"""Connections that pages read by, and what is remembered for them."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Answer = TypeVar("Answer")
REMEMBERED: Final = 100
"""Answers, of half a megabyte at most: histograms of some kinds of series and the lines of charts, at
each range, and the same of commands that somebody looks at."""
_NOTHING: Final = object()


class Memory:
    """Answers about times that are over, for all readers; the latest used."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Tell how many there are."""
        return len(self._known)

    def of(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """Give what is known of a key, or ask. Two who ask at once are both answered by themselves."""
        with self._lock:
            known = self._known.get(key, _NOTHING)
            if known is not _NOTHING:
                self._known.move_to_end(key)
        if known is _NOTHING:
            known = ask()
            with self._lock:
                self._known[key] = known
                if len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
        answer: Answer = known
        return answer


class Reader(sqlite3.Connection):
    """A connection that is lent for a look at one moment."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.memory = Memory()
        self.seen: dict[Hashable, Any] = {}
        """What was asked within this look: the file is the same until its end."""

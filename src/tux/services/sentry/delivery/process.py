"""What Python tells of its process: that it was forked, and that an exception ends it.

Neither hook can be taken back, so there is one of each, whatever begins and ends meanwhile.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

if TYPE_CHECKING:
    from types import TracebackType


class Watcher(Protocol):
    """Who is told."""

    def after_fork(self) -> None:
        """Go on in the child."""

    def before_crash(self) -> None:
        """Note that an exception ends the interpreter."""


_watchers: WeakSet[Watcher] = WeakSet()


def watch(watcher: Watcher) -> None:
    """Tell somebody of it for as long as they are there."""
    _watchers.add(watcher)
    _hook_in()


@cache
def _hook_in() -> None:
    """Do it once."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        # It may have been sent before, and so not again.
        if not issubclass(kind, KeyboardInterrupt):
            for watcher in list(_watchers):
                watcher.before_crash()
        before(kind, error, trace)

    sys.excepthook = hook
    os.register_at_fork(after_in_child=_tell_of_fork)


def _tell_of_fork() -> None:
    for watcher in list(_watchers):
        watcher.after_fork()

"""Calls into C++ from background threads, none of which is under way when Python ends.

Until Python 3.14 a thread that comes back from C++, where it had let go of Python's lock, to an
interpreter that is ending is unwound, to which C++ answers by aborting the process: exit code 134, "terminate
called without an active exception" (https://github.com/python/cpython/issues/87135).
"""

from __future__ import annotations

import atexit
import os
from functools import wraps
from threading import Lock, get_ident, main_thread
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
Result = TypeVar("Result")


class _Door:
    """Held by the one background thread that is in C++, and by the interpreter that ends."""

    lock = Lock()


def ended_before_exit(call: Callable[P, Result]) -> Callable[P, Result]:
    """Let no call from a background thread be under way at the end; one that comes later waits for ever."""

    @wraps(call)
    def entered(*args: P.args, **kwargs: P.kwargs) -> Result:
        # The interpreter is ended by this one.
        if get_ident() == main_thread().ident:
            return call(*args, **kwargs)
        with _Door.lock:
            return call(*args, **kwargs)

    return entered


def _close() -> None:
    _Door.lock.acquire()


def _renew() -> None:
    # A thread that the child does not have may hold it.
    _Door.lock = Lock()


# What is registered later runs earlier, and may still call: the SDK's last flush.
atexit.register(_close)
os.register_at_fork(after_in_child=_renew)

"""Calls into C++ from background threads, none of which is under way when Python ends.

Until Python 3.14 a thread that comes back from C++, where it had let go of Python's lock, to an
interpreter that is ending is unwound, to which C++ answers by aborting the process: exit code 134, "terminate
called without an active exception" (https://github.com/python/cpython/issues/87135).
"""

from __future__ import annotations

import atexit
import os
from functools import wraps
from threading import RLock, get_ident, main_thread
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
Result = TypeVar("Result")


class _Door:
    """Held by the one background thread that is in C++, and shut by the interpreter that ends."""

    # Garbage that is collected within a call may have a finaliser that comes by here, too.
    lock = RLock()
    is_shut = False


def ended_before_exit(call: Callable[P, Result]) -> Callable[P, Result]:
    """Let no call from a background thread be under way at the end; one that comes later is refused.

    It must not wait: whoever calls may hold a lock that Python takes after this, as `logging.shutdown`
    takes those of all handlers, and the process would never end.

    Raises:
        RuntimeError: Python ends.
    """

    @wraps(call)
    def entered(*args: P.args, **kwargs: P.kwargs) -> Result:
        # The interpreter is ended by this one.
        if get_ident() == main_thread().ident:
            return call(*args, **kwargs)
        with _Door.lock:
            if _Door.is_shut:
                raise RuntimeError("Python ends")
            return call(*args, **kwargs)

    return entered


def _shut() -> None:
    with _Door.lock:
        _Door.is_shut = True


def _renew() -> None:
    # A thread that the child does not have may hold it.
    _Door.lock = RLock()


# What is registered later runs earlier, and may still call: the SDK's last flush.
atexit.register(_shut)
os.register_at_fork(after_in_child=_renew)

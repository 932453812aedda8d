"""Where a task failed, for those that tell of it after its unit of work has ended.

Python tells of a failed task that nobody waited for when it throws the task away: in whatever
context that happens to be.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, Any, Final

from tux.services.sentry.policy import read
from tux.services.sentry.units import Scopes, current_work, pristine_scope

if TYPE_CHECKING:
    import asyncio

_NAME: Final = "_tux_origin"


def remember_origin(task: asyncio.Future[Any]) -> None:
    """Let an error with which a task ends say of which unit of work it is; called as it ends."""
    # `exception()` would count as somebody's having looked, and nobody would be told.
    error = getattr(task, "_exception", None)
    if isinstance(error, Exception) and current_work() is not None:
        with suppress(AttributeError, TypeError):
            object.__setattr__(error, _NAME, Scopes())


def at_origin(error: BaseException) -> AbstractContextManager[object]:
    """Stand where an error's task stood; in a pristine scope where that is not known."""
    origin = read(error, _NAME)
    return origin.active() if isinstance(origin, Scopes) else pristine_scope()

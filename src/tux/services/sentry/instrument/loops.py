"""``tasks.loop``: each iteration is a unit of work."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Final

from discord.ext import tasks

from tux.services.sentry.context import Facts
from tux.services.sentry.instrument.patching import fail, is_watching, watch
from tux.services.sentry.reporting import Details
from tux.services.sentry.units import Unit, unit_of_work

if TYPE_CHECKING:
    from tux.services.sentry.instrument.patching import Method

_MARK: Final = "_tux_watched"


def install() -> None:
    """Watch ``Loop._loop``."""
    watch(tasks.Loop, "_loop")(_loop)


async def _loop(original: Method, loop: tasks.Loop[Any], *args: Any, **kwargs: Any) -> None:
    # Around the iteration, not the loop: all iterations run in one task.
    if not hasattr(loop.coro, _MARK):
        loop.coro = _watched(loop, loop.coro)
    await original(loop, *args, **kwargs)


def _watched(loop: tasks.Loop[Any], coro: Any) -> Any:
    @wraps(coro)
    async def iteration(*args: Any, **kwargs: Any) -> Any:
        if not is_watching():
            return await coro(*args, **kwargs)
        name = str(getattr(coro, "__qualname__", coro))
        with unit_of_work(
            Unit("task.loop", name, partial(Facts, tags={"loop": name}))
        ) as transaction:
            try:
                return await coro(*args, **kwargs)
            except BaseException as error:
                retried = loop.reconnect and isinstance(error, loop._valid_exception)  # noqa: SLF001  # the seam
                tags = {} if retried else {"task.dead": "true"}
                fail(error, transaction, Details(tags=tags, handled=retried, by_code=False))
                raise

    setattr(iteration, _MARK, True)
    return iteration

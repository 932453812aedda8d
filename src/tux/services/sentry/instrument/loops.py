"""``tasks.loop``: each iteration is a unit of work, and so is what runs before and after them."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Final

from discord.ext import tasks

from tux.services.sentry.context import Facts
from tux.services.sentry.instrument.handlers import (
    in_failed_unit,
    is_overridden,
    remember_failure,
)
from tux.services.sentry.instrument.patching import fail, is_watching, unanswered, watch
from tux.services.sentry.policy_rules import Verdict
from tux.services.sentry.reporting import Details
from tux.services.sentry.units import Unit, unit_of_work

if TYPE_CHECKING:
    from tux.services.sentry.instrument.patching import Method
    from tux.services.sentry.units import Span

OFTEN: Final = 5
"""Failures in a row after which a retried one is worth a warning; and again after so many more."""
DEAD: Final = Details(tags={"task.dead": "true"}, handled=False, by_code=False)
ENDED: Final = Details(handled=False, by_code=False)
_MARK: Final = "_tux_watched_for"


def install() -> None:
    """Watch ``Loop._loop`` and ``Loop._call_loop_function``."""
    watch(tasks.Loop, "_loop")(_loop)
    watch(tasks.Loop, "_call_loop_function")(_call_function)


async def _loop(original: Method, loop: tasks.Loop[Any], *args: Any, **kwargs: Any) -> None:
    # Around the iteration, not the loop: all iterations run in one task.
    if getattr(loop.coro, _MARK, None) is not loop:
        loop.coro = _watched(loop, loop.coro)
    await original(loop, *args, **kwargs)


def _watched(loop: tasks.Loop[Any], coro: Any) -> Any:
    in_a_row = 0

    @wraps(coro)
    async def iteration(*args: Any, **kwargs: Any) -> Any:
        nonlocal in_a_row
        # Somebody may call the loop's function by hand: that is no iteration.
        if not is_watching() or asyncio.current_task() is not loop.get_task():
            return await coro(*args, **kwargs)
        unit = unit_of_work(_unit(_name(loop), loop))
        transaction = unit.__enter__()
        try:
            result = await coro(*args, **kwargs)
        except BaseException as error:
            in_a_row = _fail(loop, error, transaction, in_a_row)
            raise
        else:
            in_a_row = 0
            return result
        finally:
            # Not told of the error: to what is tried again the policy would give another status.
            unit.__exit__(None, None, None)

    setattr(iteration, _MARK, loop)
    return iteration


def _name(loop: tasks.Loop[Any]) -> str:
    return str(getattr(loop.coro, "__qualname__", loop.coro))


def _unit(name: str, loop: tasks.Loop[Any]) -> Unit:
    return Unit("task.loop", name, partial(Facts, tags={"loop": _name(loop)}))


def _fail(loop: tasks.Loop[Any], error: BaseException, transaction: Span, in_a_row: int) -> int:
    """Tell how an iteration failed; gives how many did in a row."""
    if not (loop.reconnect and isinstance(error, loop._valid_exception)):  # noqa: SLF001  # a test pins it
        fail(error, transaction, unanswered(error, DEAD))
        # The loop's error handler is called later, in this task.
        remember_failure()
        return 0
    in_a_row += 1
    verdict = Verdict.BREADCRUMB if in_a_row % OFTEN else Verdict.WARNING
    contexts = {"loop": {"failures_in_a_row": in_a_row}}
    fail(error, None, Details(contexts=contexts, by_code=False, verdict=verdict))
    transaction.set_status("unavailable")
    return in_a_row


async def _call_function(
    original: Method, loop: tasks.Loop[Any], name: str, *args: Any, **kwargs: Any
) -> None:
    """Watch what runs before the first iteration, after the last one, and when one has failed."""
    function = getattr(loop, f"_{name}", None)
    if function is None or not is_overridden(function, tasks.Loop._error):  # noqa: SLF001  # a test pins it
        await original(loop, name, *args, **kwargs)
        return
    # What a handler captures was captured when the iteration failed: it belongs to that unit.
    around = in_failed_unit() if name == "error" else nullcontext()
    with around, unit_of_work(_unit(f"{_name(loop)}.{name}", loop)) as transaction:
        try:
            await original(loop, name, *args, **kwargs)
        except BaseException as error:
            # After the last iteration nothing is left that could die.
            fail(error, transaction, ENDED if name == "after_loop" else DEAD)
            raise

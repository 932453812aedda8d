"""A task factory that keeps spans of ``asyncio.gather`` under the span that started them.

Tasks copy the reference of the current scope, so that siblings would take each other's spans for
their parents; a fork of it for each task, made only while a span is active, keeps them apart. The
isolation scope stays shared: tags that a child sets reach the command.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
from typing import TYPE_CHECKING, Any, Final

import discord
import sentry_sdk
from sentry_sdk import Scope

from tux.services.sentry.health import contained
from tux.services.sentry.instrument.patching import watch
from tux.services.sentry.options import adopt
from tux.services.sentry.origins import remember_origin
from tux.services.sentry.sampling import NOT_SAMPLED
from tux.services.sentry.units import current_work, remember_base
from tux.services.sentry.warm_up import warm_up

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tux.services.sentry.instrument.patching import Method

    Factory = Callable[..., asyncio.Future[Any]]

_MARK: Final = "_tux_factory"
NO_PARENT: Final = (None, NOT_SAMPLED)
"""What spans need not be kept apart under."""


def install() -> None:
    """Give the loop its factory when a client logs in."""
    watch(discord.Client, "login")(_login)


async def _login(original: Method, client: discord.Client, token: str) -> None:
    set_task_factory(asyncio.get_running_loop())
    with contained():
        # Of a second `init`, which the SDK tells the integration nothing of.
        adopt(sentry_sdk.get_client().options)
        # What was set since the first, as the SDK's manuals do before the bot runs.
        remember_base()
        warm_up()
    await original(client, token)


def set_task_factory(loop: asyncio.AbstractEventLoop) -> None:
    """Let the loop fork scopes for new tasks; a factory that is there is called in turn."""
    before: Any = loop.get_task_factory()
    if not hasattr(before, _MARK):
        loop.set_task_factory(_factory(before or asyncio.Task))


def _factory(make: Factory) -> Any:
    is_task = make is asyncio.Task
    takes_context = is_task or _takes_context(make)

    def factory(
        loop: asyncio.AbstractEventLoop,
        coro: Coroutine[Any, Any, Any],
        context: contextvars.Context | None = None,
        **options: Any,
    ) -> asyncio.Future[Any]:
        # A context that the caller has made is the caller's.
        is_forked = context is None and Scope.get_current_scope().span not in NO_PARENT
        if is_forked:
            context = contextvars.copy_context()
            context.run(_fork)
        if is_forked and context is not None and not takes_context:
            # It makes a task of the context that is active, as factories did before Python 3.11.
            task = context.run(make, loop, coro, **options)
        else:
            if context is not None:
                options["context"] = context
            task = make(coro, loop=loop, **options) if is_task else make(loop, coro, **options)
        if current_work() is not None:
            task.add_done_callback(remember_origin)
        return task

    setattr(factory, _MARK, True)
    return factory


def _takes_context(make: Factory) -> bool:
    try:
        parameters = inspect.signature(make).parameters
    except (TypeError, ValueError):
        return True
    return "context" in parameters or any(
        one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values()
    )


def _fork() -> None:
    Scope.set_current_scope(Scope.get_current_scope().fork())

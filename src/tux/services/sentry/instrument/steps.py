"""What discord.py does around a command's callback, as spans: checks, converters, hooks, queues.

Only where there is something to do, and only in a unit that is sampled: each seam runs in every
command, so it asks that before all else.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import discord
import sentry_sdk
from discord import app_commands
from discord.ext import commands
from discord.ext.commands.bot import BotBase
from discord.ext.commands.hybrid import HybridAppCommand

from tux.services.sentry.health import contained
from tux.services.sentry.instrument.handlers import is_overridden
from tux.services.sentry.instrument.patching import as_coroutine_function, is_watching
from tux.services.sentry.policy import decide
from tux.services.sentry.units import ORIGIN, current_work

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Step = Callable[..., Awaitable[Any]]

OP: Final = "middleware.discord"


def install() -> None:
    """Watch the steps of prefix, slash, hybrid and menu commands."""
    _watch_step(commands.Command, "can_run", "checks", _has_checks)
    _watch_step(app_commands.Command, "_check_can_run", "checks", _has_app_checks)
    _watch_step(HybridAppCommand, "_check_can_run", "checks", _has_hybrid_checks)
    _watch_step(app_commands.ContextMenu, "_check_can_run", "checks", _has_menu_checks)
    _watch_step(commands.Command, "_parse_arguments", "converters", _has_parameters)
    _watch_step(app_commands.Command, "_transform_arguments", "converters", _has_options)
    _watch_step(HybridAppCommand, "_transform_arguments", "converters", _has_options)
    _watch_step(commands.Command, "call_before_hooks", "before_invoke", _has_before_hooks)
    _watch_step(commands.Command, "call_after_hooks", "after_invoke", _has_after_hooks)
    _watch_checks_once()
    _watch_queues()


def _watch_step(
    owner: type, name: str, description: str, is_there: Callable[[Any, Any], bool]
) -> None:
    original: Step = getattr(owner, name)

    # No coroutine function: what is not timed costs no coroutine of ours.
    @wraps(original)
    def patched(self: Any, about: Any, /, *rest: Any) -> Awaitable[Any]:
        work = current_work()
        if work is None or not work.is_kept:
            return original(self, about, *rest)
        found = False
        with contained():
            found = is_watching() and is_there(self, about)
        step = original(self, about, *rest)
        return _time(description, step) if found else step

    setattr(owner, name, as_coroutine_function(patched))


def _watch_checks_once() -> None:
    original = BotBase.can_run

    # Called twice for each command, and rarely with anything to do: that is asked first.
    @wraps(original)
    def can_run(
        self: BotBase, ctx: commands.Context[Any], /, *, call_once: bool = False
    ) -> Awaitable[bool]:
        step = original(self, ctx, call_once=call_once)
        # Those of any time belong to the command's, and all of them to a hybrid's.
        if call_once and self._check_once and ctx.interaction is None and _is_kept():
            return _time("checks", step)
        return step

    BotBase.can_run = as_coroutine_function(can_run)  # type: ignore[method-assign,assignment]  # the seam


def _watch_queues() -> None:
    original = commands.MaxConcurrency.acquire

    @wraps(original)
    def acquire(
        self: commands.MaxConcurrency, message: discord.Message | commands.Context[Any]
    ) -> Awaitable[None]:
        step = original(self, message)
        return _time("max_concurrency", step) if self.wait and _is_kept() else step

    commands.MaxConcurrency.acquire = as_coroutine_function(acquire)  # type: ignore[method-assign,assignment]  # the seam


def _is_kept() -> bool:
    work = current_work()
    return work is not None and work.is_kept and is_watching()


async def _time(description: str, step: Awaitable[Any]) -> Any:
    span = sentry_sdk.start_span(op=OP, name=description, origin=ORIGIN)
    span.__enter__()
    try:
        result = await step
    except BaseException as error:
        span.set_status(decide(error).status)
        raise
    else:
        span.set_status("ok")
        return result
    finally:
        # Not told of the error: the SDK would overwrite the status.
        span.__exit__(None, None, None)


def _has_checks(command: commands.Command[Any, ..., Any], ctx: commands.Context[Any]) -> bool:
    if ctx.command is not command:
        # The help command asks which of all may be shown.
        return False
    checks = command.checks or ctx.bot._checks  # noqa: SLF001  # a test pins it
    return bool(checks) or _overrides(command.cog, "cog_check")


def _has_app_checks(command: app_commands.Command[Any, ..., Any], interaction: Any) -> bool:
    return interaction.command is command and (
        bool(command.checks)
        or _overrides_check(command.parent)
        or _overrides_check(command.binding)
    )


def _overrides_check(owner: Any) -> bool:
    check = getattr(owner, "interaction_check", None)
    bases = (app_commands.Group.interaction_check, commands.Cog.interaction_check)
    return check is not None and is_overridden(check, *bases)


def _has_hybrid_checks(command: HybridAppCommand[Any, ..., Any], interaction: Any) -> bool:
    bot = interaction.client
    return interaction.command is command and (
        bool(command.wrapped.checks or bot._checks or bot._check_once)  # noqa: SLF001  # as above
        or _has_app_checks(command, interaction)
        or _overrides(command.binding, "cog_check")
    )


def _has_menu_checks(menu: app_commands.ContextMenu, _: object) -> bool:
    return bool(menu.checks)


def _has_parameters(command: commands.Command[Any, ..., Any], _: object) -> bool:
    return bool(command.params)


def _has_options(command: app_commands.Command[Any, ..., Any], _: object) -> bool:
    return bool(command._params)  # noqa: SLF001  # a test pins it; the public list is built anew


def _has_before_hooks(command: commands.Command[Any, ..., Any], ctx: commands.Context[Any]) -> bool:
    hook = command._before_invoke or ctx.bot._before_invoke  # noqa: SLF001  # a test pins both
    return hook is not None or _overrides(command.cog, "cog_before_invoke")


def _has_after_hooks(command: commands.Command[Any, ..., Any], ctx: commands.Context[Any]) -> bool:
    hook = command._after_invoke or ctx.bot._after_invoke  # noqa: SLF001  # a test pins both
    return hook is not None or _overrides(command.cog, "cog_after_invoke")


def _overrides(cog: commands.Cog | None, name: str) -> bool:
    return cog is not None and is_overridden(getattr(cog, name), getattr(commands.Cog, name))

"""Prefix commands, and the errors of hybrid ones however they were called."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Final

from discord.ext import commands
from discord.ext.commands.bot import BotBase

from tux.services.sentry.context import command_of, facts_of
from tux.services.sentry.health import contained
from tux.services.sentry.instrument.handlers import remember_failure, tell
from tux.services.sentry.instrument.patching import (
    as_coroutine_function,
    current_transaction,
    fail,
    is_watching,
    watch,
)
from tux.services.sentry.policy import MAX_CHAIN
from tux.services.sentry.timings import run_of_command
from tux.services.sentry.units import Unit, current_work, rename_unit

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tux.services.sentry.instrument.patching import Method

CALLBACK: Final = "hooked_wrapped_callback.<locals>.wrapped"
"""The function of discord.py that runs a callback, and then the hooks after it."""


def install() -> None:
    """Watch ``BotBase.invoke`` and ``Command.dispatch_error``."""
    watch(BotBase, "invoke")(_invoke)
    watch(commands.Command, "dispatch_error")(_dispatch_error)
    for owner in (commands.Command, commands.Group):
        _watch_alone(owner)


async def _invoke(original: Method, bot: BotBase, ctx: commands.Context[Any]) -> None:
    command = ctx.command
    if command is None:
        # A word that is no command: nothing runs, and nobody wants to hear of it.
        await original(bot, ctx)
        return
    unit = Unit("command.prefix", command.qualified_name, partial(facts_of, ctx), about=ctx)
    with run_of_command(unit) as transaction:
        try:
            await original(bot, ctx)
        except BaseException as error:
            # Checks and hooks may raise what discord.py does not wrap, and so may handlers.
            _name(ctx)
            _tell_replaced(error)
            fail(error, transaction)
            remember_failure()
            raise
        if ctx.command is not command:
            _name(ctx)


def _watch_alone(owner: type[commands.Command[Any, ..., Any]]) -> None:
    """Watch a command that a bot's own ``invoke`` runs without discord.py's."""
    original = owner.invoke

    # Not async itself: of a command that is watched already it costs no coroutine.
    @wraps(original)
    def invoke(self: Any, ctx: commands.Context[Any], /) -> Awaitable[None]:
        if current_work() is not None or not is_watching():
            return original(self, ctx)
        return _run_alone(original, self, ctx)

    owner.invoke = as_coroutine_function(invoke)  # type: ignore[method-assign,assignment]  # the seam


async def _run_alone(
    original: Method, command: commands.Command[Any, ..., Any], ctx: commands.Context[Any]
) -> None:
    unit = Unit("command.prefix", command.qualified_name, partial(facts_of, ctx), about=ctx)
    with run_of_command(unit) as transaction:
        try:
            await original(command, ctx)
        except BaseException as error:
            _name(ctx)
            # Whether its handlers are called is for the bot's own code to say, later.
            tell(error, transaction, partial(_handler_of, command))
            raise


def _name(ctx: commands.Context[Any]) -> None:
    # A group has found its subcommand by now; an interaction is named by what Discord sent.
    with contained():
        name = command_of(ctx)
        if name is not None and ctx.interaction is None:
            rename_unit(name)


async def _dispatch_error(
    original: Method,
    command: commands.Command[Any, ..., Any],
    ctx: commands.Context[Any],
    error: commands.CommandError,
) -> None:
    transaction = current_transaction()
    _name(ctx)
    _tell_replaced(error)
    # Before the handlers, which may be slow, raise, or run in a task of their own.
    tell(error, transaction, partial(_handler_of, command))
    await original(command, ctx, error)


def _handler_of(command: commands.Command[Any, ..., Any]) -> str | None:
    if command.has_error_handler():
        return "command"
    return "cog" if command.cog is not None and command.cog.has_error_handler() else None


def _tell_replaced(error: BaseException) -> None:
    """Report the command's error where a hook after it raised one in its place: nobody else will."""
    with contained():
        other = error.__context__
        for _ in range(MAX_CHAIN):
            if other is None:
                return
            if isinstance(other, commands.CommandError) and _has_left_callback(other):
                fail(other, None)
                return
            other = other.__context__


def _has_left_callback(error: BaseException) -> bool:
    """Tell whether an error came as far as where the hooks are called, and no further."""
    trace = error.__traceback__
    return trace is not None and trace.tb_frame.f_code.co_qualname == CALLBACK

"""Prefix commands, and the errors of hybrid ones however they were called."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from discord.ext import commands
from discord.ext.commands.bot import BotBase

from tux.services.sentry.context import command_of, facts_of
from tux.services.sentry.health import contained
from tux.services.sentry.instrument.patching import (
    CAUGHT,
    CRASH,
    current_transaction,
    fail,
    watch,
)
from tux.services.sentry.units import Unit, rename_unit, unit_of_work

if TYPE_CHECKING:
    from tux.services.sentry.instrument.patching import Method


def install() -> None:
    """Watch ``BotBase.invoke`` and ``Command.dispatch_error``."""
    watch(BotBase, "invoke")(_invoke)
    watch(commands.Command, "dispatch_error")(_dispatch_error)


async def _invoke(original: Method, bot: BotBase, ctx: commands.Context[Any]) -> None:
    command = ctx.command
    if command is None:
        # A word that is no command: nothing runs, and nobody wants to hear of it.
        await original(bot, ctx)
        return
    unit = Unit("command.prefix", command.qualified_name, partial(facts_of, ctx))
    with unit_of_work(unit) as transaction:
        try:
            await original(bot, ctx)
        except BaseException as error:
            # Checks and hooks may raise what discord.py does not wrap.
            fail(error, transaction)
            raise
        finally:
            if ctx.command is not command:
                _name(ctx)


def _name(ctx: commands.Context[Any]) -> None:
    # A group has found its subcommand by now.
    with contained():
        name = command_of(ctx)
        if name is not None:
            rename_unit(name)


async def _dispatch_error(
    original: Method,
    command: commands.Command[Any, ..., Any],
    ctx: commands.Context[Any],
    error: commands.CommandError,
) -> None:
    transaction = current_transaction()
    _name(ctx)
    # Before the handlers, which may be slow, raise, or run in a task of their own.
    fail(error, transaction, CAUGHT if _has_local_handler(command, ctx) else CRASH)
    await original(command, ctx, error)


def _has_local_handler(
    command: commands.Command[Any, ..., Any], ctx: commands.Context[Any]
) -> bool:
    return command.has_error_handler() or (ctx.cog is not None and ctx.cog.has_error_handler())

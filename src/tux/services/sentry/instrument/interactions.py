"""Slash commands, context menus and autocompletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from tux.services.sentry.context import command_of, facts_of
from tux.services.sentry.instrument.patching import current_transaction, fail, watch
from tux.services.sentry.monitoring import Unit, unit_of_work

if TYPE_CHECKING:
    from tux.services.sentry.instrument.patching import Method

OPS = {discord.InteractionType.autocomplete: "command.autocomplete"}


def install() -> None:
    """Watch ``CommandTree._call`` and what it runs."""
    watch(app_commands.CommandTree, "_call")(_call)
    watch(app_commands.Command, "_invoke_with_namespace")(_run_command)
    watch(app_commands.Command, "_invoke_autocomplete")(_run)
    watch(app_commands.ContextMenu, "_invoke")(_run)


async def _call(
    original: Method,
    tree: app_commands.CommandTree[Any],
    interaction: discord.Interaction[Any],
) -> None:
    data: Any = interaction.data or {}
    op = OPS.get(interaction.type, "command.slash" if data.get("type", 1) == 1 else "command.menu")
    name = command_of(interaction) or str(data.get("name", "unknown"))
    with unit_of_work(Unit(op, name, facts_of(interaction))) as transaction:
        try:
            await original(tree, interaction)
        except BaseException as error:
            # An unknown command, or a check that raised what discord.py does not wrap.
            fail(error, transaction)
            raise


async def _run_command(
    original: Method,
    command: app_commands.Command[Any, ..., Any],
    interaction: discord.Interaction[Any],
    namespace: app_commands.Namespace,
) -> Any:
    handled = command._has_any_error_handlers()  # noqa: SLF001  # discord.py asks itself so
    return await _watched(original, command, interaction, namespace, handled=handled)


async def _run(original: Method, command: Any, *args: Any) -> Any:
    return await _watched(original, command, *args, handled=False)


async def _watched(original: Method, command: Any, *args: Any, handled: bool) -> Any:
    try:
        return await original(command, *args)
    except BaseException as error:
        # Here, before discord.py calls the handlers and swallows it.
        fail(error, current_transaction(), handled=handled)
        raise

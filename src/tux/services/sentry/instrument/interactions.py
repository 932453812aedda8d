"""Slash commands, context menus and autocompletion."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from tux.services.sentry.context import facts_of
from tux.services.sentry.instrument.patching import (
    CAUGHT,
    CRASH,
    current_transaction,
    fail,
    open_unit,
    watch,
)
from tux.services.sentry.units import Unit

if TYPE_CHECKING:
    from tux.services.sentry.instrument.patching import Method

SLASH = 1
SUBCOMMANDS = (1, 2)
"""Option types: https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-type"""
OPS = {discord.InteractionType.autocomplete: "command.autocomplete"}


def install() -> None:
    """Watch ``CommandTree._call`` and what it runs."""
    watch(app_commands.CommandTree, "_call")(_call)
    watch(app_commands.Command, "_invoke_with_namespace")(_run_command)
    watch(app_commands.Command, "_invoke_autocomplete")(_run)
    watch(app_commands.ContextMenu, "_invoke")(_run)


def _unit(interaction: discord.Interaction[Any]) -> Unit:
    data: Any = interaction.data or {}
    op = OPS.get(
        interaction.type, "command.slash" if data.get("type", 1) == SLASH else "command.menu"
    )
    return Unit(op, _name(data), partial(facts_of, interaction))


def _name(data: Any) -> str:
    """Name the command as its payload does: looking it up in the tree is discord.py's work."""
    words = [str(data.get("name", "unknown"))]
    while options := data.get("options"):
        data = options[0]
        if data.get("type") not in SUBCOMMANDS:
            break
        words.append(str(data["name"]))
    return " ".join(words)


async def _call(
    original: Method,
    tree: app_commands.CommandTree[Any],
    interaction: discord.Interaction[Any],
) -> None:
    with open_unit(_unit, interaction) as transaction:
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
        fail(error, current_transaction(), CAUGHT if handled else CRASH)
        raise

"""Slash commands, context menus and autocompletion."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext.commands.hybrid import HybridAppCommand

from tux.services.sentry.context import facts_of
from tux.services.sentry.instrument.handlers import (
    in_failed_unit,
    is_overridden,
    remember_failure,
    tell,
)
from tux.services.sentry.instrument.patching import (
    current_transaction,
    fail,
    note_failure,
    open_unit,
    watch,
)
from tux.services.sentry.timings import run_of_command
from tux.services.sentry.units import Unit, current_work, unit_of_work

if TYPE_CHECKING:
    from tux.services.sentry.instrument.patching import Method
    from tux.services.sentry.units import Span

    Interaction = discord.Interaction[Any]
    Tree = app_commands.CommandTree[Any]

SLASH = 1
SUBCOMMANDS = (1, 2)
"""Option types: https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-type"""
REFUSED = "permission_denied"
OPS = {discord.InteractionType.autocomplete: "command.autocomplete"}


def install() -> None:
    """Watch ``CommandTree._call`` and what it runs."""
    watch(app_commands.CommandTree, "_call")(_call)
    watch(app_commands.CommandTree, "_dispatch_error")(_dispatch_error)
    for kind in (app_commands.Command, HybridAppCommand):
        watch(kind, "_invoke_with_namespace")(_run)
    watch(app_commands.ContextMenu, "_invoke")(_run)
    watch(app_commands.Command, "_invoke_autocomplete")(_suggest)


def _unit(interaction: Interaction) -> Unit:
    data: Any = interaction.data or {}
    op = OPS.get(
        interaction.type, "command.slash" if data.get("type", 1) == SLASH else "command.menu"
    )
    return Unit(op, _name(data), partial(facts_of, interaction), about=interaction)


def _name(data: Any) -> str:
    """Name the command as its payload does: looking it up in the tree is discord.py's work."""
    words = [str(data.get("name", "unknown"))]
    while options := data.get("options"):
        data = options[0]
        if data.get("type") not in SUBCOMMANDS:
            break
        words.append(str(data["name"]))
    return " ".join(words)


async def _call(original: Method, tree: Tree, interaction: Interaction) -> None:
    # A suggestion is no run of the command that it is made for.
    is_run = interaction.type is not discord.InteractionType.autocomplete
    kind = run_of_command if is_run else unit_of_work
    with open_unit(_unit, interaction, kind=kind) as transaction:
        try:
            await original(tree, interaction)
        except BaseException as error:
            # An unknown command, what a check raised that discord.py does not wrap, or a handler.
            tell(error, transaction, partial(_handler_of_escaped, error, interaction, tree))
            remember_failure()
            raise
        if interaction.command_failed:
            _refuse(transaction)


def _refuse(transaction: Span) -> None:
    """Tell that the tree's own check said no, where nothing else has told how it failed."""
    if getattr(transaction, "status", "") is None:
        transaction.set_status(REFUSED)
    work = current_work()
    if work is not None and work.failure is None:
        note_failure(app_commands.CheckFailure.__name__, REFUSED)


async def _dispatch_error(
    original: Method, tree: Tree, interaction: Interaction, error: app_commands.AppCommandError
) -> None:
    # The unit is over, the handlers are the bot's own code all the same.
    with in_failed_unit():
        try:
            await original(tree, interaction, error)
        except BaseException as raised:
            fail(raised, None)
            raise


async def _run(original: Method, command: Any, interaction: Interaction, *args: Any) -> Any:
    try:
        return await original(command, interaction, *args)
    except BaseException as error:
        # Here, before discord.py calls the handlers and swallows it.
        find = partial(_handler_of, error, command, interaction)
        tell(error, current_transaction(), find)
        raise


async def _suggest(original: Method, command: Any, *args: Any) -> Any:
    try:
        return await original(command, *args)
    except BaseException as error:
        # No handler is told of suggestions.
        fail(error, current_transaction())
        raise


def _handler_of(error: BaseException, command: Any, interaction: Interaction) -> str | None:
    """Name the nearest handler of a command's error; what discord.py has not wrapped has none."""
    if not isinstance(error, app_commands.AppCommandError):
        return None
    return _local_handler(command) or _handler_of_tree(interaction._state._command_tree)  # noqa: SLF001  # as Interaction.command finds it


def _local_handler(command: Any) -> str | None:
    if command.on_error is not None:
        return "command"
    group = getattr(command, "parent", None)
    while group is not None:
        if is_overridden(group.on_error, app_commands.Group.on_error):
            return "group"
        group = group.parent
    binding = getattr(command, "binding", None)
    if getattr(binding, "__discord_app_commands_error_handler__", None) is not None:
        return "cog"
    return None


def _handler_of_tree(tree: Tree | None) -> str | None:
    if tree is None or not is_overridden(tree.on_error, app_commands.CommandTree.on_error):
        return None
    return "tree"


def _handler_of_escaped(error: BaseException, interaction: Interaction, tree: Tree) -> str | None:
    """Name the handler of what no command raised; what a handler raised is nobody's."""
    if not isinstance(error, app_commands.AppCommandError) or interaction.command_failed:
        return None
    return _handler_of_tree(tree)

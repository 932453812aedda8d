"""The commands of ``tux``, each loaded when it is called.

Together they import the bot, the station, the database and Sentry's API: seconds of a processor for
a command that needs one of them. The list is data, because a command that is not loaded cannot say
its name.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    # Typer carries its own copy of click, and names its classes nowhere else.
    from typer._click.core import Command, Context

COMMANDS = {
    "start": "tux.cli.running:start",
    "demo": "tux.cli.running:demo",
    "issues": "tux.cli.issues:issues",
    "issue": "tux.cli.issues:issue",
    "top": "tux.cli.issues:top",
    "station": "tux.cli.station:app",
    "watch": "tux.cli.watch:app",
    "spool": "tux.cli.spool:app",
    "doctor": "tux.cli.doctor:doctor",
    "settings": "tux.cli.settings:settings",
}
"""Where the function, or the group, of each command is; in the order that the help has."""


class Commands(TyperGroup):
    """A group whose commands are imported by their names."""

    def list_commands(self, ctx: Context) -> list[str]:
        """Name the commands without loading one."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """Load a command, or give nothing for a name that there is not."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(module), name)
        if isinstance(found, typer.Typer):
            return typer.main.get_command(found)
        alone = typer.Typer(add_completion=False)
        alone.command(cmd_name)(found)
        return typer.main.get_command(alone)

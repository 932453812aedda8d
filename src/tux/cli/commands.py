"""The commands of ``tux``, each loaded when it is called.

Together they import the bot, the station, the database and Sentry's API: seconds of a processor for
a command that needs one of them. The list is data, because a command that is not loaded cannot say
its name, nor what it does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from tux.shared.loading import interruptible

if TYPE_CHECKING:
    from collections.abc import Mapping


class Place(NamedTuple):
    """Where a command is, and what the list of commands says of it."""

    path: str
    """``module:name``, of a function or of a `typer.Typer` of its own."""
    help: str
    """The first sentence of the command's own help."""


COMMANDS: Final[Mapping[str, Place]] = {
    "start": Place("tux.cli.running:start", "Run the bot on Discord. Needs DISCORD_TOKEN."),
    "demo": Place(
        "tux.cli.demo:demo",
        "Show the main job on this machine: a bot at work, its members, and the dashboard.",
    ),
    "issues": Place("tux.cli.issues:issues", "List issues of the station that runs."),
    "issue": Place(
        "tux.cli.issues:issue",
        "Show one issue: what, where, whom it hit, and the newest event's stack trace.",
    ),
    "top": Place(
        "tux.cli.issues:top",
        "Watch the bot live: errors, commands and the latest issues. Ctrl-C ends it.",
    ),
    "doctor": Place(
        "tux.cli.doctor:doctor",
        "Look at DSN, receiver, clock, station, spool, sampling, privacy, what is watched, database and token.",
    ),
    "settings": Place(
        "tux.cli.settings:settings", "List every setting with its meaning and its default."
    ),
    "station": Place("tux.cli.station:app", "Run the receiver and its dashboard, by themselves."),
    "watch": Place(
        "tux.cli.watch:app", "What is watched: metrics, widgets, alert rules and teams."
    ),
    "spool": Place(
        "tux.cli.spool:app",
        "See, send or give up what waits for the receiver while it is away.",
    ),
}
"""In the order in which they are listed."""


class Deferred(TyperCommand):
    """Stands for a command until it is called."""

    def __init__(self, name: str, place: Place) -> None:
        super().__init__(name, callback=None, help=place.help)
        self._place = place

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """Let the real one begin: whoever asks for a context goes on with its command."""
        return loaded(self._place).make_context(*arguments, **more)


class Commands(TyperGroup):
    """The group of all of them."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, place in COMMANDS.items():
            self.add_command(Deferred(name, place), name)


def loaded(place: Place) -> Any:
    """Import a command."""
    module, _, name = place.path.partition(":")
    with interruptible():
        found = getattr(import_module(module), name)
    group = typer.Typer()
    if isinstance(found, typer.Typer):
        group.add_typer(found)
    else:
        group.command()(found)
    (command,) = typer.main.get_group(group).commands.values()
    return command

"""``tux station password``, ``keys``, ``projects``, ``tokens``: who may look and who may send."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from tux.cli.station_file import change_station, kept_of, settings_of
from tux.shared.exceptions import TuxConfigurationError
from tux.station.access.passwords import SHORTEST
from tux.station.access.visitors import create_token, revoke_token, set_password, tokens_of
from tux.station.store.locking import address_of
from tux.station.store.projects import create_key, create_project, projects_of, revoke_key

if TYPE_CHECKING:
    import sqlite3

    from tux.shared.settings import StationSettings

keys = typer.Typer(name="keys", help="Keys of DSNs: what SDKs need to send.", no_args_is_help=True)
projects = typer.Typer(
    name="projects", help="Projects: bots whose events are told apart.", no_args_is_help=True
)
tokens = typer.Typer(
    name="tokens",
    help="Tokens of programs: what scripts need to read a station that asks for a password.",
    no_args_is_help=True,
)
LONGEST_NAME = 64
"""Characters of a project's name, as in Sentry, and of a label."""
_Label = Annotated[
    str,
    typer.Argument(
        help=f"What it is for, in your words: one line, at most {LONGEST_NAME} characters."
    ),
]
_Project = Annotated[int, typer.Option(help="Number of the project, see `tux station projects`.")]
WIDTH = 160
"""Of the table of keys, also where the terminal has less."""


def password(
    asked: typer.Context,
    *,
    remove: Annotated[
        bool, typer.Option(help="Ask for none any more; only where nobody else can connect.")
    ] = False,
) -> None:
    """Set the password that people are asked for before they see anything.

    It is asked for, or read from standard input where that is no terminal; it is kept as a hash.
    Whoever is logged in has to log in again, also at a station that runs.
    """
    wanted = None if remove else _read_password()
    change_station(settings_of(asked), partial(set_password, password=wanted, now=time.time()))
    typer.echo("The password is removed." if remove else "The password is set.")


@keys.command("list")
def list_keys(asked: typer.Context) -> None:
    """List the keys of all projects, as DSNs."""
    settings = kept_of(asked)
    found = change_station(settings, projects_of)
    table = Table("project", "label", "DSN", "envelopes a minute", "made", "state", box=None)
    for project in found.values():
        for key in project.keys:
            rate = settings.key_rate if key.per_minute is None else key.per_minute
            table.add_row(
                f"{project.id} {project.name}",
                key.label,
                _dsn(_base(settings), key.public_key, project.id),
                str(rate) if rate else "any number",
                _day(key.created),
                f"revoked {_day(key.revoked)}" if key.revoked else "opens",
            )
    # A DSN that is cut is none.
    Console(width=max(Console().width, WIDTH)).print(table)


@keys.command("create")
def new_key(
    asked: typer.Context,
    label: _Label,
    *,
    project: _Project = 1,
    per_minute: Annotated[
        int | None, typer.Option(min=0, help="Envelopes it may send; 0: any. [STATION_KEY_RATE]")
    ] = None,
) -> None:
    """Make one more key, and print the DSN with it."""
    settings = settings_of(asked)
    _check_name(label, "LABEL")
    if project not in change_station(settings, projects_of):
        raise typer.BadParameter("there is none of this number", param_hint="--project")
    made = change_station(
        settings,
        lambda connection: create_key(connection, project, label, per_minute, time.time()),
    )
    typer.echo(_dsn(_base(settings), made, project))


@keys.command("revoke")
def end_key(
    asked: typer.Context, key: Annotated[str, typer.Argument(help="The key, or its DSN.")]
) -> None:
    """Let a key open nothing from now on; a station that runs knows it within a second."""
    public_key = key.partition("://")[2].partition("@")[0] if "://" in key else key
    done = change_station(
        kept_of(asked), partial(revoke_key, public_key=public_key, now=time.time())
    )
    if not done:
        raise typer.BadParameter("no key that opens has this name", param_hint="KEY")
    typer.echo("The key opens nothing any more.")


@projects.command("list")
def list_projects(asked: typer.Context) -> None:
    """List the projects."""
    table = Table("number", "name", "keys that open", box=None)
    for project in change_station(kept_of(asked), projects_of).values():
        table.add_row(str(project.id), project.name, str(len(project.live_keys)))
    Console().print(table)


@projects.command("create")
def new_project(asked: typer.Context, name: str) -> None:
    """Make a project, and print its DSN."""
    settings = settings_of(asked)
    _check_name(name, "NAME")
    number = change_station(settings, partial(_add_project, name=name))
    made = change_station(settings, projects_of)[number]
    typer.echo(_dsn(_base(settings), made.public_key, number))


def _check_name(name: str, argument: str) -> None:
    """Refuse what nobody could read in a list."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        hint = f"it needs 1 to {LONGEST_NAME} characters, all in one line"
        raise typer.BadParameter(hint, param_hint=argument)


def _add_project(connection: sqlite3.Connection, name: str) -> int:
    for project in projects_of(connection).values():
        if project.name == name:
            hint = f"there is one of this name, number {project.id}; see `tux station keys list`"
            raise typer.BadParameter(hint, param_hint="NAME")
    return create_project(connection, name, time.time())


@tokens.command("list")
def list_tokens(asked: typer.Context) -> None:
    """List the tokens; what they are is known to whoever was given them only."""
    table = Table("number", "label", "made", box=None)
    for number, label, created in change_station(kept_of(asked), tokens_of):
        table.add_row(str(number), label, _day(created))
    Console().print(table)


@tokens.command("create")
def new_token(asked: typer.Context, label: _Label) -> None:
    """Make a token, and print it: this once."""
    _check_name(label, "LABEL")
    typer.echo(
        change_station(settings_of(asked), partial(create_token, label=label, now=time.time()))
    )


@tokens.command("revoke")
def end_token(asked: typer.Context, number: int) -> None:
    """Let a token open nothing from now on."""
    if not change_station(kept_of(asked), partial(revoke_token, number=number)):
        raise typer.BadParameter("there is none of this number", param_hint="NUMBER")
    typer.echo("The token opens nothing any more.")


def _read_password() -> str:
    if sys.stdin.isatty():
        wanted: str = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    else:
        wanted = sys.stdin.readline().rstrip("\r\n")
    if len(wanted) < SHORTEST:
        raise TuxConfigurationError("the password", f"It needs at least {SHORTEST} characters.")
    return wanted


def _base(settings: StationSettings) -> str:
    """Tell where SDKs reach the station: as the settings say, or where one runs on the file."""
    running = settings.url or address_of(settings.path)
    return running or f"http://{settings.host}:{settings.port}"


def _dsn(base: str, public_key: str, project: int) -> str:
    scheme, _, rest = base.rstrip("/").partition("://")
    return f"{scheme}://{public_key}@{rest}/{project}"


def _day(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"

"""The ``tux`` command: what a person types, and what it says when something is wrong."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tux import __version__
from tux.app import run_bot, token_of
from tux.demo.runner import DemoOptions, run_demo
from tux.services.sentry import report_signal
from tux.shared.child import say, until_stopped
from tux.shared.exceptions import TuxError, TuxServiceError
from tux.shared.logs import configure_logs
from tux.shared.settings import default_of, load_settings, variables
from tux.station.server import serve
from tux.supervisor import Child, station_child

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.shared.settings import Settings

FAULT = 2
"""Exit code when a setting or the surroundings keep a command from running."""

INTERRUPTED = 130
"""Exit code of a shell's own for Ctrl-C."""

app = typer.Typer(
    name="tux",
    help="A Discord bot that is watched: run it, demonstrate it, and look at what it saw.",
    no_args_is_help=True,
    # A traceback shows locals, and locals may be secrets.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
errors = Console(stderr=True)

ChildOption = Annotated[
    bool,
    typer.Option("--child", hidden=True, help="Speak JSON lines to the process that started this."),
]


def run() -> None:
    """Run the command line; a fault of ours ends in one line, never in a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except TuxError as error:
        errors.print(
            f"[bold red]tux:[/] {escape(str(error))}", highlight=False, markup=True, soft_wrap=True
        )
        sys.exit(FAULT)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"tux {__version__}")
        raise typer.Exit


@app.callback()
def main(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    """Take the options that stand before the command."""


@app.command()
def start(
    *,
    station: Annotated[
        bool,
        typer.Option(
            "--station/--no-station",
            help="Start our own receiver beside the bot where SENTRY_DSN names no other.",
        ),
    ] = True,
    child: ChildOption = False,
) -> None:
    """Run the bot on Discord. Needs DISCORD_TOKEN.

    Errors and timings go to where SENTRY_DSN points. Without it the station is started beside the
    bot and keeps them on this machine.
    """
    settings = load_settings()
    configure_logs(settings.bot.log_level)
    token_of(settings)
    # BOT_EXTENSIONS names modules of the folder in which the bot is started, too.
    sys.path.append(str(Path.cwd()))
    own = station and settings.sentry.dsn is None
    work = _with_station(settings, announce=child) if own else run_bot(settings, announce=child)
    asyncio.run(until_stopped(work, tied=child, on_signal=report_signal))


@app.command()
def demo(
    seconds: Annotated[
        float | None,
        typer.Option(min=1, help="End after so many seconds with a table; else run until Ctrl-C."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port of the dashboard; a free one where it is taken."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder to keep what was seen in; else it is removed at the end."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Which members do what: the same seed, the same.")] = 7,
) -> None:
    """Show the main job on this machine: a bot at work, its members, and the dashboard.

    Needs no account and no token: Discord is a local one. Ends with 0 only when what the members
    did and what the station received agree.
    """
    settings = load_settings()
    configure_logs("WARNING")
    options = DemoOptions(
        seconds=seconds, port=settings.station.port if port is None else port, data=data, seed=seed
    )
    if not asyncio.run(run_demo(options)):
        raise typer.Exit(1)


@app.command()
def station(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; loopback only. [STATION_HOST]")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port to listen on; 0 takes a free one. [STATION_PORT]"
        ),
    ] = None,
    path: Annotated[Path | None, typer.Option(help="SQLite file. [STATION_PATH]")] = None,
    child: ChildOption = False,
) -> None:
    """Run the receiver and its dashboard, by themselves.

    Any Sentry SDK can send to it: the DSN to use is printed at start.
    """
    settings = load_settings()
    configure_logs(settings.bot.log_level)
    given = {"host": host, "port": port, "path": path}
    chosen = settings.station.model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    asyncio.run(until_stopped(serve(chosen, say if child else _show), tied=child))


def _show(announced: dict[str, object]) -> None:
    Console().print(
        f"dashboard   [bold]{announced['url']}[/]\nSENTRY_DSN  {announced['dsn']}",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def settings(
    *,
    markdown: Annotated[bool, typer.Option(help="As the table of docs/settings.md.")] = False,
) -> None:
    """List every setting with its meaning and its default.

    Settings stand in the environment, in .env or in tux.toml, in this order of strength.
    """
    rows = [
        (name, " ".join((info.description or "").split()), default_of(info))
        for name, info in variables().items()
    ]
    if markdown:
        typer.echo(settings_page(rows))
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("variable", no_wrap=True)
    for title in ("meaning", "default"):
        table.add_column(title)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def settings_page(rows: Sequence[tuple[str, str, str]]) -> str:
    """Write the body of docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "Each stands in the environment, in `.env`, or in `tux.toml`, in this order of strength;",
        "`SENTRY_DSN` is `dsn` below `[sentry]` in `tux.toml`. An unknown name in `tux.toml` is an",
        "error that says what may have been meant. This page is made by",
        "`tux settings --markdown > docs/settings.md`.",
        "",
        "| variable | meaning | default |",
        "|---|---|---|",
        *(f"| `{name}` | {meaning} | `{default}` |" for name, meaning, default in rows),
    ]
    return "\n".join(lines)


async def _with_station(settings: Settings, *, announce: bool) -> None:
    """Run the bot with a station of its own, in a process of its own.

    A bot that dies or hangs must not take the report of it along; nor may a station that does not
    start take the bot along.
    """
    beside: Child = station_child(settings.station.port)
    try:
        announced = await beside.start()
    except TuxServiceError as error:
        errors.print(f"the bot runs unwatched: {escape(str(error))}", highlight=False)
        await run_bot(settings, announce=announce)
        return
    errors.print(
        f"SENTRY_DSN is not set: the station keeps what the bot sends, see "
        f"[bold]{announced['url']}[/] (--no-station to do without)",
        highlight=False,
        soft_wrap=True,
    )
    sentry = {**settings.sentry.model_dump(), "dsn": announced["dsn"]}
    try:
        await run_bot(load_settings(sentry=sentry), announce=announce)
    finally:
        await beside.stop()

"""``tux station``: the receiver by itself, and what is done to its file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tux.cli import access, keeping
from tux.cli.forgetting import forget
from tux.cli.shared import ChildOption
from tux.shared.child import say, until_stopped
from tux.shared.logs import configure_logs
from tux.shared.settings import load_settings
from tux.station.alerting.watching import Watch
from tux.station.server import serve
from tux.watch import load_definitions

app = typer.Typer(name="station", invoke_without_command=True)
app.command()(forget)
app.command()(access.password)
for command in (keeping.backup, keeping.export, keeping.forward):
    app.command()(command)
app.command("import")(keeping.import_)
for group in (access.keys, access.projects, access.tokens):
    app.add_typer(group)


@app.callback()
def station(
    asked: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [STATION_HOST]")] = None,
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
    given = {"host": host, "port": port, "path": path}
    chosen = settings.station.model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    asked.obj = chosen
    if asked.invoked_subcommand is not None:
        return
    configure_logs(settings.bot.log_level)
    watch = Watch(load_definitions(), settings.alerts)
    asyncio.run(until_stopped(serve(chosen, say if child else _show, watch), tied=child))


def _show(announced: dict[str, object]) -> None:
    Console().print(
        f"dashboard   [bold]{announced['url']}[/]\nSENTRY_DSN  {announced['dsn']}",
        highlight=False,
        soft_wrap=True,
    )

"""``tux demo``: a bot at work, and all that it needs for that."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from tux.demo.runner import DemoOptions, run_demo
from tux.shared.logs import configure_logs
from tux.shared.settings import load_settings


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

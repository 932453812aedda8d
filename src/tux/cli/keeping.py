"""``tux station backup``, ``export``, ``import``, ``forward``: what is kept goes elsewhere."""

from __future__ import annotations

import io
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import httpx
import typer
from rich.progress import Progress

from tux.cli.shared import errors
from tux.cli.station_file import kept_of, reading_station, settings_of, with_station
from tux.shared.exceptions import TuxConfigurationError
from tux.station.forwarding.forward import Forwarder, target_of
from tux.station.store.backup import backup as copy_file
from tux.station.store.exporting import export_lines, export_parquet
from tux.station.store.importing import import_file, import_stream
from tux.station.store.inbox import waiting
from tux.station.store.portable import KINDS

if TYPE_CHECKING:
    from tux.station.store import Store

TOLD = 20
"""Faults of one file that are told."""
DAY = 86_400.0


def backup(
    asked: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="A new file; it is a station's file like the other.")
    ],
) -> None:
    """Copy the station's file as it is now, also while a station writes to it."""
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("copying", total=1.0)
        size = copy_file(
            settings_of(asked).path, file, lambda share: progress.update(task, completed=share)
        )
    typer.echo(f"{file}: {size / 1e6:,.1f} MB, checked.")


def export(
    asked: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(help="File for JSON lines (- is standard output), or a Parquet folder."),
    ],
    *,
    kind: Annotated[
        list[str] | None, typer.Option(help=f"What of: {', '.join(KINDS)}; by default all.")
    ] = None,
    days: Annotated[float | None, typer.Option(min=0, help="Only the last so many days.")] = None,
    parquet: Annotated[bool, typer.Option("--parquet", help="As Parquet, a file a kind.")] = False,
) -> None:
    """Write what is kept as JSON lines, which `tux station import` reads, or as Parquet.

    A line has its kind, and all that the station knows of the row; an event has its payload whole.
    """
    kinds = list(kind or KINDS)
    if unknown := set(kinds) - set(KINDS):
        hint = f"{', '.join(sorted(unknown))} is none of {', '.join(KINDS)}"
        raise typer.BadParameter(hint, param_hint="--kind")
    since = 0.0 if days is None else time.time() - days * DAY
    with reading_station(kept_of(asked)) as connection:
        if parquet:
            count = export_parquet(connection, kinds, since, file)
        elif str(file) == "-":
            # JSON is UTF-8, whatever the terminal is.
            if isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(encoding="utf-8")
            count = export_lines(connection, kinds, since, sys.stdout)
        else:
            try:
                # As the station's file it is for its owner only.
                with open(file, "x", encoding="utf-8", opener=partial(os.open, mode=0o600)) as out:
                    count = export_lines(connection, kinds, since, out)
            except OSError as error:
                raise TuxConfigurationError("FILE", f"{file}: {error.strerror}.") from error
        left, _ = waiting(connection)
    errors.print(f"{count:,} rows.", highlight=False)
    if left:
        told = f"{left:,} that came in a rush are not among them: a station that runs reads them."
        errors.print(told, highlight=False)


def import_(
    asked: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Exports, files with one envelope each (- is standard input), or the folder of a spool.",
        ),
    ],
    *,
    project: Annotated[int, typer.Option(help="Of envelopes, which do not say.")] = 1,
) -> None:
    """Take in what was exported, or envelopes that were saved or never sent.

    What is here already is not taken twice. A station may run meanwhile. What waits in a bot's spool
    is taken as it is, and waits on: `tux spool send` is what sends it.
    """
    for file in files:
        if str(file) != "-" and not file.exists():
            raise typer.BadParameter(f"{file} is not there")

    async def take(store: Store) -> int:
        bad = 0
        for file in files:
            if str(file) == "-":
                found = await import_stream(store, sys.stdin.buffer, project, time.time())
            else:
                found = await import_file(store, file, project)
            typer.echo(
                f"{file}: {found.taken:,} taken, {found.known:,} were here already, "
                f"{len(found.faults):,} cannot be read."
            )
            for fault in found.faults[:TOLD]:
                errors.print(f"  {fault}", markup=False, highlight=False, soft_wrap=True)
            bad += len(found.faults)
        return bad

    if with_station(settings_of(asked), take):
        raise typer.Exit(1)


def forward(
    asked: typer.Context,
    *,
    dsn: Annotated[
        str, typer.Option(envvar="TUX_FORWARD_DSN", help="Where to: Sentry, or another receiver.")
    ],
    project: Annotated[int, typer.Option(help="Which project of the station.")] = 1,
) -> None:
    """Send everything that is kept to another receiver, with its own ids and times.

    Goes on where it stopped before, sends nothing twice to one DSN, and waits where the receiver
    says so. Sentry itself takes events of the last 30 days.
    """
    settings, target = kept_of(asked), target_of(dsn)

    async def send(store: Store) -> tuple[int, int]:
        if any(target.public_key == key.public_key for key in store.project(project).keys):
            raise TuxConfigurationError("--dsn", "It names this station itself.")
        async with httpx.AsyncClient(timeout=60) as http:
            done = await Forwarder(store, target, http, tell=_tell).run(project)
        return done.sent, done.refused

    sent, refused = with_station(settings, send)
    typer.echo(f"{sent:,} envelopes sent, {refused:,} refused by the receiver.")


def _tell(text: str) -> None:
    errors.print(text, markup=False, highlight=False, soft_wrap=True)

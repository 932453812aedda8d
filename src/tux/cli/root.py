"""The ``tux`` command: what a person types, and what it says when something is wrong."""

from __future__ import annotations

import io
import os
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from tux import __version__
from tux.cli.commands import Commands
from tux.cli.shared import AWAY, FAULT, errors
from tux.shared.exceptions import TuxConfigurationError, TuxError, TuxUnavailableError

INTERRUPTED = 130
"""Exit code of a shell's own for Ctrl-C."""

app = typer.Typer(
    name="tux",
    cls=Commands,
    help="A Discord bot that is watched: run it, demonstrate it, and look at what it saw.",
    no_args_is_help=True,
    # A traceback shows locals, and locals may be secrets.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run() -> None:
    """Run the command line; a fault of ours ends in one line, never in a traceback."""
    _settle_terminal()
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except TuxError as error:
        errors.print(
            f"[bold red]tux:[/] {escape(str(error))}", highlight=False, markup=True, soft_wrap=True
        )
        is_fault = isinstance(error, TuxConfigurationError)
        sys.exit(FAULT if is_fault and not isinstance(error, TuxUnavailableError) else AWAY)


def _settle_terminal() -> None:
    """Write what a terminal has no letters for as ``?``, and take no width for an unknown one."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if os.environ.get("COLUMNS") == "0":
        del os.environ["COLUMNS"]
        # It was made before.
        errors.width = Console(stderr=True).width


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

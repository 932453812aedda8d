"""`python -m benchmarks`: measure, print, and write docs/performance.md."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.machine import described
from benchmarks.registry import BENCHMARKS
from benchmarks.report import as_markdown, placed, show
from benchmarks.rounds import ROOT
from benchmarks.table import Asked

NEEDED_WIDTH = 110
PAGE = ROOT / "docs" / "performance.md"


def main(
    *,
    quick: Annotated[bool, typer.Option(help="Only see that all runs; write nothing.")] = False,
    only: Annotated[str | None, typer.Option(help="One benchmark; write nothing.")] = None,
) -> None:
    """Measure what the layer costs, beside its peers, and write docs/performance.md."""
    # A table that is cut says nothing; a line that is too long can still be read.
    console = Console(width=max(Console().width, NEEDED_WIDTH), highlight=False)
    began = time.monotonic()
    asked = Asked(is_quick=quick)
    chosen = [one for one in BENCHMARKS if only in {None, one.name}]
    if not chosen:
        names = ", ".join(one.name for one in BENCHMARKS)
        raise typer.BadParameter(f"there are {names}", param_hint="--only")
    machine = described()
    console.print(machine, "")
    tables = []
    for benchmark in chosen:
        tables.append(benchmark.run(asked))
        show(tables[-1], console)
    console.print(f"{time.monotonic() - began:.0f} seconds")
    if not (quick or only):
        PAGE.write_text(placed(PAGE.read_text(), as_markdown(tables, machine)))


if __name__ == "__main__":
    typer.run(main)

"""`python -m benchmarks`: measure, print, and write docs/performance.md."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.machine import described, load
from benchmarks.peers import with_peers
from benchmarks.registry import BENCHMARKS
from benchmarks.report import as_markdown, placed, show
from benchmarks.rounds import ROOT
from benchmarks.table import Asked

NEEDED_WIDTH = 132
PAGE = ROOT / "docs" / "performance.md"


def main(
    *,
    quick: Annotated[bool, typer.Option(help="Only see that all runs; write nothing.")] = False,
    peers: Annotated[bool, typer.Option(help="Install peers in a temporary folder, too.")] = False,
    only: Annotated[str | None, typer.Option(help="One benchmark; write nothing.")] = None,
) -> None:
    """Measure what the layer costs, beside its peers, and write docs/performance.md."""
    # A table that is cut says nothing; a line that is too long can still be read.
    console = Console(width=max(Console().width, NEEDED_WIDTH), highlight=False)
    began, load_before = time.monotonic(), load()
    chosen = [one for one in BENCHMARKS if only in {None, one.name}]
    if not chosen:
        names = ", ".join(one.name for one in BENCHMARKS)
        raise typer.BadParameter(f"there are {names}", param_hint="--only")
    tables = []
    with with_peers(is_quick=quick) if peers else nullcontext(Asked(quick)) as asked:
        for benchmark in chosen:
            tables.append(benchmark.run(asked))
            show(tables[-1], console)
    machine = described(load_before)
    console.print(f"{machine} {time.monotonic() - began:.0f} seconds.")
    if not (quick or only):
        PAGE.write_text(placed(PAGE.read_text(), as_markdown(tables, machine)))


if __name__ == "__main__":
    typer.run(main)

"""Tables, as a terminal shows them and as docs/performance.md holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich.table
from rich import box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from benchmarks.table import Table

BEGIN = "<!-- made by `make bench` from here -->"
END = "<!-- to here -->"


class MarkerMissingError(ValueError):
    """The page does not say where the tables go."""

    def __init__(self) -> None:
        super().__init__(f"the page lacks {BEGIN} or {END}")


def show(table: Table, console: Console) -> None:
    """Print a table."""
    shown = rich.table.Table(box=box.SIMPLE_HEAD)
    shown.add_column(overflow="fold")
    for column in table.columns:
        shown.add_column(column, justify="right", no_wrap=True)
    for row in table.rows:
        shown.add_row(row.name, *row.cells)
    console.print(f"[bold]{table.title}[/bold]", table.note, shown, sep="\n")


def as_markdown(tables: Sequence[Table], machine: str) -> str:
    """Write what stands between the markers."""
    return "\n\n".join([machine, *map(_section, tables)])


def placed(page: str, made: str) -> str:
    """Put the tables between the markers; what stands around them stays."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise MarkerMissingError
    return f"{before}{BEGIN}\n\n{made}\n\n{END}{after}"


def _section(table: Table) -> str:
    head = _line(("", *table.columns))
    rule = _line(("---", *("---:" for _ in table.columns)))
    rows = [_line((row.name, *row.cells)) for row in table.rows]
    return "\n".join([f"## {table.title}", "", table.note, "", head, rule, *rows])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

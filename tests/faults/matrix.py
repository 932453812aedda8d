"""The accounts of all scenarios as a table, printed after each run and written to docs/delivery.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = Path(__file__).parents[2] / "docs" / "delivery.md"
MARK = "<!-- made by `make delivery-table` from here -->"
HEAD = [
    "| scenario | captured | arrived | told lost | arrived twice | stock sentry-sdk: arrived | told lost |",
    "| --- | ---: | ---: | --- | ---: | ---: | ---: |",
]
NONE = "\N{EN DASH}"
_TOLD = re.compile(
    r"(?P<name>.*): (?P<captured>\d+) captured, (?P<arrived>\d+) arrived, "
    r"(?P<reported>\d+) reported lost (?P<why>\{.*\})?, -?\d+ missing, (?P<twice>\d+) twice.*"
)


@dataclass
class Row:
    """What became of the events of one scenario, and of the SDK's own where it was run."""

    captured: str
    arrived: str
    lost: str
    twice: str
    stock: tuple[str, str] = (NONE, NONE)


def rows_of(properties: Iterable[tuple[str, object]]) -> dict[str, Row]:
    """Read what the tests recorded."""
    rows: dict[str, Row] = {}
    stock: dict[str, tuple[str, str]] = {}
    for kind, told in properties:
        found = _TOLD.fullmatch(str(told)) if kind in ("accounts", "stock") else None
        if found is None:
            continue
        if kind == "stock":
            stock[found["name"]] = (found["arrived"], found["reported"])
        else:
            why = re.sub(r"[{}']", "", found["why"] or "")
            lost = f"{found['reported']} ({why})" if why else found["reported"]
            rows[found["name"]] = Row(found["captured"], found["arrived"], lost, found["twice"])
    for name, accounts in stock.items():
        if name in rows:
            rows[name].stock = accounts
    return rows


def lines_of(rows: dict[str, Row]) -> list[str]:
    """Lay the table out."""
    return [
        *HEAD,
        *(
            f"| {name} | {row.captured} | {row.arrived} | {row.lost} | {row.twice} "
            f"| {row.stock[0]} | {row.stock[1]} |"
            for name, row in rows.items()
        ),
    ]


def write(rows: dict[str, Row]) -> None:
    """Write the table to the page, below what a person wrote."""
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(head + "\n".join((MARK, "", *lines_of(rows))) + "\n", encoding="utf-8")

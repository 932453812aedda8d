"""docs/coverage.md: each kind of work, done over the real client, and what arrived of it.

`make coverage-table` writes the page anew from what the tests see.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.coverage.rows import ROWS, Row
from tests.fakes.sent import trace_of

if TYPE_CHECKING:
    from tests.fakes.sent import Sent

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
HEAD = (
    "| work | op | transaction or span | error once | right user | own trace |",
    "| --- | --- | --- | --- | --- | --- |",
)
YES, NO, NONE = "yes", "no", "-"


@dataclass(frozen=True)
class Found:
    """What arrived of one kind of work."""

    row: Row
    units: list[Any]
    events: list[Any]
    user: str | None

    @property
    def unit(self) -> Any:
        """Its transaction, the latest, if there are as many as it was done."""
        kind = (self.row.op, self.row.name)
        mine = [one for one in self.units if _kind_of(one) == kind]
        return mine[-1] if len(mine) == self.row.times else None

    @property
    def line(self) -> str:
        """Write its line of the page."""
        span = f", `{self.row.span}`" if self.row.span else ""
        op = f"`{self.row.op}`{span}" if self.row.op else NONE
        cells = (self.row.work.strip(), op, *self.answers)
        return f"| {' | '.join(cells)} |"

    @property
    def answers(self) -> tuple[str, str, str, str]:
        """Say of each column whether it holds."""
        return self._is_seen(), self._is_told_once(), self._is_whose(), self._is_apart()

    def _is_seen(self) -> str:
        if not self.row.op:
            return NONE
        if self.unit is None:
            return NO
        return _word(
            self.row.span is None or self.row.span in [span["op"] for span in self.unit["spans"]]
        )

    def _is_told_once(self) -> str:
        if not self.row.fails:
            return NO if self.events else NONE
        return _word(len(self.events) == 1)

    def _is_whose(self) -> str:
        if not self.row.op and not self.row.fails:
            return NONE
        told = [*self.events, *([self.unit] if self.unit else [])]
        wanted = None if self.user is None else {"id": self.user}
        return _word(bool(told) and all(one.get("user") == wanted for one in told))

    def _is_apart(self) -> str:
        if not self.row.op:
            return NONE
        traces = [trace_of(one) for one in self.units]
        return _word(
            self.unit is not None
            and traces.count(trace_of(self.unit)) == 1
            and all(trace_of(one) == trace_of(self.unit) for one in self.events)
        )


def _kind_of(unit: Any) -> tuple[str, str]:
    return unit["contexts"]["trace"]["op"], unit["transaction"]


def _word(holds: bool) -> str:  # noqa: FBT001  # a function of one truth
    return YES if holds else NO


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.work.replace(" ", "-"))
async def test_row(
    row: Row, sent: Sent, monkeypatch: pytest.MonkeyPatch, lines: list[str] | None
) -> None:
    """A kind of work has a transaction and is told once, with its own user and trace."""
    user = await row.act(sent, monkeypatch)
    found = Found(row, sent.transactions, sent.events, user)
    assert NO not in found.answers, found.line
    if lines is None:
        assert found.line in PAGE.read_text(encoding="utf-8").splitlines()
    else:
        lines.append(found.line)


def test_no_other_rows() -> None:
    """The page has no line that no test has seen."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line.startswith("| ")]) == len(HEAD) + len(ROWS)

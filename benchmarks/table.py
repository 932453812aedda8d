"""What a benchmark is asked, and what it answers. Standard library only: peers have their own venv."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NONE = "\N{EN DASH}"
"""A cell that has nothing to say."""
TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, slots=True)
class Asked:
    """How thorough a run is."""

    is_quick: bool = False
    """Look at whether everything runs; the figures mean nothing."""
    peers: str | None = None
    """The Python of a venv that has the peers, None where there is none."""
    no_peers_because: str = "not asked for (`--peers`)"


@dataclass(frozen=True, slots=True)
class Row:
    """One variant and its figures."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What one benchmark found."""

    title: str
    note: str
    columns: tuple[str, ...]
    """Of the cells; the column of names has none."""
    rows: Sequence[Row] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A row of the registry."""

    name: str
    run: Callable[[Asked], Table]


def judged(value: float, limit: float, unit: str = "") -> tuple[str, str]:
    """Write a target and whether a figure meets it, as two cells."""
    return f"≤ {limit:g}{unit}", "yes" if value <= limit else "no"


NOT_JUDGED = (NONE, NONE)


def ratio(value: float, other: float) -> float:
    """Divide; against nothing, everything is endless."""
    return value / other if other > 0 else math.inf


def times(value: float) -> str:
    """Write a ratio."""
    return f"{value:.2f}{TIMES}" if math.isfinite(value) else NONE


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Write the middle half of some figures."""
    if len(values) < 2:  # noqa: PLR2004  # one figure has no middle half
        return NONE
    low, _, high = quantiles(values, n=4, method="inclusive")
    return f"{low:.{digits}f} to {high:.{digits}f}"


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest value that is not below this share of all."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]

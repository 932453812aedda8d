"""How releases do, and what was lost on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


@dataclass(frozen=True, slots=True)
class Release:
    """Sessions of one version of the bot."""

    name: str
    sessions: int
    errored: int
    crashed: int
    started: float
    """When its last session began."""

    @property
    def crash_free(self) -> float | None:
        """Share of the sessions that did not crash."""
        return 1 - self.crashed / self.sessions if self.sessions else None


@dataclass(frozen=True, slots=True)
class Loss:
    """What never arrived, or was not kept."""

    origin: str
    category: str
    reason: str
    quantity: int


def releases(connection: sqlite3.Connection, since: float, limit: int = 6) -> list[Release]:
    """List releases, the latest first."""
    rows = connection.execute(
        "SELECT release, sum(max(exited + errored + crashed + abnormal, 1)), sum(errored), "
        "sum(crashed + abnormal), max(started) FROM sessions "
        "WHERE started >= ? GROUP BY release ORDER BY max(started) DESC LIMIT ?",
        (since, limit),
    )
    return [Release(*row) for row in rows]


def losses(connection: sqlite3.Connection, since: float, limit: int = 10) -> list[Loss]:
    """List what was lost, the most first."""
    rows = connection.execute(
        "SELECT origin, category, reason, sum(quantity) FROM discards WHERE hour >= ? "
        "GROUP BY origin, category, reason ORDER BY 4 DESC LIMIT ?",
        (int(since // 3600), limit),
    )
    return [Loss(*row) for row in rows]

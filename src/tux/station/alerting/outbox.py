"""What waits to be told: rows of a table, tried again until somebody has them.

At least once: a row is written in the commit of the change that it tells of, and done only after
its receiver said so. A station that is killed between tells it again, with the same id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.station.alerting.notices import Notice

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from tux.station.alerting.errors import NotToldError
    from tux.station.alerting.notifiers import Target

WAITS: Final = (5.0, 15.0, 60.0, 300.0, 900.0)
"""Seconds after each attempt that failed; the last one from then on."""
GIVE_UP_SECONDS: Final = 86_400.0
"""Who could not be told for a day is told no more: it is no news by then."""
AT_ONCE: Final = 100

_ADD: Final = """
INSERT INTO alert_outbox (notice_id, team, notifier, notice, created, due) VALUES (?, ?, ?, ?, ?, ?)
"""
_DUE: Final = """
SELECT id, team, notifier, notice, created, attempts FROM alert_outbox
WHERE done IS NULL AND due <= ? ORDER BY due, id LIMIT ?
"""
_HEALTH: Final = """
SELECT team, notifier,
    sum(outcome IS 'delivered'), sum(done IS NULL), sum(outcome IS 'given up'),
    max(iif(outcome = 'delivered', done, NULL)),
    (SELECT fault FROM alert_outbox AS l WHERE l.team = o.team AND l.notifier = o.notifier
        ORDER BY id DESC LIMIT 1),
    min(iif(done IS NULL AND attempts > 0, due, NULL))
FROM alert_outbox AS o GROUP BY team, notifier
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that is due."""

    id: int
    team: str
    notifier: str
    notice: Notice
    created: float
    attempts: int


@dataclass(frozen=True, slots=True)
class Health:
    """How it goes with one way to one team."""

    delivered: int = 0
    waiting: int = 0
    given_up: int = 0
    last: float | None = None
    """When something was last delivered."""
    fault: str | None = None
    """Why the last one was not; None where it was."""
    next: float | None = None
    """When what failed is tried again."""

    @property
    def status(self) -> str:
        """Say it in a word."""
        if self.fault is not None:
            return "error"
        return "ok" if self.delivered else "unknown"


def put(connection: sqlite3.Connection, notice: Notice, targets: Iterable[Target]) -> None:
    """Let a notice wait for each way to its team."""
    text = notice.to_json()
    connection.executemany(
        _ADD,
        [
            (notice.id, one.team, one.kind, text, notice.at, notice.at)
            for one in targets
            if one.team == notice.team
        ],
    )


def due(connection: sqlite3.Connection, now: float) -> list[Waiting]:
    """List what is to be told now."""
    return [
        Waiting(number, team, kind, Notice.from_json(text), created, attempts)
        for number, team, kind, text, created, attempts in connection.execute(_DUE, (now, AT_ONCE))
    ]


def settle(connection: sqlite3.Connection, number: int, now: float) -> None:
    """Note that somebody has it."""
    connection.execute(
        "UPDATE alert_outbox SET done = ?, outcome = 'delivered', fault = NULL, "
        "attempts = attempts + 1 WHERE id = ?",
        (now, number),
    )


def put_off(connection: sqlite3.Connection, row: Waiting, fault: NotToldError, now: float) -> None:
    """Note that it failed, and when it is tried again; after a day it is not."""
    again = now + max(fault.retry_after or 0.0, WAITS[min(row.attempts, len(WAITS) - 1)])
    is_over = again - row.created > GIVE_UP_SECONDS
    connection.execute(
        "UPDATE alert_outbox SET attempts = attempts + 1, fault = ?, due = ?, done = ?, "
        "outcome = ? WHERE id = ?",
        (fault.reason, again, now if is_over else None, "given up" if is_over else None, row.id),
    )


def health(connection: sqlite3.Connection) -> dict[tuple[str, str], Health]:
    """Say of each way to each team how it goes."""
    return {(row[0], row[1]): Health(*row[2:]) for row in connection.execute(_HEALTH)}

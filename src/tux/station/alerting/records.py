"""What the file knows of alerts: states, firings, samples. For the writer's thread and for pages."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from tux.watch.engine import Change, Kind, State, Status

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from tux.watch.definitions import AlertRule

_STATE: Final = """
INSERT INTO alert_states (rule, state) VALUES (?, ?)
ON CONFLICT (rule) DO UPDATE SET state = excluded.state
"""
_SAMPLE: Final = """
INSERT INTO alert_samples (rule, minute, value) VALUES (?, ?, ?)
ON CONFLICT (rule, minute) DO UPDATE SET value = max(value, excluded.value)
"""
_FIRING: Final = """
INSERT INTO alert_firings (rule, title, team, unit, threshold, began, peak, told)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_OPEN: Final = "WHERE rule = ? AND ended IS NULL"


@dataclass(frozen=True, slots=True)
class Firing:
    """One time that a rule fired."""

    rule: str
    title: str
    team: str
    unit: Any
    threshold: float
    began: float
    acknowledged: float | None
    ended: float | None
    peak: float
    told: float | None

    @property
    def status(self) -> str:
        """How it is now."""
        if self.ended is not None:
            return Status.RESOLVED
        return Status.FIRING if self.acknowledged is None else Status.ACKNOWLEDGED


def states(connection: sqlite3.Connection) -> dict[str, State]:
    """Read what every rule knows of the past."""
    rows = connection.execute("SELECT rule, state FROM alert_states")
    return {row[0]: _state(json.loads(row[1])) for row in rows}


def keep_state(connection: sqlite3.Connection, name: str, state: State) -> None:
    """Write what a rule knows, and the value that it saw."""
    connection.execute(_STATE, (name, json.dumps(asdict(state))))
    if state.value is not None:
        connection.execute(_SAMPLE, (name, int(state.seen // 60), state.value))
    if state.status.is_on:
        connection.execute(f"UPDATE alert_firings SET peak = ? {_OPEN}", (state.peak, name))  # noqa: S608  # a constant


def keep_change(connection: sqlite3.Connection, name: str, rule: AlertRule, change: Change) -> None:
    """Write what happened into the history of firings."""
    _KEEPERS[change.kind](connection, name, rule, change)


def forget(connection: sqlite3.Connection, name: str, now: float) -> None:
    """End what a rule left that is no longer defined."""
    connection.execute("DELETE FROM alert_states WHERE rule = ?", (name,))
    connection.execute(f"UPDATE alert_firings SET ended = ? {_OPEN}", (now, name))  # noqa: S608  # a constant


def firings(connection: sqlite3.Connection, limit: int = 50) -> list[Firing]:
    """List firings, the newest first."""
    columns = ", ".join(Firing.__dataclass_fields__)
    rows = connection.execute(
        f"SELECT {columns} FROM alert_firings ORDER BY began DESC, id DESC LIMIT ?",  # noqa: S608  # names of fields
        (limit,),
    )
    return [Firing(*row) for row in rows]


def samples(
    connection: sqlite3.Connection, name: str, since: float, until: float, bar: int
) -> list[tuple[float, float | None]]:
    """Give the highest value of each ``bar`` minutes; None where nobody looked."""
    rows = connection.execute(
        "SELECT minute / :bar, max(value) FROM alert_samples "
        "WHERE rule = :rule AND minute >= :since AND minute <= :until GROUP BY 1",
        {"rule": name, "bar": bar, "since": since // 60, "until": until // 60},
    )
    found = {row[0]: row[1] for row in rows}
    first, last = int(since // 60 // bar), int(until // 60 // bar)
    return [(place * bar * 60.0, found.get(place)) for place in range(first, last + 1)]


def _state(fields: dict[str, Any]) -> State:
    # Of another version, it may know more or less than this one.
    known = {name: value for name, value in fields.items() if name in State.__dataclass_fields__}
    return State(**{**known, "status": Status(known.get("status", Status.OK))})


def _open(connection: sqlite3.Connection, name: str, rule: AlertRule, change: Change) -> None:
    told = change.at if change.is_told else None
    facts = (name, rule.title, rule.team, rule.unit, rule.threshold, change.at, change.value, told)
    connection.execute(_FIRING, facts)


def _acknowledge(
    connection: sqlite3.Connection, name: str, _rule: AlertRule, change: Change
) -> None:
    connection.execute(f"UPDATE alert_firings SET acknowledged = ? {_OPEN}", (change.at, name))  # noqa: S608  # a constant


def _tell(connection: sqlite3.Connection, name: str, _rule: AlertRule, change: Change) -> None:
    connection.execute(f"UPDATE alert_firings SET told = ? {_OPEN}", (change.at, name))  # noqa: S608  # a constant


def _close(connection: sqlite3.Connection, name: str, _rule: AlertRule, change: Change) -> None:
    connection.execute(f"UPDATE alert_firings SET ended = ? {_OPEN}", (change.at, name))  # noqa: S608  # a constant


_KEEPERS: Final[dict[Kind, Callable[[sqlite3.Connection, str, AlertRule, Change], None]]] = {
    Kind.FIRED: _open,
    Kind.ACKNOWLEDGED: _acknowledge,
    Kind.TOLD: _tell,
    Kind.RESOLVED: _close,
}

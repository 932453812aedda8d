"""Transactions, traces, logs and monitors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import sqlite3

LISTED: Final = 100
MOST_SPANS: Final = 1000
RECENT: Final = 30
"""Check-ins of a monitor that are shown."""
ORDERS: Final = {
    "newest": "start DESC",
    "slowest": "duration DESC",
    "failed": "status IN ('ok', 'unknown'), start DESC",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A transaction or a span of a trace, placed on its time axis."""

    name: str
    op: str
    status: str
    start: float
    duration: float
    span_id: str
    parent_span_id: str | None
    is_root: bool
    depth: int = 0
    left: float = 0.0
    """Where it begins, of 1000."""
    width: float = 0.0
    errors: tuple[str, ...] = ()
    """Ids of events that happened in it."""


@dataclass(frozen=True, slots=True)
class Monitor:
    """A job that is checked in."""

    slug: str
    status: str
    updated: float
    duration: float | None
    runs: tuple[tuple[float, str, float | None], ...]
    """Start, status and seconds of the latest, newest first."""
    schedule: str


def listed(
    connection: sqlite3.Connection, *, since: float, name: str | None, order: str
) -> list[dict[str, Any]]:
    """List transactions."""
    condition, parameters = ("AND name = ?", (since, name)) if name else ("", (since,))
    return [
        dict(row)
        for row in connection.execute(
            "SELECT event_id, name, op, status, start, duration, trace_id, user_id, release "  # noqa: S608  # constants
            f"FROM transactions WHERE start >= ? {condition} "
            f"ORDER BY {ORDERS.get(order, ORDERS['newest'])} LIMIT {LISTED}",
            parameters,
        )
    ]


def trace(
    connection: sqlite3.Connection, trace_id: str, events: list[dict[str, Any]]
) -> list[Step]:
    """Lay the steps of a trace out as a waterfall."""
    rows = connection.execute(  # a constant is all that is put in
        "SELECT name, op, status, start, duration, span_id, parent_span_id, 1 FROM transactions "  # noqa: S608  # see above
        "WHERE trace_id = ?1 UNION ALL "
        "SELECT description, op, status, start, duration, span_id, parent_span_id, 0 FROM spans "
        f"WHERE trace_id = ?1 AND txn IS NOT NULL ORDER BY 4 LIMIT {MOST_SPANS}",  # a constant
        (trace_id,),
    ).fetchall()
    steps = [Step(*(*row[:7], bool(row[7]))) for row in rows]
    return lay_out(steps, events)


def lay_out(steps: list[Step], events: list[dict[str, Any]]) -> list[Step]:
    """Order steps as a tree and give each its place on the axis. Pure."""
    if not steps:
        return []
    begin = min(step.start for step in steps)
    end = max(step.start + step.duration / 1000 for step in steps)
    scale = 1000 / ((end - begin) or 1)
    hit: dict[str, list[str]] = {}
    for event in events:
        hit.setdefault(str(event["span_id"]), []).append(str(event["event_id"]))
    known = {step.span_id for step in steps}
    children: dict[str | None, list[Step]] = {}
    for step in steps:
        parent = step.parent_span_id
        top = parent not in known or parent == step.span_id
        children.setdefault(None if top else parent, []).append(step)
    ordered: list[Step] = []
    waiting = [(step, 0) for step in reversed(children.pop(None, []))]
    while waiting:
        step, depth = waiting.pop()
        left = (step.start - begin) * scale
        ordered.append(
            Step(
                *(step.name, step.op, step.status, step.start, step.duration, step.span_id),
                step.parent_span_id,
                step.is_root,
                min(depth, 12),
                left,
                max(2.0, min(step.duration / 1000 * scale, 1000 - left)),
                tuple(hit.get(step.span_id, ())),
            )
        )
        # What is taken out cannot come again: ids of a hostile client may form a circle.
        waiting += [(child, depth + 1) for child in reversed(children.pop(step.span_id, []))]
    return ordered


def logs(connection: sqlite3.Connection, *, level: str | None, query: str) -> list[dict[str, Any]]:
    """List log lines, the newest first."""
    conditions, parameters = ["1"], list[Any]()
    if level:
        conditions.append("level = ?")
        parameters.append(level)
    if query:
        conditions.append("instr(lower(body), ?) > 0")
        parameters.append(query.lower())
    rows = connection.execute(
        "SELECT timestamp, level, body, trace_id, attributes FROM logs "  # noqa: S608  # constants
        f"WHERE {' AND '.join(conditions)} ORDER BY timestamp DESC LIMIT {LISTED * 2}",
        parameters,
    )
    return [{**dict(row), "attributes": json.loads(row["attributes"])} for row in rows]


def monitors(connection: sqlite3.Connection) -> list[Monitor]:
    """List monitored jobs by name."""
    slugs = [
        row[0]
        for row in connection.execute("SELECT DISTINCT monitor_slug FROM check_ins ORDER BY 1")
    ]
    return [_monitor(connection, slug) for slug in slugs]


def _monitor(connection: sqlite3.Connection, slug: str) -> Monitor:
    rows = connection.execute(
        "SELECT started, status, duration, updated, config FROM check_ins WHERE monitor_slug = ? "
        "ORDER BY started DESC LIMIT ?",
        (slug, RECENT),
    ).fetchall()
    latest = rows[0]
    return Monitor(
        slug,
        latest["status"],
        latest["updated"],
        latest["duration"],
        tuple((row["started"], row["status"], row["duration"]) for row in rows),
        _schedule(next((row["config"] for row in rows if row["config"]), None)),
    )


def _schedule(config: str | None) -> str:
    try:
        schedule = json.loads(config or "{}").get("schedule") or {}
        if schedule.get("type") == "interval":
            return f"every {schedule.get('value')} {schedule.get('unit')}"
        return str(schedule.get("value") or "")
    except (ValueError, AttributeError):
        return ""

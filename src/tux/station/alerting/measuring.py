"""A rule → its value now. Rows are read: a window of minutes has few, and must be exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from tux.station.rollups.histogram import LONGEST, exact_percentiles
from tux.station.rollups.outcomes import COMMANDS_SQL, ERRORS_SQL, FAILED_SQL

if TYPE_CHECKING:
    import sqlite3

    from tux.watch.definitions import AlertRule
    from tux.watch.sources import SourceName

LONGEST_RUN: Final = 900.0
"""Seconds. A run counts when it ends, and rows are found by when they began: interactions of Discord
live a quarter of an hour."""

_OF_COMMAND: Final = (
    "EXISTS (SELECT 1 FROM event_tags WHERE event = e.id AND key = 'command' AND value = :command)"
)
_OF_DATABASE: Final = "EXISTS (SELECT 1 FROM event_tags WHERE event = e.id AND key = 'error.kind' AND value = 'database')"
_EVENTS: Final = f"""
FROM events AS e WHERE timestamp > :since AND {ERRORS_SQL} AND {{}}
    AND (:environment = '' OR environment = :environment)
    AND (:command = '' OR {_OF_COMMAND})
"""  # constants
_ENDED: Final = "{0}.start > :since - 900 AND {0}.start + {0}.duration / 1000 > :since"
_OF_RUN: Final = (
    "(:environment = '' OR t.environment = :environment) AND (:command = '' OR t.name = :command)"
)
_RUNS: Final = f"""
SELECT t.duration, t.status, t.user_id, t.name, t.trace_id, NULL AS error
FROM transactions AS t INDEXED BY transactions_time
WHERE {_ENDED.format("t")} AND {{}} AND {_OF_RUN}
"""  # noqa: S608  # constants
# The second condition is the one of the index.
_SPANS: Final = f"""
SELECT s.duration, s.status, t.user_id, s.description AS name, s.trace_id, NULL AS error
FROM spans AS s INDEXED BY spans_shown LEFT JOIN transactions AS t ON t.id = s.txn
WHERE {_ENDED.format("s")} AND (s.op >= 'db' AND s.op < 'dc' OR s.op = 'http.client') AND {{}}
    AND {_OF_RUN}
"""  # noqa: S608  # constants

# A bot that measures its commands tells of each run; transactions are a sample, with waits for people
# in them, and stand in for commands of which nothing else is known. One measured run says that the bot
# measures: they come seconds later, and of the few of a window transactions often know one more.
_OWN: Final = """
SELECT duration, status, NULL AS user_id, command AS name, trace_id, error FROM command_runs
WHERE timestamp > :since AND (:environment = '' OR environment = :environment)
    AND (:command = '' OR command = :command)
"""
_OWN_RUNS: Final = f"""
{_OWN} UNION ALL SELECT * FROM ({{}}) WHERE name NOT IN (SELECT name FROM ({_OWN}))
"""  # noqa: S608  # constants
_OUTCOMES: Final = f"SELECT min(duration, {LONGEST}), {FAILED_SQL}, user_id FROM ({{}})"  # noqa: S608  # constants
_BEHIND: Final = f"""
SELECT count(*) OVER (), name, trace_id, error FROM ({{}})
ORDER BY :is_of_failures AND {FAILED_SQL} DESC, duration DESC LIMIT 1
"""  # noqa: S608  # constants

_EVENTS_OF: Final[dict[SourceName, str]] = {"errors": "1", "database_errors": _OF_DATABASE}
_RUNS_OF: Final[dict[SourceName, tuple[str, ...]]] = {
    "commands": (_RUNS.format(COMMANDS_SQL.replace("op ", "t.op ")),),
    "operations": (_RUNS.format("1"), _SPANS.format("1")),
    "queries": (_SPANS.format("s.op >= 'db' AND s.op < 'dc'"),),
    "calls": (_SPANS.format("s.op = 'http.client'"),),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a team is shown beside a value."""

    count: int = 0
    users: int = 0
    title: str = ""
    """The issue with most of the errors, the slowest run, or of a failure rate one that failed."""
    path: str = ""
    """Its page."""


def measure(connection: sqlite3.Connection, rule: AlertRule, now: float) -> float | None:
    """Give the value of a rule; None where there is nothing to measure."""
    facts = _facts(rule, now)
    if (condition := _EVENTS_OF.get(rule.source)) is not None:
        asked = f"SELECT count(*), count(DISTINCT user_id) {_EVENTS.format(condition)}"
        count, users = connection.execute(asked, facts).fetchone()
        return _counted(rule, count, users)
    rows = connection.execute(_OUTCOMES.format(_runs(rule)), facts).fetchall()
    if rule.aggregate in {"count", "users", "per_minute", "per_hour"}:
        return _counted(rule, len(rows), len({row[2] for row in rows} - {None}))
    return _measured(rule, rows) if rows else None


def evidence(connection: sqlite3.Connection, rule: AlertRule, now: float) -> Evidence:
    """Find what lies behind a value."""
    facts = _facts(rule, now)
    if (condition := _EVENTS_OF.get(rule.source)) is not None:
        return _of_events(connection, _EVENTS.format(condition), facts)
    is_of_failures = rule.aggregate == "failure_rate"
    asked = {**facts, "is_of_failures": is_of_failures}
    worst = connection.execute(_BEHIND.format(_runs(rule)), asked).fetchone()
    if worst is None:
        return Evidence()
    count, name, trace_id, error = worst
    # Only samples know of whom they are.
    (users,) = connection.execute(
        f"SELECT count(DISTINCT user_id) FROM ({_sampled(rule)})",  # noqa: S608  # constants
        facts,
    ).fetchone()
    title = f"{name}: {error}" if is_of_failures and error else name
    kept = connection.execute("SELECT 1 FROM transactions WHERE trace_id = ?", (trace_id,))
    if kept.fetchone():
        return Evidence(count, users, title, f"/traces/{trace_id}/")
    return Evidence(count, users, title, f"/transactions/?{urlencode({'name': name})}")


def _of_events(connection: sqlite3.Connection, source: str, facts: dict[str, Any]) -> Evidence:
    count, users = connection.execute(
        f"SELECT count(*), count(DISTINCT user_id) {source}", facts
    ).fetchone()
    worst = connection.execute(
        f"SELECT issue_id, (SELECT title FROM issues WHERE id = issue_id) {source} "  # noqa: S608  # constants
        "GROUP BY issue_id ORDER BY count(*) DESC, issue_id LIMIT 1",
        facts,
    ).fetchone()
    if worst is None:
        return Evidence(count, users)
    return Evidence(count, users, worst[1], f"/issues/{worst[0]}/")


def spark(connection: sqlite3.Connection, name: str, now: float, minutes: int = 30) -> list[float]:
    """Give the values of the last minutes, 0 where there was none."""
    last = int(now // 60)
    found = dict(
        tuple(row)
        for row in connection.execute(
            "SELECT minute, value FROM alert_samples WHERE rule = ? AND minute > ?",
            (name, last - minutes),
        )
    )
    return [found.get(minute, 0.0) for minute in range(last - minutes + 1, last + 1)]


def _facts(rule: AlertRule, now: float) -> dict[str, Any]:
    return {
        "since": now - rule.window_seconds,
        "command": rule.command,
        "environment": rule.environment,
    }


def _runs(rule: AlertRule) -> str:
    sampled = _sampled(rule)
    is_measured = rule.source == "commands" and rule.aggregate != "users"
    return _OWN_RUNS.format(sampled) if is_measured else sampled


def _sampled(rule: AlertRule) -> str:
    return " UNION ALL ".join(_RUNS_OF[rule.source])


def _counted(rule: AlertRule, count: int, users: int) -> float:
    per = rule.window_seconds
    found = {"users": float(users), "per_minute": 60 * count / per, "per_hour": 3600 * count / per}
    return found.get(rule.aggregate, float(count))


def _measured(rule: AlertRule, rows: list[Any]) -> float:
    durations: list[float] = sorted(row[0] for row in rows)
    p50, p95, p99 = exact_percentiles(durations)
    found: dict[str, float] = {
        "failure_rate": sum(row[1] for row in rows) / len(rows),
        "mean": sum(durations) / len(rows),
        "max": durations[-1],
        "p50": p50,
        "p95": p95,
        "p99": p99,
    }
    return found[rule.aggregate]

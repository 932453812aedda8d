"""Pages about how long things take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tux.station.pages import plots
from tux.station.pages.ordering import GROUPS, by, ordered
from tux.station.pages.rendering import Asked, View
from tux.station.queries import figures, groups, steps, traces
from tux.station.queries.measured import sampling
from tux.station.rollups.areas import DATABASE, DISCORD, EXTERNAL

if TYPE_CHECKING:
    import sqlite3

    from tux.station.queries.groups import Group

LISTED: Final = 100
BY_TOTAL: Final = ("total", "count", "failure_rate", "p50", "p95", "p99", "name")


def transactions(connection: sqlite3.Connection, asked: Asked) -> View:
    """List runs of everything, or show those of one name."""
    name = asked.word("name")
    found = groups.transactions(connection, asked.range, asked.now, name=name or None, limit=LISTED)
    facts = {"name": name, **_runs(connection, asked, name)}
    facts["known"] = sampling(connection, asked.range, asked.now, name or None)
    if name:
        facts |= _named(connection, asked, name, found)
    else:
        order = by(asked, GROUPS)
        facts |= {"groups": ordered(found, order), "by": order}
    return View("transaction.html" if name else "transactions.html", facts)


def queries(connection: sqlite3.Connection, asked: Asked) -> View:
    """List database queries."""
    found = groups.database_queries(connection, asked.range, asked.now, LISTED)
    facts = _table(connection, asked, found)
    facts["chart"] = plots.area(connection, asked, DATABASE)
    return View("queries.html", facts)


def hosts(connection: sqlite3.Connection, asked: Asked) -> View:
    """List who is called over HTTP, and with which requests."""
    host = asked.word("host")
    calls = groups.calls(connection, asked.range, asked.now, LISTED, host)
    found = calls if host else groups.hosts(connection, asked.range, asked.now)
    facts = _table(connection, asked, found)
    facts |= {"host": host, "calls": calls}
    if not host:
        facts["charts_of_areas"] = [
            (title, plots.area(connection, asked, area))
            for title, area in (("External APIs", EXTERNAL), ("Discord", DISCORD))
        ]
    return View("hosts.html", facts)


def operations(connection: sqlite3.Connection, asked: Asked) -> View:
    """List kinds of work and of steps."""
    found = groups.operations(connection, asked.range, asked.now)
    return View("operations.html", _table(connection, asked, found))


def _table(connection: sqlite3.Connection, asked: Asked, found: list[Group]) -> dict[str, object]:
    order = by(asked, BY_TOTAL)
    return {
        "groups": ordered(found, order),
        "by": order,
        "total": sum(group.total for group in found),
        "known": sampling(connection, asked.range, asked.now),
    }


def _runs(connection: sqlite3.Connection, asked: Asked, name: str) -> dict[str, object]:
    window = asked.window
    order = asked.choice("sort", traces.ORDERS)
    since, until = window or (asked.since, None)
    rows = traces.listed(
        connection,
        since=since,
        until=until,
        now=asked.now,
        name=name or None,
        op=asked.word("op"),
        order=order,
    )
    return {"rows": rows, "order": order, "orders": traces.ORDERS, "window": window}


def _named(
    connection: sqlite3.Connection, asked: Asked, name: str, found: list[Group]
) -> dict[str, object]:
    points = figures.durations_over_time(connection, asked.range, asked.now, name)
    shares = steps.shares_over_time(connection, asked.range, asked.now, name)
    href = plots.runs_link(name, "slowest")
    return {
        "group": found[0] if found else None,
        "durations": plots.durations(asked, points, "Duration", href),
        "runs": plots.runs(asked, points, name),
        "failures": plots.failure_rate(asked, points, name),
        "shares": plots.shares(asked, shares, name),
        "parts": plots.parts(steps.whole_shares(shares)),
    }

"""What the first page is made of: one row for each thing that can be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from tux.station.pages import plots
from tux.station.pages.display import count, duration, percent
from tux.station.pages.plots import address
from tux.station.queries import figures, groups
from tux.station.queries.releases import versions
from tux.station.queries.tags import tags
from tux.station.rollups.areas import DATABASE, EXTERNAL

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from tux.station.pages.charts import Chart
    from tux.station.pages.rendering import Asked

LISTED: Final = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list: a name, a bar, a figure."""

    name: str
    value: str
    share: float
    """Of the longest bar."""
    href: str | None = None
    tone: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A card of the first page: a chart or a list."""

    title: str
    href: str
    note: str = ""
    chart: Chart | None = None
    entries: tuple[Entry, ...] = ()
    empty: str = "Nothing in this time"


Source: TypeAlias = "Callable[[sqlite3.Connection, Asked, str], Panel]"


def error_rate(connection: sqlite3.Connection, asked: Asked, _of: str) -> Panel:
    """Show errors over time."""
    return Panel(
        "Error rate",
        address("/errors/", range=asked.range.name),
        f"errors per {_length(asked.range.bucket)}",
        plots.errors(connection, asked),
    )


def command_duration(connection: sqlite3.Connection, asked: Asked, _of: str) -> Panel:
    """Show how long commands take."""
    points = figures.durations_over_time(connection, asked.range, asked.now)
    chart = plots.durations(asked, points, "Command time", plots.runs_link(order="slowest"))
    return Panel("Command time", _link("/transactions/", asked), "mean and percentiles", chart)


def failed_commands(connection: sqlite3.Connection, asked: Asked, _of: str) -> Panel:
    """Show which share of the commands failed."""
    points = figures.durations_over_time(connection, asked.range, asked.now)
    link = address("/transactions/", range=asked.range.name, op="command", sort="failed")
    chart = plots.failure_rate(asked, points)
    return Panel("Failed commands", link, "share of all that ran", chart)


def database_time(connection: sqlite3.Connection, asked: Asked, _of: str) -> Panel:
    """Show how long database queries take."""
    chart = plots.area(connection, asked, DATABASE)
    return Panel("Database query time", _link("/queries/", asked), "per query", chart)


def external_time(connection: sqlite3.Connection, asked: Asked, _of: str) -> Panel:
    """Show how long external APIs take."""
    chart = plots.area(connection, asked, EXTERNAL)
    return Panel("External API response time", _link("/hosts/", asked), "per call", chart)


def users_affected(connection: sqlite3.Connection, asked: Asked, _of: str) -> Panel:
    """Show how many users met an error."""
    chart = plots.users(connection, asked)
    return Panel("User impact", _link("/users/", asked), "users who met an error", chart)


def errors_by_command(connection: sqlite3.Connection, asked: Asked, _of: str) -> Panel:
    """Show which commands have errors."""
    found = figures.errors_by_command(connection, asked.range, asked.now, LISTED)
    most = max((errors for _, errors in found), default=1)
    entries = (
        Entry(
            name,
            count(errors),
            errors / most,
            address("/errors/", command=name, range=asked.range.name),
            "bad",
        )
        for name, errors in found
    )
    return Panel(
        "Errors by command",
        _link("/errors/", asked),
        entries=tuple(entries),
        empty="No command has errors in this time.",
    )


def time_by_operation(connection: sqlite3.Connection, asked: Asked, _of: str) -> Panel:
    """Show how long each kind of work and step takes."""
    found = groups.operations(connection, asked.range, asked.now, LISTED)
    most = max((group.p95 for group in found), default=1) or 1
    entries = (
        Entry(
            group.name,
            duration(group.p95),
            group.p95 / most,
            _link("/operations/", asked),
            note=f"p50 {duration(group.p50)} · {count(group.count)} times",
        )
        for group in found
    )
    return Panel(
        "Performance by operation",
        _link("/operations/", asked),
        "p95",
        entries=tuple(entries),
    )


def release_health(connection: sqlite3.Connection, asked: Asked, _of: str) -> Panel:
    """Show errors and crashes by release."""
    found = versions(connection, asked.range, asked.now)[:LISTED]
    most = max((one.errors for one in found), default=1) or 1
    entries = (
        Entry(
            one.name or "(none)",
            f"{count(one.errors)} errors",
            one.errors / most,
            address("/errors/", release=one.name or "", range=asked.range.name),
            "bad",
            ", ".join(
                filter(
                    None,
                    (
                        f"{percent(one.failure_rate)} failed" if one.runs else "",
                        f"{percent(one.crash_free)} crash free" if one.sessions else "",
                        f"{count(one.new_issues)} new issues" if one.new_issues else "",
                    ),
                )
            ),
        )
        for one in found
    )
    return Panel(
        "Release health",
        _link("/releases/", asked),
        entries=tuple(entries),
        empty="No release is known in this time.",
    )


def by_tag(connection: sqlite3.Connection, asked: Asked, key: str) -> Panel:
    """Show runs by the values of a tag."""
    found = tags(connection, asked.range, asked.now, key)
    values = found[0].values[:LISTED] if found else ()
    most = max((max(one.runs, one.errors) for one in values), default=1) or 1
    link = address("/tags/", key=key, range=asked.range.name)
    entries = (
        Entry(
            one.value,
            count(one.runs) if one.runs else f"{count(one.errors)} errors",
            max(one.runs, one.errors) / most,
            link,
            note=f"{percent(one.failure_rate)} failed" if one.runs else "",
        )
        for one in values
    )
    empty = f"Nothing is tagged with {key} in this time."
    return Panel(TITLES.get(key, key), link, "runs", entries=tuple(entries), empty=empty)


TITLES: Final = {"guild.size": "Server size", "feature": "Feature usage"}


def _link(path: str, asked: Asked) -> str:
    return address(path, range=asked.range.name)


def _length(seconds: float) -> str:
    """Write the length of a bar."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds / size
            return unit if number == 1 else f"{number:.0f} {unit}s"
    return f"{seconds:.0f} seconds"

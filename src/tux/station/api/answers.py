"""What the API gives: one class for each answer, and what fills it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tux.station.alerting import records
from tux.station.alerting.records import Firing
from tux.station.errors import MalformedError
from tux.station.queries import events as event_queries
from tux.station.queries import figures, groups, health, traces
from tux.station.queries import issues as issue_queries
from tux.station.queries import logs as log_queries
from tux.station.queries.events import Activity, Event, Feedback, Hash, Share, Suspect
from tux.station.queries.figures import Figures
from tux.station.queries.groups import Group
from tux.station.queries.health import Loss, Release
from tux.station.queries.issues import Issue
from tux.station.queries.logs import Log
from tux.station.queries.measured import Sampling, sampling
from tux.station.queries.metrics import Metric
from tux.station.queries.metrics import metrics as metrics_of
from tux.station.queries.monitors import Monitor, monitors_of
from tux.station.queries.points import Point
from tux.station.queries.storage import Dropped
from tux.station.queries.storage import dropped as dropped_of
from tux.station.queries.waterfall import Waterfall

if TYPE_CHECKING:
    import sqlite3

    from tux.station.pages.rendering import Asked


@dataclass(frozen=True, slots=True)
class Count:
    """How many of one name."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    """How the bot is."""

    figures: Figures
    sampling: Sampling
    commands: list[Group]
    database: list[Group]
    calls: list[Group]
    errors_by_command: list[Count]
    releases: list[Release]
    losses: list[Loss]


@dataclass(frozen=True, slots=True)
class Issues:
    """One page of a list of issues."""

    issues: list[Issue]
    has_more: bool
    counts: dict[str, int]
    """Issues of each state, of all that there are."""
    remarks: list[str]
    """What may be a mistake in the query, though it was looked for."""


@dataclass(frozen=True, slots=True)
class TagShares:
    """How often a tag has which values."""

    key: str
    values: list[Share]


@dataclass(frozen=True, slots=True)
class EventDetail:
    """An event with its issue."""

    issue: Issue
    event: Event
    feedback: list[Feedback]


@dataclass(frozen=True, slots=True)
class IssueDetail(EventDetail):
    """An issue with its newest event."""

    tags: list[TagShares]
    history: list[Activity]
    hashes: list[Hash]
    """What the issue is made of: kinds of events for the rules of grouping."""
    suspect: Suspect | None
    """The release in which it began."""


@dataclass(frozen=True, slots=True)
class Run:
    """One transaction."""

    event_id: str
    name: str
    op: str
    status: str
    start: float
    duration: float
    """Milliseconds."""
    trace_id: str
    user_id: str | None
    release: str | None


@dataclass(frozen=True, slots=True)
class Transactions:
    """Runs by name, and some one by one."""

    sampling: Sampling
    groups: list[Group]
    runs: list[Run]


@dataclass(frozen=True, slots=True)
class TraceError:
    """An error of a trace."""

    event_id: str
    issue_id: int
    title: str
    level: str
    timestamp: float
    span_id: str | None


@dataclass(frozen=True, slots=True)
class Trace:
    """What happened in one trace."""

    waterfall: Waterfall
    errors: list[TraceError]
    logs: list[Log]


@dataclass(frozen=True, slots=True)
class Logs:
    """Log lines."""

    logs: list[Log]
    older: str
    """Where the list goes on, for ``after``; empty at its end."""


@dataclass(frozen=True, slots=True)
class Monitors:
    """Jobs that check in."""

    monitors: list[Monitor]


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bar of a chart."""

    start: float
    count: int


@dataclass(frozen=True, slots=True)
class Series:
    """Counts over time."""

    buckets: list[Bucket]


@dataclass(frozen=True, slots=True)
class Durations:
    """Durations over time; only buckets in which something ran."""

    points: list[Point]


@dataclass(frozen=True, slots=True)
class DroppedList:
    """What was not kept."""

    dropped: list[Dropped]


@dataclass(frozen=True, slots=True)
class Metrics:
    """What the bot counts and measures by itself."""

    metrics: list[Metric]


@dataclass(frozen=True, slots=True)
class Alerts:
    """What fired, and what fires."""

    firings: list[Firing]


@dataclass(frozen=True, slots=True)
class Changed:
    """An issue after a change."""

    issue: Issue


def overview(connection: sqlite3.Connection, asked: Asked) -> Overview:
    """Read how the bot is."""
    span, now = asked.range, asked.now
    return Overview(
        figures=figures.figures(connection, span, now),
        sampling=sampling(connection, span, now),
        commands=groups.commands(connection, span, now),
        database=groups.database_queries(connection, span, now),
        calls=groups.calls(connection, span, now),
        errors_by_command=[
            Count(*pair) for pair in figures.errors_by_command(connection, span, now)
        ],
        releases=health.releases(connection, span, now),
        losses=health.losses(connection, asked.since),
    )


def issues(connection: sqlite3.Connection, asked: Asked) -> Issues:
    """Read a list of issues.

    Raises:
        MalformedError: the query cannot be read; says where.
    """
    asking = issue_queries.Asking(
        query=asked.word("query"),
        state=asked.choice("status", issue_queries.CHOICES),
        order=asked.choice("sort", tuple(issue_queries.ORDERS)),
        page=asked.page,
    )
    found = issue_queries.issues(connection, asking, asked.now)
    if found.faults:
        told = (f"characters {one.begin} to {one.end}: {one.text}" for one in found.faults)
        raise MalformedError("the query cannot be read", *told)
    counts = issue_queries.counts(connection)
    return Issues(list(found.issues), found.has_more, counts, [one.text for one in found.remarks])


def issue(connection: sqlite3.Connection, asked: Asked) -> IssueDetail | None:
    """Read one issue; of one that was merged, what it has gone into."""
    number = int(asked.match["issue"])
    number = issue_queries.merged_into(connection, number) or number
    event_id = event_queries.latest_event_id(connection, number)
    found = _event(connection, event_id, asked.now) if event_id else None
    if found is None:
        return None
    shares = event_queries.tag_shares(connection, number)
    return IssueDetail(
        issue=found.issue,
        event=found.event,
        feedback=event_queries.feedback_of_issue(connection, number),
        tags=[TagShares(key, values) for key, values in shares],
        history=event_queries.history(connection, number),
        hashes=event_queries.hashes(connection, number),
        suspect=event_queries.suspect(connection, number),
    )


def event(connection: sqlite3.Connection, asked: Asked) -> EventDetail | None:
    """Read one event."""
    return _event(connection, asked.match["event"], asked.now)


def transactions(connection: sqlite3.Connection, asked: Asked) -> Transactions:
    """Read runs."""
    name, order = asked.word("name") or None, asked.choice("sort", tuple(traces.ORDERS))
    rows = traces.listed(connection, since=asked.since, now=asked.now, name=name, order=order)
    found = groups.transactions(connection, asked.range, asked.now, name=name)
    known = sampling(connection, asked.range, asked.now, name)
    return Transactions(known, found, [Run(**row) for row in rows])


def trace(connection: sqlite3.Connection, asked: Asked) -> Trace | None:
    """Read one trace."""
    trace_id = asked.match["trace"]
    errors = event_queries.events_of_trace(connection, trace_id)
    found = traces.trace(connection, trace_id, errors)
    logs = log_queries.logs_of_trace(connection, trace_id)
    if not (found.steps or errors or logs):
        return None
    return Trace(found, [TraceError(**row) for row in errors], logs)


def logs(connection: sqlite3.Connection, asked: Asked) -> Logs:
    """Read log lines."""
    asking = log_queries.AskingLogs(
        level=asked.choice("level", ("", *log_queries.LEVELS)),
        query=asked.word("query"),
        since=asked.since if asked.word("range") else 0.0,
        after=asked.word("after"),
    )
    found = log_queries.logs(connection, asking)
    return Logs(found, log_queries.older(found, asking))


def monitors(connection: sqlite3.Connection, asked: Asked) -> Monitors:
    """Read jobs that check in."""
    return Monitors(monitors_of(connection, asked.now))


def errors_over_time(connection: sqlite3.Connection, asked: Asked) -> Series:
    """Read a chart of errors."""
    found = figures.errors_over_time(connection, asked.range, asked.now)
    return Series([Bucket(*one) for one in found])


def durations_over_time(connection: sqlite3.Connection, asked: Asked) -> Durations:
    """Read a chart of durations."""
    name = asked.word("name") or None
    found = figures.durations_over_time(connection, asked.range, asked.now, name)
    return Durations([point for point in found if point is not None])


def metrics(connection: sqlite3.Connection, asked: Asked) -> Metrics:
    """Read what the bot counts and measures by itself."""
    return Metrics(metrics_of(connection, asked.range, asked.now))


def alerts(connection: sqlite3.Connection, _asked: Asked) -> Alerts:
    """Read what fired."""
    return Alerts(records.firings(connection))


def dropped(connection: sqlite3.Connection, asked: Asked) -> DroppedList:
    """Read what was not kept."""
    return DroppedList(dropped_of(connection, asked.now))


def change_issue(connection: sqlite3.Connection, asked: Asked) -> Changed | None:
    """Read an issue after it was changed."""
    found = issue_queries.issue(connection, int(asked.match["issue"]), asked.now)
    return Changed(found) if found else None


def _event(connection: sqlite3.Connection, event_id: str, now: float) -> EventDetail | None:
    found = event_queries.event(connection, event_id)
    of = issue_queries.issue(connection, found.issue_id, now) if found else None
    if found is None or of is None:
        return None
    return EventDetail(of, found, event_queries.feedback(connection, found.event_id))

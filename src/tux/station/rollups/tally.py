"""What rows add to the roll-ups, as facts: gathered while they are saved, written at the commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from tux.station.rollups.areas import OWN, area_of, shares_of
from tux.station.rollups.naming import group_of
from tux.station.rollups.outcomes import ERRORS, FAILED, is_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tux.station.wire.rows import CommandRunRow, EventRow, SpanRow, TransactionRow

TRANSACTION: Final = "transaction"
COMMANDS: Final = "commands"
"""All commands together, which have one series: the charts of the first page."""
RAN: Final = "ran"
"""All runs of commands that bots have measured, sampled or not: one series."""
RAN_COMMAND: Final = "ran command"
"""The same of each command."""
RUN: Final = "run"
EVENT: Final = "event"
SESSION: Final = "session"
FAILED_SPAN: Final = "failed "
"""And the kind of the span: `failed db`."""
OP: Final = "op"
"""Work and its steps: the op is the name of the series, its area (see areas.py) the op."""
SHARE: Final = "share"
"""How much of a name's time an area takes: the area is the op of the series."""
TAG: Final = "tag"
"""Runs by tag: the key is the name of the series, the value its op."""
EVENT_TAG: Final = "event tag"
COMMAND_TAG: Final = "command tag"
"""How long commands take, by the tags of `MEASURED`: laid out as `TAG`."""
MEASURED: Final = ("guild.size", "feature", "command.kind")
"""Tags with few values, by which commands have percentiles and users."""
TOLD_APART: Final = frozenset({*MEASURED, "command", "release"})
"""Tags by which the users of errors are counted."""


class Series(NamedTuple):
    """What is counted over time."""

    kind: str
    name: str = ""
    op: str = ""
    state: str = ""
    """Status of a run, level of an event."""
    release: str = ""


_RAN: Final = Series(RAN)


class Run(NamedTuple):
    """Something that took time."""

    series: Series
    start: float
    duration: float
    is_failed: bool


Hit: TypeAlias = tuple[int, str | None, float]
"""Issue, user and time of an event."""


class Ended(NamedTuple):
    """By how much the sessions of a release are more than they were."""

    release: str
    started: float
    sessions: int
    errored: int
    crashed: int


class Added(NamedTuple):
    """What is added up without a histogram."""

    series: Series
    moment: float
    runs: int
    failed: int
    total: float
    """Milliseconds."""


@dataclass(slots=True)
class Tally:
    """What the rows of one job add."""

    runs: list[Run] = field(default_factory=list)
    counts: list[tuple[Series, float]] = field(default_factory=list)
    """What is counted by the minute, and when it happened."""
    users: list[tuple[Series, str, float]] = field(default_factory=list)
    """Who ran what, and when."""
    hits: list[Hit] = field(default_factory=list)
    affected: list[tuple[str, float]] = field(default_factory=list)
    """Who met an error, and when."""
    sessions: list[Ended] = field(default_factory=list)
    tags: list[tuple[int, str, str]] = field(default_factory=list)
    """Issue, key and value of each tag of an event."""
    sums: list[Added] = field(default_factory=list)
    user_hits: list[tuple[str, float]] = field(default_factory=list)
    """Who met an error, each time."""

    def add_transaction(self, row: TransactionRow) -> None:
        """Count a unit of work and its spans."""
        is_failed = row.status in FAILED
        series = Series(TRANSACTION, row.name, row.op)
        self.runs.append(Run(series, row.start, row.duration, is_failed))
        if is_command(row.op):
            self.runs.append(Run(Series(COMMANDS), row.start, row.duration, is_failed))
        counted = Series(RUN, row.name, row.op, row.status, row.release or "")
        self.counts.append((counted, row.start))
        if row.user_id is not None:
            self.users.append((series, row.user_id, row.start))
        self.add_spans(row.spans, row.start, row.release)
        self.add_details(row)

    def add_command_run(self, row: CommandRunRow) -> None:
        """Count a run that the bot has measured, at the time when it ended."""
        is_failed = row.status in FAILED
        for series in (_RAN, Series(RAN_COMMAND, row.command)):
            self.runs.append(Run(series, row.timestamp, row.duration, is_failed))

    def add_details(self, row: TransactionRow) -> None:
        """Count where its time went, and by which tags it can be found."""
        is_failed = row.status in FAILED
        self.runs.append(Run(Series(OP, row.op), row.start, row.duration, is_failed))
        for area, milliseconds in shares_of(row.start, row.duration, row.spans).items():
            self._add_share(row.name, area, row.start, milliseconds)
        state = "command" if is_command(row.op) else ""
        for key, value in tags_with_own(row):
            series = Series(TAG, key, value, state)
            self.sums.append(Added(series, row.start, 1, is_failed, row.duration))
            if state and key in MEASURED:
                measured = Series(COMMAND_TAG, key, value)
                self.runs.append(Run(measured, row.start, row.duration, is_failed))
                if row.user_id is not None:
                    self.users.append((measured, row.user_id, row.start))
        self.add_steps(row.spans, row.start)

    def add_steps(self, spans: Iterable[SpanRow], start: float) -> None:
        """Count spans by their op and their area."""
        for span in spans:
            series = Series(OP, span.op, area_of(span.op, span.description) or "")
            self.runs.append(Run(series, start, span.duration, span.status in FAILED))

    def move_share(self, name: str, start: float, span: SpanRow) -> None:
        """Take the time of a span that came late from the code's own."""
        area = area_of(span.op, span.description)
        if area is not None:
            self._add_share(name, area, start, span.duration)
            self._add_share(name, OWN, start, -span.duration)

    def _add_share(self, name: str, area: str, start: float, milliseconds: float) -> None:
        self.sums.append(Added(Series(SHARE, name, area), start, 1, 0, milliseconds))

    def add_spans(self, spans: Iterable[SpanRow], start: float, release: str | None = None) -> None:
        """Count the spans that pages show in groups, at the time of their transaction."""
        for span in spans:
            group = group_of(span.op, span.description)
            if group is not None:
                is_failed = span.status in FAILED
                self.runs.append(Run(Series(*group), start, span.duration, is_failed))
                if is_failed:
                    kind = FAILED_SPAN + group[0]
                    counted = Series(kind, group[1], "", span.status, release or "")
                    self.counts.append((counted, start))

    def add_event(self, issue: int, row: EventRow) -> None:
        """Count an error or a message, by the command that its tag names."""
        command = dict(row.tags).get("command", "")
        self.add_event_details(row)
        self.hits.append((issue, row.user_id, row.timestamp))
        self.counts.append(
            (Series(EVENT, command, "", row.level, row.release or ""), row.timestamp)
        )
        if row.user_id is not None and row.level in ERRORS:
            self.affected.append((row.user_id, row.timestamp))

    def add_tags(self, issue: int, row: EventRow) -> None:
        """Count what an issue is searched by; an event's own facts are tags, too."""
        facts = {
            **dict(row.tags),
            "level": row.level,
            "release": row.release,
            "environment": row.environment,
            "transaction": row.transaction,
            "error.type": row.error_type,
            "handled": None if row.handled is None else "yes" if row.handled else "no",
        }
        self.tags += ((issue, key, value) for key, value in facts.items() if value is not None)

    def add_event_details(self, row: EventRow) -> None:
        """Count an error by its tags and its user."""
        if row.level in ERRORS:
            if row.user_id is not None:
                self.user_hits.append((row.user_id, row.timestamp))
            for key, value in tags_with_own(row):
                series = Series(EVENT_TAG, key, value)
                self.sums.append(Added(series, row.timestamp, 1, 1, 0.0))
                if key in TOLD_APART and row.user_id is not None:
                    self.users.append((series, row.user_id, row.timestamp))

    def add_session(
        self, release: str, started: float, before: Sequence[int] | None, after: Sequence[int]
    ) -> None:
        """Count by how much the sessions of a row changed: exited, errored, crashed, abnormal."""
        old, new = _sessions(before) if before else (0, 0, 0), _sessions(after)
        change = (now - then for now, then in zip(new, old, strict=True))
        self.sessions.append(Ended(release, started, *change))


def tags_with_own(row: TransactionRow | EventRow) -> Iterator[tuple[str, str]]:
    """Give a row's tags, and what is asked for like one: its release and its environment."""
    yield from row.tags
    for key, value in (("release", row.release), ("environment", row.environment)):
        if value:
            yield key, value


def _sessions(counts: Sequence[int]) -> tuple[int, int, int]:
    """Sum up a row of sessions: one that has not ended is one, too."""
    _, errored, crashed, abnormal = counts
    return max(sum(counts), 1), errored, crashed + abnormal

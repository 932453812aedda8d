"""What the station keeps, as data: one class for each table that items end up in.

Times are Unix seconds, durations are milliseconds, ids are lower-case hex without dashes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable  # noqa: TC003  # an export asks what fields hold
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class EventRow:
    """One error or message."""

    event_id: str
    received: float
    timestamp: float
    level: str
    grouping: str
    title: str
    culprit: str
    transaction: str | None
    trace_id: str | None
    span_id: str | None
    user_id: str | None
    release: str | None
    environment: str | None
    handled: bool | None
    tags: tuple[tuple[str, str], ...]
    payload: bytes
    error_type: str | None = None
    """Class of the exception that was raised last."""
    made_by: str = ""
    """What the grouping was made of, in a word."""
    older: Callable[[], Iterable[str]] = field(default=tuple, compare=False)
    """Gives what older rules of grouping make of the event; asked where the grouping is new."""


@dataclass(frozen=True, slots=True)
class SpanRow:
    """One timed step below a transaction."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    op: str
    description: str
    status: str
    start: float
    duration: float


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """One unit of work and its spans."""

    event_id: str
    received: float
    start: float
    duration: float
    name: str
    op: str
    status: str
    trace_id: str
    span_id: str
    parent_span_id: str | None
    user_id: str | None
    release: str | None
    environment: str | None
    payload: bytes
    spans: tuple[SpanRow, ...]
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OrphanRow:
    """A span that came without its segment, which may have come before it."""

    segment_id: str
    span: SpanRow


@dataclass(frozen=True, slots=True)
class SessionRow:
    """The newest state of one session, or counts of many that began in the same minute."""

    sid: str
    started: float
    updated: float
    release: str
    environment: str
    exited: int = 0
    errored: int = 0
    crashed: int = 0
    abnormal: int = 0
    is_aggregate: bool = False
    """Add to what is there, instead of taking its place."""


@dataclass(frozen=True, slots=True)
class CheckInRow:
    """The newest state of one run of a monitored job."""

    check_in_id: str
    monitor_slug: str
    status: str
    updated: float
    duration: float | None
    config: str | None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One structured log line."""

    timestamp: float
    level: str
    body: str
    trace_id: str | None
    attributes: str


@dataclass(frozen=True, slots=True)
class MetricRow:
    """What one request brings of a thing that a program counts or measures, in one hour."""

    name: str
    kind: str
    unit: str
    hour: int
    """Unix seconds // 3600."""
    count: int
    """Values."""
    total: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class CommandRunRow:
    """One run of a command as the bot itself measured it, whether its transaction was sampled or not."""

    timestamp: float
    command: str
    environment: str | None
    duration: float
    trace_id: str | None
    status: str
    """As that of a transaction: ``unknown`` where nobody told how it ended."""
    error: str | None
    """Class of what it failed with."""


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """What a person said, most often about an event."""

    feedback_id: str
    event_id: str | None
    timestamp: float
    name: str | None
    contact: str | None
    message: str
    user_id: str | None


@dataclass(frozen=True, slots=True)
class DiscardRow:
    """What was lost: a client says so, or the station did not keep it."""

    timestamp: float
    origin: str
    category: str
    reason: str
    quantity: int


@dataclass(frozen=True, slots=True)
class EnvelopeRow:
    """A whole request, as it came."""

    received: float
    event_id: str | None
    kinds: str
    digest: int
    encoding: str
    body: bytes


Row: TypeAlias = (
    EventRow
    | TransactionRow
    | OrphanRow
    | SessionRow
    | CheckInRow
    | LogRow
    | FeedbackRow
    | DiscardRow
    | EnvelopeRow
    | MetricRow
    | CommandRunRow
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request brings: kept all together or not at all."""

    project_id: int
    rows: tuple[Row, ...] = field(default=())

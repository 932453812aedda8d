"""Every address of the API, as data: what it takes, what it gives, and what asks the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tux.station.api import answers, insights
from tux.station.pages.views_storage import StorageViews
from tux.station.queries import issues as issue_queries
from tux.station.queries.logs import LEVELS
from tux.station.queries.ranges import RANGES
from tux.station.queries.storage import Storage
from tux.station.queries.traces import ORDERS
from tux.station.store.states import IGNORED, RESOLVED, UNRESOLVED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from tux.shared.settings import StationSettings
    from tux.station.pages.rendering import Asked

BASE: Final = "/api/v1"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One word after the question mark."""

    name: str
    meaning: str
    choices: tuple[str, ...] = ()
    """What it may be; the first is what it is by default. Empty: any text."""
    is_number: bool = False

    def schema(self) -> dict[str, Any]:
        """Describe it as JSON Schema does."""
        if self.is_number:
            return {"type": "integer", "minimum": 1, "default": 1}
        if self.choices:
            return {"type": "string", "enum": list(self.choices), "default": self.choices[0]}
        return {"type": "string", "maxLength": 200}


@dataclass(frozen=True, slots=True)
class Place:
    """One part of an address that is filled in."""

    pattern: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address that is read."""

    path: str
    summary: str
    ask: Callable[[sqlite3.Connection, Asked], Any]
    """Gives what is there; None where there is no such thing."""
    model: Any
    """Type of what is given, which makes the schema and writes the JSON."""
    parameters: tuple[Parameter, ...] = ()

    @property
    def name(self) -> str:
        """What generated clients call it."""
        return self.ask.__name__

    @property
    def places(self) -> Mapping[str, Place]:
        """The parts of its address that are filled in."""
        return {name: place for name, place in PLACES.items() if f"{{{name}}}" in self.path}

    @property
    def route(self) -> str:
        """Write the address as the router knows it."""
        path = self.path
        for name, place in self.places.items():
            path = path.replace(f"{{{name}}}", f"{{{name}:{place.pattern}}}")
        return BASE + path


PLACES: Final = {
    "issue": Place("[0-9]{1,18}", "Number of the issue."),
    "event": Place("[0-9a-f]{32}", "Id of the event."),
    "trace": Place("[0-9a-f]{32}", "Id of the trace."),
}
RANGE: Final = Parameter(
    "range", "Time that is looked at, until now.", ("24h", *(r for r in RANGES if r != "24h"))
)
PAGE: Final = Parameter("page", "Page of the list, counted from 1.", is_number=True)
QUERY: Final = Parameter("query", "What is looked for.")
NAME: Final = Parameter("name", "Of the transaction; without it, all.")

_READ: Final = (
    Endpoint("/overview", "How the bot is", answers.overview, answers.Overview, (RANGE,)),
    Endpoint(
        "/issues",
        "Issues, the latest first",
        answers.issues,
        answers.Issues,
        (
            Parameter("status", "Their state.", issue_queries.CHOICES),
            Parameter("sort", "Their order.", tuple(issue_queries.ORDERS)),
            Parameter("query", "In Sentry's syntax, as on the page: is:ignored command:ban …"),
            PAGE,
        ),
    ),
    Endpoint(
        "/issues/{issue}", "One issue with its newest event", answers.issue, answers.IssueDetail
    ),
    Endpoint("/events/{event}", "One event, whole", answers.event, answers.EventDetail),
    Endpoint(
        "/transactions",
        "Runs of everything, grouped by name, and some of them one by one",
        answers.transactions,
        answers.Transactions,
        (RANGE, NAME, Parameter("sort", "Order of the single runs.", tuple(ORDERS))),
    ),
    Endpoint("/traces/{trace}", "What happened in one trace", answers.trace, answers.Trace),
    Endpoint(
        "/logs",
        "Log lines, the newest first",
        answers.logs,
        answers.Logs,
        (
            Parameter("level", "Only this one.", ("", *LEVELS)),
            QUERY,
            Parameter("range", "How far back; without it, to the first.", ("", *RANGES)),
            Parameter("after", "What `older` of the answer before this one said."),
        ),
    ),
    Endpoint("/monitors", "Jobs that check in", answers.monitors, answers.Monitors),
    Endpoint(
        "/series/errors", "Errors over time", answers.errors_over_time, answers.Series, (RANGE,)
    ),
    Endpoint(
        "/series/durations",
        "Commands, or runs of one name, over time",
        answers.durations_over_time,
        answers.Durations,
        (RANGE, NAME),
    ),
    Endpoint(
        "/errors", "Issues of the errors of a time", insights.errors, insights.Causes, (RANGE,)
    ),
    Endpoint(
        "/operations", "Kinds of work and steps", insights.operations, insights.Groups, (RANGE,)
    ),
    Endpoint("/queries", "Database queries", insights.queries, insights.Groups, (RANGE,)),
    Endpoint(
        "/hosts",
        "Whom the bot calls over HTTP",
        insights.hosts,
        insights.Hosts,
        (RANGE, Parameter("host", "Only calls of this one.")),
    ),
    Endpoint("/users", "Users who met errors", insights.users, insights.Users, (RANGE,)),
    Endpoint(
        "/user",
        "What one user met and used",
        insights.user,
        insights.User,
        (Parameter("id", "Of the user."),),
    ),
    Endpoint("/releases", "Releases side by side", insights.releases, insights.Releases, (RANGE,)),
    Endpoint(
        "/tags",
        "What the values of tags tell apart",
        insights.tags,
        insights.Tags,
        (RANGE, Parameter("key", "Only this one.")),
    ),
    Endpoint(
        "/metrics", "What the bot counts by itself", answers.metrics, answers.Metrics, (RANGE,)
    ),
    Endpoint("/alerts", "What fires, and what fired", answers.alerts, answers.Alerts),
    Endpoint(
        "/dropped", "What was not kept, and why, by day", answers.dropped, answers.DroppedList
    ),
)
"""Read with GET."""


@dataclass(frozen=True, slots=True)
class Change(Endpoint):
    """One address that is changed with PUT."""

    body: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of what is sent."""


CHANGES: Final = (
    Change(
        "/issues/{issue}",
        "Resolve an issue, ignore it for a time or some events, or open it again",
        answers.change_issue,
        answers.Changed,
        body={
            "type": "object",
            "required": ["status"],
            "properties": {
                "status": {"type": "string", "enum": [RESOLVED, UNRESOLVED, IGNORED]},
                "in_next_release": {"type": "boolean", "default": False},
                "seconds": {"type": "number", "exclusiveMinimum": 0, "maximum": 1e9},
                "events": {"type": "integer", "minimum": 1, "maximum": 10**9},
            },
        },
    ),
)


def endpoints(settings: StationSettings) -> tuple[Endpoint, ...]:
    """List all that is read, of a station with these settings."""
    views = StorageViews(settings)

    def storage(connection: sqlite3.Connection, _asked: Asked) -> Storage:
        return views.found(connection)

    return (*_READ, Endpoint("/storage", "What the station's file holds", storage, Storage))

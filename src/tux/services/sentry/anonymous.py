"""An event of somebody who has opted out → what tells of the failure and of nobody.

What is kept is listed; whatever else the bot's own code adds stays at home, for it may name anybody.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tux.services.sentry.identities import LONGEST, SMALLEST
from tux.services.sentry.kinds import TAG as KIND
from tux.services.sentry.scrubbing.long_numbers import SHORTEST
from tux.services.sentry.scrubbing.markers import marker
from tux.services.sentry.scrubbing.plans import IDS
from tux.services.sentry.variables import without_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

    from sentry_sdk.types import Event, Hint

FIELDS: Final = frozenset(
    {
        *("event_id", "type", "level", "timestamp", "platform", "logger", "message", "logentry"),
        *("exception", "threads", "fingerprint", "transaction", "transaction_info", "contexts"),
        *("tags", "release", "environment", "dist", "server_name", "modules", "sdk"),
    }
)
TAGS: Final = frozenset(
    {
        *("command", "cog", "command.kind", "command.result", "event", "listener", "shard", "loop"),
        *("extension", "logger", "error.handler", "error.wrapper", "db.operation", "db.table"),
        *("api.service", "api.status_code", "storm", "task.dead", "feature", "gateway.event", KIND),
    }
)
"""Tags of the layer's own that name no place and no person."""
CONTEXTS: Final = frozenset({"runtime", "os", "suppressed"})
TRACE: Final = frozenset({"trace_id", "span_id", "parent_span_id", "op", "status", "origin"})
FEEDBACK: Final = frozenset({"message", "associated_event_id", "source"})
"""What was written to be read; not by whom."""
CHECK_IN: Final = frozenset(
    {
        *("type", "event_id", "check_in_id", "monitor_slug", "status", "duration", "timestamp"),
        *("release", "environment", "platform", "contexts", "sdk", "monitor_config"),
    }
)
_SCHEDULE: Final = frozenset({"type", "value", "unit"})
_MARGINS: Final = frozenset(
    {"checkin_margin", "max_runtime", "failure_issue_threshold", "recovery_threshold", "timezone"}
)
_ID: Final = re.compile(rf"[0-9]{{{SHORTEST},{LONGEST}}}")
_ANY: Final = marker("id")
_NAME: Final = marker("name")


def make_anonymous(event: Event, hint: Hint, names: AbstractSet[str] = frozenset()) -> None:
    """Leave in an event, and in what goes along with it, nothing that tells of a person or a place.

    Args:
        event: is changed.
        hint: is changed.
        names: of people and places, to be taken out of what the code says.
    """
    hint["attachments"] = []
    told: dict[str, Any] = {name: value for name, value in event.items() if name in FIELDS}
    told["tags"] = {
        name: value for name, value in _mapping(told.get("tags")).items() if name in TAGS
    }
    told["contexts"] = _contexts(_mapping(told.get("contexts")))
    _quiet(told, names)
    told = {name: value if name in IDS else without_numbers(value) for name, value in told.items()}
    event.clear()  # type: ignore[attr-defined]  # a dict at run time
    event.update(told)  # type: ignore[typeddict-item]  # of the same names


def make_check_in_anonymous(event: Event) -> None:
    """Leave in a check-in, which is of a job, the job: its name, its plan and how it went.

    Without the plan a receiver that has not met the job would not take it.
    """
    told: dict[str, Any] = {name: value for name, value in event.items() if name in CHECK_IN}
    given = _mapping(told.pop("monitor_config", None))
    plan = {name: given[name] for name in given.keys() & _MARGINS}
    schedule = _mapping(given.get("schedule"))
    if schedule:
        plan["schedule"] = {name: schedule[name] for name in schedule.keys() & _SCHEDULE}
    if plan:
        told["monitor_config"] = plan
    told["contexts"] = _contexts(_mapping(told.get("contexts")))
    told = {name: value if name in IDS else without_numbers(value) for name, value in told.items()}
    event.clear()  # type: ignore[attr-defined]  # a dict at run time
    event.update(told)  # type: ignore[typeddict-item]  # of the same names


def without_numbers(data: Any) -> Any:
    """Take out of a JSON-like tree whatever can be an id of Discord's."""
    if isinstance(data, str):
        return _ID.sub(_ANY, data)
    if isinstance(data, dict):
        return {
            without_numbers(name): value if name in IDS else without_numbers(value)
            for name, value in data.items()
        }
    if isinstance(data, list | tuple):
        return [without_numbers(one) for one in data]
    return _ANY if type(data) is int and data >= SMALLEST else data


def without_names(names: AbstractSet[str]) -> Callable[[Any], Any]:
    """Give what takes names out of a text; of anything else it takes nothing."""
    pieces = "|".join(re.escape(name) for name in sorted(names, key=len)[::-1])
    # Without any it fits nowhere.
    named = re.compile(rf"(?<!\w)(?:{pieces})(?!\w)" if pieces else r"(?!)")
    return lambda text: named.sub(_NAME, text) if isinstance(text, str) else text


def _contexts(contexts: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in contexts.items() if name in CONTEXTS}
    for name, fields in (("trace", TRACE), ("feedback", FEEDBACK)):
        if name in contexts:
            given = _mapping(contexts[name])
            told[name] = {field: given[field] for field in given.keys() & fields}
    return told


def _quiet(event: dict[str, Any], names: AbstractSet[str]) -> None:
    """Take away what holds members' words: variables, quoted texts, parameters of log lines."""
    unnamed = without_names(names)

    def said(text: Any) -> Any:
        return unnamed(without_text(text))

    for kind in ("exception", "threads"):
        for value in _mapping(event.get(kind)).get("values", ()):
            value["value"] = said(value.get("value"))
            for frame in _mapping(value.get("stacktrace")).get("frames") or ():
                frame.pop("vars", None)
            # Of what the code adds, numbers: an errno.
            mechanism = _mapping(value.get("mechanism"))
            if mechanism.get("data"):
                given = _mapping(mechanism["data"])
                numbers = {name: one for name, one in given.items() if isinstance(one, int | float)}
                value["mechanism"] = {**mechanism, "data": numbers}
    # The bot's own may name anybody.
    if isinstance(event.get("fingerprint"), list | tuple):
        event["fingerprint"] = [said(one) for one in event["fingerprint"]]
    if "feature" in event["tags"]:
        event["tags"]["feature"] = said(event["tags"]["feature"])
    entry = _mapping(event.get("logentry"))
    if entry:
        event["logentry"] = {"message": said(entry.get("message"))}
    if "message" in event:
        event["message"] = said(event["message"])


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}

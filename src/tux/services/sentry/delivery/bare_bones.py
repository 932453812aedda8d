"""What is left of data that cannot be scrubbed, for a rule failed: its bare bones.

Nothing has been scrubbed here, so what is kept is told by its form, and all else is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tux.services.sentry.scrubbing.markers import marker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tux.services.sentry.scrubbing.scrubber import Scrubber

_HEX = re.compile(r"[0-9a-f]{16}|[0-9a-f]{32}")
_WHEN = re.compile(r"[0-9TZ:. +-]{1,32}")
_WORD = re.compile(r"[a-z_]{1,24}")
_NAME = re.compile(r"[\w.]{1,128}")
_FUNCTION = re.compile(r"[\w.<>]{1,128}")
_RELEASE = re.compile(r"[\w.-]{1,48}(?:@[\w.+-]{1,48})?")
_MINIMAL = {
    "event_id": _HEX,
    "timestamp": _WHEN,
    "start_timestamp": _WHEN,
    "level": _WORD,
    "platform": _WORD,
    "type": _WORD,
    "release": _RELEASE,
    "environment": _RELEASE,
}
_TRACE = dict.fromkeys(("trace_id", "span_id", "parent_span_id"), _HEX)
_FRAME = {"module": _NAME, "function": _FUNCTION, "lineno": re.compile(r"\d{1,7}")}
_NUMBER = re.compile(r"[0-9.e+-]{1,24}")
_RELEASED = {"release": _RELEASE, "environment": _RELEASE}
_CHECK_IN = {
    "check_in_id": _HEX,
    "monitor_slug": re.compile(r"[a-z0-9_-]{1,50}"),
    "status": _WORD,
    "duration": _NUMBER,
    **_RELEASED,
}
_SESSION = {
    "sid": re.compile(r"[0-9a-f-]{32,36}"),
    "started": _WHEN,
    "timestamp": _WHEN,
    "status": _WORD,
    "duration": _NUMBER,
    "errors": _NUMBER,
    "init": re.compile("True|False"),
}
_LOG = {"timestamp": _NUMBER, "level": _WORD, **_TRACE}
_METRIC = {
    "timestamp": _NUMBER,
    "name": _NAME,
    "type": _WORD,
    "value": _NUMBER,
    "unit": _WORD,
    **_TRACE,
}
_FEEDBACK = {"associated_event_id": _HEX, "source": _WORD}
BODY: Final = marker("scrubbing failed")
"""What stands for words that may not leave."""


def bare_bones(type_: str, data: Any, scrubber: Scrubber) -> dict[str, Any] | None:
    """Return what may leave of an item that cannot be scrubbed; None when it has nothing that may."""
    if not isinstance(data, dict):
        return None
    if type_ in _LISTED and isinstance(data.get("items"), list):
        return {
            **_formed(data, {"version": _NUMBER}),
            "items": [_listed(type_, _mapping(one), scrubber) for one in data["items"]],
        }
    make = _MADE.get(type_)
    return None if make is None else make(data)


_LISTED: Final[Mapping[str, tuple[Mapping[str, re.Pattern[str]], dict[str, Any]]]] = {
    "log": (_LOG, {"body": BODY}),
    "trace_metric": (_METRIC, {}),
}
"""Type of an item that holds many → what each has, and what stands for its words."""


def _listed(type_: str, one: dict[str, Any], scrubber: Scrubber) -> dict[str, Any]:
    """Scrub one of many: with it, others that can be scrubbed shall not be lost."""
    forms, words = _LISTED[type_]
    try:
        scrubbed: dict[str, Any] = scrubber.event(one)
    except Exception:  # noqa: BLE001  # whatever a rule raises
        return _formed(one, forms) | words | {"attributes": {}}
    return scrubbed


def _minimal_check_in(check_in: dict[str, Any]) -> dict[str, Any]:
    return _formed(check_in, _CHECK_IN)


def _minimal_session(session: dict[str, Any]) -> dict[str, Any]:
    released = _formed(_mapping(session.get("attrs")), _RELEASED)
    return _formed(session, _SESSION) | {"attrs": released}


def _minimal_feedback(event: dict[str, Any]) -> dict[str, Any]:
    """Return what tells that somebody said something, and about which event."""
    said = _mapping(_mapping(event.get("contexts")).get("feedback"))
    minimal = minimal_event(event)
    minimal.setdefault("contexts", {})["feedback"] = _formed(said, _FEEDBACK) | {"message": BODY}
    return minimal


def minimal_event(event: dict[str, Any]) -> dict[str, Any]:
    """Return the bare bones of an event: ids, type, level, release, and where it happened."""
    minimal = _formed(event, _MINIMAL)
    trace = _formed(_mapping(_mapping(event.get("contexts")).get("trace")), _TRACE)
    if trace:
        minimal["contexts"] = {"trace": trace}
    values = _mapping(event.get("exception")).get("values")
    if isinstance(values, list):
        minimal["exception"] = {"values": [_minimal_exception(_mapping(one)) for one in values]}
    minimal["tags"] = {"tux.scrubbing": "failed"}
    return minimal


def _minimal_exception(value: dict[str, Any]) -> dict[str, Any]:
    frames = _mapping(value.get("stacktrace")).get("frames")
    kept = [_formed(_mapping(one), _FRAME) for one in (frames if isinstance(frames, list) else [])]
    return _formed(value, {"type": _NAME}) | {"stacktrace": {"frames": kept}}


def _formed(data: dict[str, Any], forms: Mapping[str, re.Pattern[str]]) -> dict[str, Any]:
    """Keep the fields that have the form which they should have."""
    return {
        name: data[name]
        for name, form in forms.items()
        if isinstance(data.get(name), str | int | float) and form.fullmatch(str(data[name]))
    }


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


_MADE: Final[Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "event": minimal_event,
    "transaction": minimal_event,
    "feedback": _minimal_feedback,
    "check_in": _minimal_check_in,
    "session": _minimal_session,
}
"""Type of an item → what makes its bare bones."""

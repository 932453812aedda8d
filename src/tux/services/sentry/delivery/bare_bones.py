"""What is left of data that cannot be scrubbed, for a rule failed: its bare bones.

Nothing has been scrubbed here, so what is kept is told by its form, and all else is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tux.services.sentry.scrubbing.markers import marker

if TYPE_CHECKING:
    from collections.abc import Mapping

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
_BODY: Final = marker("scrubbing failed")


def bare_bones(type_: str, data: Any, scrubber: Scrubber) -> dict[str, Any] | None:
    """Return what may leave of an item that cannot be scrubbed; None when it has nothing that may."""
    if not isinstance(data, dict):
        return None
    if type_ in ("event", "transaction"):
        return minimal_event(data)
    if type_ == "check_in":
        return _formed(data, _CHECK_IN)
    if type_ == "session":
        return _formed(data, _SESSION) | {"attrs": _formed(_mapping(data.get("attrs")), _RELEASED)}
    if type_ == "log" and isinstance(data.get("items"), list):
        return {"version": 2, "items": [_log(_mapping(one), scrubber) for one in data["items"]]}
    return None


def _log(line: dict[str, Any], scrubber: Scrubber) -> dict[str, Any]:
    """Scrub one line: with it, others that can be scrubbed shall not be lost."""
    try:
        scrubbed: dict[str, Any] = scrubber.event(line)
    except Exception:  # noqa: BLE001  # whatever a rule raises
        return _formed(line, _LOG) | {"body": _BODY, "attributes": {}}
    return scrubbed


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

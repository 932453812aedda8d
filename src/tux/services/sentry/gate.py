"""The last look at an event inside the SDK: once for each failure, and without telling locals.

It stands in a global event processor of ``DiscordIntegration`` and, for those who bring their own
``sentry_sdk.init``, as ``before_send``; passing it twice is the same as once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tux.services.sentry.health import contained
from tux.services.sentry.marks import mark, mark_of
from tux.services.sentry.policy import Decision, causes, decide
from tux.services.sentry.reconnects import Reconnects, is_reconnect
from tux.services.sentry.reporting import LEVELS, admit, being_reported, group_of
from tux.services.sentry.units import add_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentry_sdk.types import Event, Hint

MECHANISM: Final = "discord"
QUIET_FRAMES: Final = (
    *("discord.", "aiohttp.", "httpx.", "httpcore.", "urllib3.", "requests.", "websockets."),
    *("sqlalchemy.", "asyncpg.", "aiosqlite.", "psycopg.", "tux.services.http_client"),
)
"""Modules whose locals hold headers, tokens, parameters of statements and message content."""
_PASSED: Final = "tux.passed"
"""In the hint, which goes with an event through processors and ``before_send`` alike."""
_reconnects: Final = Reconnects()
_SPACE: Final = re.compile(r"\s")
# A repr's quoted part, also one that was cut at its end.
_QUOTED: Final = re.compile(r"""'(?:[^'\\]|\\.)*(?:'|$)|"(?:[^"\\]|\\.)*(?:"|$)""")


class _Choice:
    """Whether texts in variables leave: as the settings of the last set-up say."""

    local_text = False


def set_local_text(*, leaves: bool) -> None:
    """Choose whether texts in variables leave."""
    _Choice.local_text = leaves


def pass_once(event: Event, hint: Hint) -> Event | None:
    """Let an event of a failure pass once. Never raises: the SDK would drop the event silently.

    What our own captures send has passed the policy and the limiter; for all else (the SDK's
    functions called by hand, its integrations) they are asked here.
    """
    with contained():
        if _PASSED in hint:
            return event
        reporting = being_reported()
        error = hint["exc_info"][1] if hint.get("exc_info") else None
        if error is not None and reporting is None and not _passes(error, event, hint):
            return None
        add_facts(event)
        if reporting is not None and not reporting.handled:
            _tell_unhandled(event)
        _drop_locals(event)
        hint[_PASSED] = True
    return event


def _passes(error: BaseException, event: Event, hint: Hint) -> bool:
    event_id = event.get("event_id")
    family = causes(error)
    earlier = mark_of(family)
    if earlier is not None:
        return event_id is not None and earlier.event_id == event_id
    decision = _judge(error, hint)
    sent = decision.verdict.is_sent and admit(error, decision) is not None
    mark(family, decision.verdict, event_id if sent else None, by_code=True)
    if sent and event.get("level") == "error":
        event["level"] = LEVELS[decision.verdict]
    if sent and decision.fingerprint and not event.get("fingerprint"):
        event["fingerprint"] = list(group_of(decision))
    return sent


def _judge(error: BaseException, hint: Hint) -> Decision:
    decision = decide(error)
    record = hint.get("log_record")
    if record is None or not is_reconnect(record, error):
        return decision
    # Only the SDK's own logging integration makes an event of it; ours looks before.
    details = _reconnects.judge(record)
    verdict = details.verdict or decision.verdict
    return decision._replace(verdict=verdict, fingerprint=details.fingerprint)


def _tell_unhandled(event: Event) -> None:
    for value in event.get("exception", {}).get("values", [])[-1:]:
        value["mechanism"] = {"type": MECHANISM, "handled": False}


def _drop_locals(event: Event) -> None:
    for frame in _frames(event):
        if str(frame.get("module") or "").startswith(QUIET_FRAMES):
            frame.pop("vars", None)
        elif "vars" in frame and not _Choice.local_text:
            frame["vars"] = without_text(frame["vars"])


def without_text(value: Any) -> Any:
    """Take the texts out of variables as the SDK describes them; numbers and classes stay.

    What a member wrote is an argument of the command that it called.
    """
    if isinstance(value, dict):
        return {_name(name): without_text(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_text(item) for item in value]
    return _QUOTED.sub("'…'", value) if isinstance(value, str) else value


def _name(name: Any) -> Any:
    """Keep a name; a key that holds words was written by somebody."""
    return "…" if isinstance(name, str) and _SPACE.search(name) else name


def _frames(event: Event) -> Iterator[dict[str, Any]]:
    for kind in ("exception", "threads"):
        found: Any = event.get(kind)
        for value in found.get("values", ()) if isinstance(found, dict) else ():
            trace = value.get("stacktrace") or {}
            yield from trace.get("frames") or ()

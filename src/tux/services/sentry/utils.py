"""The captures: one body for all kinds.

Order: mark (was it decided upon already?) → policy → limiter → SDK. The SDK comes last, for it
serialises every frame before any of its own hooks could say no.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import sentry_sdk
from sentry_sdk.utils import safe_str

from tux.services.sentry.health import contained, internal_errors
from tux.services.sentry.limiting import Limiter, Limits, MinuteBudget, Suppressed, fingerprint_of
from tux.services.sentry.marks import Mark, mark, mark_of
from tux.services.sentry.policy import Decision, Verdict, decide, read, unwrap
from tux.services.sentry.units import current_work
from tux.shared.settings import SentrySettings

if TYPE_CHECKING:
    from sentry_sdk._types import LogLevelStr

LEVELS: Final = {Verdict.WARNING: "warning", Verdict.ERROR: "error", Verdict.FATAL: "fatal"}
MAX_TEXT: Final = 1000
"""Characters of a query or an answer that go along."""


@dataclass(frozen=True, slots=True)
class Details:
    """What an event says beyond the error itself."""

    contexts: Mapping[str, object] = field(default_factory=dict)
    tags: Mapping[str, str | None] = field(default_factory=dict)
    """Few different values each; those that are None are left out."""
    user_id: str | None = None
    handled: bool = True
    """Whether somebody caught it; what nobody did counts as a crash in release health."""
    by_code: bool = True
    """Whether the command's own code reports it, and so answers the member itself."""
    verdict: Verdict | None = None
    """What is done about it where the place knows more than the class says; else the policy's."""
    fingerprint: tuple[str, ...] = ()
    """Groups it where the place knows more; else the policy's."""


@dataclass(slots=True)
class _State:
    """What the process has one of, as it has one SDK."""

    limiter: Limiter
    budget: MinuteBudget


_reporting: ContextVar[Details | None] = ContextVar("tux_reporting", default=None)


def _state_of(settings: SentrySettings) -> _State:
    limits = Limits(
        settings.limit_burst,
        settings.limit_period,
        settings.limit_total_burst,
        settings.limit_total_rate,
    )
    a_minute = settings.limit_burst + int(60 / settings.limit_period)
    return _State(Limiter(limits, time.time), MinuteBudget(a_minute))


_state = _state_of(SentrySettings())


def set_limits(settings: SentrySettings) -> None:
    """Begin anew with the limits of these settings."""
    made = _state_of(settings)
    _state.limiter, _state.budget = made.limiter, made.budget


def figures() -> Mapping[str, int]:
    """Count what was held back and what went wrong inside."""
    return {
        "suppressed": _state.limiter.suppressed,
        "internal_errors": internal_errors(),
    }


def being_reported() -> Details | None:
    """Tell ``before_send`` that the event at hand has passed policy and limiter already."""
    return _reporting.get()


def report(error: BaseException, details: Details | None = None) -> str | None:
    """Send an error, once however often it is reported, if the policy and the limiter let it.

    Never raises. ``sentry_sdk.capture_exception`` is looked up when called, and called whether the
    SDK is on or off.

    Returns:
        The event's id, for the member to quote; None where nothing was sent.
    """
    with contained():
        return _report(error, details or Details())
    return None


def _report(error: BaseException, details: Details) -> str | None:
    earlier = mark_of(error)
    if earlier is not None:
        return earlier.event_id
    decision = _decision(error, details)
    event_id = None
    if decision.verdict.is_sent:
        event_id = _send(error, decision, details)
    elif decision.verdict is Verdict.BREADCRUMB:
        root = decision.root
        sentry_sdk.add_breadcrumb(
            category="error", type="error", level="info", message=type(root).__name__
        )
    mark(error, Mark(decision.verdict, event_id, details.by_code))
    return event_id


def _decision(error: BaseException, details: Details) -> Decision:
    decision = decide(error)
    if details.verdict is None and not details.fingerprint:
        return decision
    return replace(
        decision,
        verdict=details.verdict or decision.verdict,
        fingerprint=details.fingerprint or decision.fingerprint,
    )


def _send(error: BaseException, decision: Decision, details: Details) -> str | None:
    root = unwrap(error)
    before = admit(root, decision)
    if before is None:
        return None
    options = _options(error, decision, details, before)
    token = _reporting.set(details)
    try:
        event_id: object = sentry_sdk.capture_exception(root, **options)
    finally:
        _reporting.reset(token)
    return event_id if isinstance(event_id, str) else None


def admit(error: BaseException, decision: Decision) -> Suppressed | None:
    """Ask the limiter; what it holds back is counted for the receiver, too."""
    work = current_work()
    command = work.unit.name if work else None
    fingerprint = decision.fingerprint or fingerprint_of(error, command)
    return _admit(fingerprint, always=decision.verdict is Verdict.FATAL)


def _admit(fingerprint: tuple[object, ...], *, always: bool = False) -> Suppressed | None:
    before = _state.limiter.admit(fingerprint, always=always)
    if before is None:
        transport = sentry_sdk.get_client().transport
        if transport is not None:
            # The reason that client reports have for what the sender chose not to send.
            transport.record_lost_event("sample_rate", data_category="error")
    return before


def _options(
    error: BaseException, decision: Decision, details: Details, before: Suppressed
) -> dict[str, Any]:
    contexts = {
        # A context is a mapping; what somebody took for one is told all the same.
        name: dict(values) if isinstance(values, Mapping) else {"value": values}
        for name, values in details.contexts.items()
    }
    contexts |= _told(before)
    tags = {name: value for name, value in details.tags.items() if value}
    if unwrap(error) is not error:
        tags["error.wrapper"] = type(error).__name__
    options: dict[str, Any] = {
        "level": LEVELS[decision.verdict],
        "contexts": contexts,
        "tags": tags,
    }
    if details.user_id is not None:
        options["user"] = {"id": details.user_id}
    if decision.fingerprint:
        options["fingerprint"] = list(decision.fingerprint)
    return options


def _told(before: Suppressed) -> dict[str, dict[str, Any]]:
    """Say how many were held back before this one."""
    if not before.count:
        return {}
    since = datetime.fromtimestamp(before.since, UTC).isoformat(timespec="seconds")
    return {"suppressed": {"count": before.count, "since": since}}


def capture_exception(
    error: BaseException | None = None,
    *,
    extra_context: Mapping[str, Any] | None = None,
    contexts: Mapping[str, Mapping[str, Any]] | None = None,
    tags: Mapping[str, str | None] | None = None,
) -> str | None:
    """Send an error; without one, the one that is being handled. Never raises.

    Returns:
        The event's id; None where nothing was sent.
    """
    error = error if error is not None else sys.exc_info()[1]
    if error is None:
        return None
    blocks: dict[str, object] = dict(contexts or {})
    if extra_context:
        blocks["extra_context"] = extra_context
    return report(error, Details(contexts=blocks, tags=tags or {}))


def capture_exception_safe(
    error: BaseException, *, extra_context: Mapping[str, Any] | None = None
) -> str | None:
    """Send an error with what else is known, as the context ``extra_context``. Never raises."""
    return capture_exception(error, extra_context=extra_context)


def capture_message(
    message: str,
    level: LogLevelStr = "info",
    *,
    contexts: Mapping[str, Mapping[str, Any]] | None = None,
    tags: Mapping[str, str] | None = None,
) -> str | None:
    """Send a message of your own; many alike are held back like errors. Never raises."""
    with contained():
        before = _admit(("message", message[:MAX_TEXT], level))
        if before is None:
            return None
        event_id: object = sentry_sdk.capture_message(
            message,
            level=level,
            contexts=dict(contexts or {}) | _told(before),
            tags=dict(tags or {}),
        )
        return event_id if isinstance(event_id, str) else None
    return None


def capture_database_error(
    error: BaseException,
    *,
    operation: str | None = None,
    table: str | None = None,
    query: str | None = None,
) -> str | None:
    """Send an error of the database. Facts that are not given are taken from the error."""
    facts = {
        "operation": operation or read(error, "operation"),
        "table": table or read(error, "table"),
    }
    context = {**facts, "query": safe_str(query)[:MAX_TEXT] if query else None}
    tags = {f"db.{name}": value for name, value in facts.items()}
    return report(error, Details({"database": _given(context)}, tags))


def capture_api_error(
    error: BaseException,
    *,
    endpoint: str | None = None,
    status_code: int | None = None,
    response_data: object = None,
) -> str | None:
    """Send an error of an external HTTP API. The endpoint's query stays at home."""
    status = status_code if status_code is not None else read(error, "status_code")
    context = {
        "endpoint": safe_str(endpoint).partition("?")[0] if endpoint else read(error, "endpoint"),
        "status_code": status,
        "response_data": response_data
        if isinstance(response_data, Mapping | None)
        else safe_str(response_data)[:MAX_TEXT],
    }
    tags = {
        "api.status_code": None if status is None else safe_str(status),
        "api.service": read(error, "service"),
    }
    return report(error, Details({"api": _given(context)}, tags))


def capture_cog_error(
    error: BaseException,
    *,
    cog_name: str,
    command_name: str | None = None,
    event_name: str | None = None,
) -> str | None:
    """Send an error of a cog: of one of its commands or listeners, or of loading it."""
    tags = {"cog": cog_name, "command": command_name, "event": event_name}
    return report(error, Details({"cog": _given(tags)}, tags))


def capture_tux_exception(
    error: BaseException,
    *,
    command_name: str | None = None,
    user_id: int | str | None = None,
    guild_id: int | str | None = None,
) -> str | None:
    """Send an error of ``tux.shared.exceptions``, with the facts that it carries."""
    guild = None if guild_id is None else safe_str(guild_id)
    facts = {
        name: safe_str(value)[:MAX_TEXT]
        for name, value in (read(error, "__dict__") or {}).items()
        if not name.startswith("_")
    }
    return report(
        error,
        Details(
            {"error": facts} if facts else {},
            {"command": command_name, "guild_id": guild},
            user_id=None if user_id is None else safe_str(user_id),
        ),
    )


def should_capture_error(error_type: str | type[BaseException], timestamp_minute: int) -> bool:
    """Tell whether one more error of a type may be captured in a minute, and count it.

    For code of your own that captures in a loop. The captures here ask the limiter by themselves.
    """
    name = error_type if isinstance(error_type, str) else error_type.__name__
    return _state.budget.spend(name, timestamp_minute)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}

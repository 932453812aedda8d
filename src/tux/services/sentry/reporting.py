"""Reporting one error: what all captures and all seams come down to.

Order: mark (was it decided upon already?) → policy → limiter → SDK. The SDK comes last, for it
serialises every frame before any of its own hooks could say no.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sentry_sdk
from sentry_sdk.scope import Scope

from tux.services.sentry.health import internal_errors, note_fault
from tux.services.sentry.kinds import TAG, kind_of
from tux.services.sentry.limiting import Limiter, Limits, MinuteBudget, Suppressed, fingerprint_of
from tux.services.sentry.marks import mark, mark_of
from tux.services.sentry.policy import Decision, causes, decide
from tux.services.sentry.policy_rules import Verdict
from tux.services.sentry.repeats import Repeats
from tux.services.sentry.storms import StormWatch
from tux.services.sentry.units import current_work
from tux.services.sentry.variables import DESCRIBING_SECONDS, limited_time
from tux.shared.settings import SentrySettings

if TYPE_CHECKING:
    from sentry_sdk._types import LogLevelStr

LEVELS: Final[Mapping[Verdict, LogLevelStr]] = {
    Verdict.WARNING: "warning",
    Verdict.ERROR: "error",
    Verdict.FATAL: "fatal",
}


class Details(NamedTuple):
    """What an event says beyond the error itself."""

    contexts: Mapping[str, object] = {}
    tags: Mapping[str, str | None] = {}
    """Few different values each; those that are None are left out."""
    user: Mapping[str, str] = {}
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
    storms: StormWatch
    budget: MinuteBudget
    repeats: Repeats


PLAIN: Final = Details()
_FATAL: Final = Verdict.FATAL
REPEATS: Final = 5
REPEAT_SECONDS: Final = 3600.0
"""A server that lacks a right so often within so long is told of in a warning."""

_reporting: ContextVar[Details | None] = ContextVar("tux_reporting", default=None)


def _state_of(settings: SentrySettings) -> _State:
    limits = Limits(
        settings.limit_burst,
        settings.limit_period,
        settings.limit_total_burst,
        settings.limit_total_rate,
    )
    a_minute = settings.limit_burst + int(60 / settings.limit_period)
    repeats = Repeats(REPEATS, REPEAT_SECONDS, time.monotonic)
    limiter = Limiter(limits, time.time)
    return _State(limiter, StormWatch(limiter), MinuteBudget(a_minute), repeats)


_state = _state_of(SentrySettings())


def set_limits(settings: SentrySettings) -> None:
    """Begin anew with the limits of these settings."""
    made = _state_of(settings)
    _state.storms.stop()
    _state.limiter, _state.storms = made.limiter, made.storms
    _state.budget, _state.repeats = made.budget, made.repeats


def tell_storms() -> None:
    """Say in an event of each storm's own what was held back and not told of yet."""
    _state.storms.tell()


def figures() -> Mapping[str, int]:
    """Count what was held back and what went wrong inside."""
    return {
        "suppressed": _state.limiter.suppressed,
        "internal_errors": internal_errors(),
    }


def being_reported() -> Details | None:
    """Tell ``before_send`` that the event at hand has passed policy and limiter already."""
    return _reporting.get()


def report(error: BaseException, details: Details = PLAIN) -> str | None:
    """Send an error, once however often it is reported, if the policy and the limiter let it.

    Never raises. ``sentry_sdk.capture_exception`` is looked up when called, and called whether the
    SDK is on or off.

    Returns:
        The event's id, for the member to quote; None where nothing was sent.
    """
    try:
        return _report(error, details)
    except Exception as fault:  # noqa: BLE001  # the seam: telemetry never takes the bot down
        note_fault(fault)
        return None


def _report(error: BaseException, details: Details) -> str | None:
    family = causes(error)
    earlier = mark_of(family)
    if earlier is not None:
        return earlier.event_id
    decision = _decision(error, family, details)
    event_id = None
    if decision.verdict.is_sent:
        event_id = _send(error, decision, details)
    elif decision.verdict is Verdict.BREADCRUMB:
        sentry_sdk.add_breadcrumb(
            category="error", type="error", level="info", message=type(decision.root).__name__
        )
    mark(family, decision.verdict, event_id, by_code=details.by_code)
    return event_id


def _decision(error: BaseException, family: list[BaseException], details: Details) -> Decision:
    decision = decide(error, family)
    if details.verdict is not None or details.fingerprint:
        return decision._replace(
            verdict=details.verdict or decision.verdict,
            fingerprint=details.fingerprint or decision.fingerprint,
        )
    if decision.by_guild and decision.verdict is Verdict.BREADCRUMB:
        work = current_work()
        guild = work.facts.tags.get("guild_id") if work else None
        if guild and _state.repeats.count((guild, type(decision.root))):
            # Its admins will not see what members are told: whoever runs the bot may tell them.
            group = (type(decision.root).__name__, guild)
            return decision._replace(verdict=Verdict.WARNING, fingerprint=group)
    return decision


def _send(error: BaseException, decision: Decision, details: Details) -> str | None:
    root = decision.root
    before = admit(root, decision)
    if before is None:
        return None
    options = _options(error, decision, details, before)
    token = _reporting.set(details)
    try:
        with limited_time(DESCRIBING_SECONDS):
            event_id: object = sentry_sdk.capture_exception(root, **options)
    finally:
        _reporting.reset(token)
    return event_id if isinstance(event_id, str) else None


def admit(error: BaseException, decision: Decision) -> Suppressed | None:
    """Ask the limiter; what it holds back is counted for the receiver, too."""
    fingerprint: tuple[object, ...] = (
        group_of(decision) if decision.fingerprint else fingerprint_of(error, _command())
    )
    return admit_kind(fingerprint, always=decision.verdict is _FATAL)


def group_of(decision: Decision) -> tuple[str, ...]:
    """Give the fingerprint of an event, with its command where each is a group of its own."""
    command = _command() if decision.by_command else None
    return (*decision.fingerprint, command) if command else decision.fingerprint


def _command() -> str | None:
    work = current_work()
    return work.unit.name if work else None


def admit_kind(fingerprint: tuple[object, ...], *, always: bool = False) -> Suppressed | None:
    """Ask the limiter for whatever is told by a fingerprint of its own."""
    before = _state.limiter.admit(fingerprint, always=always)
    if before is None:
        _state.storms.stir()
        transport = Scope.get_client().transport
        # Not by its class: an abstract one takes long to ask.
        count = getattr(transport, "record_held_back", None)
        if count is not None:
            count()
        elif transport is not None:
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
    contexts |= told_of(before)
    tags = {name: value for name, value in details.tags.items() if value}
    kind = kind_of(decision.root)
    if kind is not None:
        tags.setdefault(TAG, kind)
    if decision.root is not error:
        tags["error.wrapper"] = type(error).__name__
    options: dict[str, Any] = {
        "level": LEVELS[decision.verdict],
        "contexts": contexts,
        "tags": tags,
    }
    if details.user:
        options["user"] = dict(details.user)
    group = group_of(decision)
    if group:
        options["fingerprint"] = list(group)
    return options


def told_of(before: Suppressed) -> dict[str, dict[str, Any]]:
    """Say how many were held back before this one."""
    if not before.count:
        return {}
    since = datetime.fromtimestamp(before.since, UTC).isoformat(timespec="seconds")
    return {"suppressed": {"count": before.count, "since": since}}


def should_capture_error(error_type: str | type[BaseException], timestamp_minute: int) -> bool:
    """Tell whether one more error of a type may be captured in a minute, and count it.

    For code of your own that captures in a loop. The captures here ask the limiter by themselves.
    """
    name = error_type if isinstance(error_type, str) else error_type.__name__
    return _state.budget.spend(name, timestamp_minute)

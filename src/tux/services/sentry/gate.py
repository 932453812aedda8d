"""The last look at an event inside the SDK: once for each failure, and without telling locals.

It stands in a global event processor of ``DiscordIntegration`` and, for those who bring their own
``sentry_sdk.init``, as ``before_send``; passing it twice is the same as once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sentry_sdk

from tux.services.sentry.anonymous import make_anonymous, make_check_in_anonymous
from tux.services.sentry.authored import quotations_of
from tux.services.sentry.frames import is_quiet
from tux.services.sentry.health import contained, note_fault
from tux.services.sentry.kinds import TAG, kind_of
from tux.services.sentry.marks import mark, mark_of
from tux.services.sentry.policy import Decision, causes, decide
from tux.services.sentry.privacy import content_leaves, names_leave, names_of
from tux.services.sentry.quotations import without_quotations
from tux.services.sentry.reconnects import Reconnects, is_reconnect
from tux.services.sentry.reporting import LEVELS, admit, being_reported, group_of
from tux.services.sentry.source import add_source, brings_source
from tux.services.sentry.units import current_work
from tux.services.sentry.variables import stop_limiting, without_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sentry_sdk.types import Event, Hint

MECHANISM: Final = "discord"
STACKS: Final = ("exception", "threads")
"""Sections of an event that have stack frames."""
NAMES: Final = ("username", "name")
"""What a user of the SDK is called by."""
_PASSED: Final = "tux.passed"
"""In the hint, which goes with an event through processors and ``before_send`` alike."""
_TOLD, _PRIVATE = object(), object()
"""What is in the hint: whether the event is of somebody who has opted out."""
_reconnects: Final = Reconnects()


def pass_once(event: Event, hint: Hint) -> Event | None:
    """Let an event of a failure pass once. Never raises: the SDK would drop the event silently.

    What our own captures send has passed the policy and the limiter; for all else (the SDK's
    functions called by hand, its integrations) they are asked here.
    """
    stop_limiting()
    with contained():
        if _PASSED in hint:
            if hint[_PASSED] is _PRIVATE:
                _drop_locals(event, all_of_them=True)
            else:
                # Since then the SDK may have added the stack of a message.
                _drop_locals(event, ("threads",))
            _drop_name(event)
            return event
        reporting = being_reported()
        error = hint["exc_info"][1] if hint.get("exc_info") else None
        if error is not None and reporting is None and not _passes(error, event, hint):
            return None
        add_facts(event)
        if reporting is not None and not reporting.handled:
            _tell_unhandled(event)
        _drop_locals(event)
        _drop_name(event)
        if brings_source(sentry_sdk.get_client().options):
            add_source(frames_of(event))
    _drop_quotations(event)
    # Whatever went wrong before.
    if not _is_told(event, hint):
        return None
    with contained():
        hint.setdefault(_PASSED, _TOLD)
    return event


def add_facts(event: Event) -> None:
    """Write to an event or a transaction whose work it is; what it says itself stays."""
    work = current_work()
    if work is None:
        return
    facts = work.facts
    if event.get("transaction") is None:
        event["transaction"] = work.unit.name
    if facts.user:
        event["user"] = {**facts.user, **(event.get("user") or {})}
    if facts.tags:
        event["tags"] = {**facts.tags, **(event.get("tags") or {})}
    if facts.discord:
        event.setdefault("contexts", {}).setdefault("discord", dict(facts.discord))


def _is_told(event: Event, hint: Hint) -> bool:
    """Tell of the work of somebody who has opted out what went wrong, and of nobody."""
    work = current_work()
    if work is None or not work.is_private:
        return True
    try:
        kind = event.get("type")
        if kind == "transaction":
            # It began before he opted out, or the bot's own code made it.
            return False
        if kind == "check_in":
            make_check_in_anonymous(event)
            return True
        # The bot's own code may have set another.
        event["transaction"] = work.unit.name
        make_anonymous(event, hint, names_of(work.unit.about))
        hint[_PASSED] = _PRIVATE
    except Exception as error:  # noqa: BLE001  # what cannot be made anonymous must not leave
        note_fault(error)
        return False
    return True


def _passes(error: BaseException, event: Event, hint: Hint) -> bool:
    event_id = event.get("event_id")
    family = causes(error)
    earlier = mark_of(family)
    if earlier is not None:
        return event_id is not None and earlier.event_id == event_id
    decision = _judge(error, family, hint)
    sent = decision.verdict.is_sent and admit(error, decision) is not None
    mark(family, decision.verdict, event_id if sent else None, by_code=True)
    kind = kind_of(decision.root)
    if sent and kind is not None:
        event.setdefault("tags", {}).setdefault(TAG, kind)
    if sent and event.get("level") == "error":
        event["level"] = LEVELS[decision.verdict]
    if sent and decision.fingerprint and not event.get("fingerprint"):
        event["fingerprint"] = list(group_of(decision))
    return sent


def _judge(error: BaseException, family: list[BaseException], hint: Hint) -> Decision:
    decision = decide(error, family)
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


def _drop_locals(event: Event, kinds: Iterable[str] = STACKS, *, all_of_them: bool = False) -> None:
    for frame in frames_of(event, kinds):
        if all_of_them or is_quiet(frame.get("module")):
            frame.pop("vars", None)
        elif "vars" in frame and not content_leaves():
            frame["vars"] = without_text(frame["vars"])


def _drop_quotations(event: Event) -> None:
    """Take out of what the code says what the member said whose work it is."""
    work = current_work()
    if work is None or content_leaves():
        return
    with contained():
        written = quotations_of(work.unit.about, "\n".join(_lines_of_code(event)))
        if written:
            event.update(without_quotations(event, written))  # type: ignore[typeddict-item]  # of the same names


def _lines_of_code(event: Event) -> Iterator[str]:
    for frame in frames_of(event):
        yield from (*(frame.get("pre_context") or ()), *(frame.get("post_context") or ()))
        yield frame.get("context_line") or ""


def _drop_name(event: Event) -> None:
    user: Any = event.get("user")
    if isinstance(user, dict) and not names_leave():
        event["user"] = {name: value for name, value in user.items() if name not in NAMES}


def frames_of(event: Event, kinds: Iterable[str] = STACKS) -> Iterator[dict[str, Any]]:
    """Go through the stack frames of an event."""
    for kind in kinds:
        found: Any = event.get(kind)
        for value in found.get("values", ()) if isinstance(found, dict) else ():
            trace = value.get("stacktrace") or {}
            yield from trace.get("frames") or ()

"""An event → text that a person can paste into a chat or an issue. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tux.station.pages.display import clipped, counted, iso, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tux.station.pages.detail import Crumb, Detail, Frame, Raised
    from tux.station.queries.events import Event
    from tux.station.queries.issues import Issue

CRUMBS: Final = 30
VARIABLES: Final = 10
"""Of one frame, those of the application only."""
LONGEST: Final = 300


def as_text(event: Event, issue: Issue, detail: Detail, url: str) -> str:
    """Write an event as Python would, with what else is known before and after it."""
    lines = [
        event.title,
        f"{url}/events/{event.event_id}/",
        "",
        *_facts(event, issue),
        "",
        *(["Message", f"  {detail.message}", ""] if detail.message else []),
        *_stack(detail),
        *_crumbs(detail.crumbs),
        *(["Tags", *(f"  {key}: {value}" for key, value in event.tags), ""] if event.tags else []),
    ]
    return "\n".join(plain(clipped(line, 4000)) for line in lines).rstrip() + "\n"


def _facts(event: Event, issue: Issue) -> Iterator[str]:
    facts = {
        "Issue": ", ".join(
            (
                f"#{issue.id}",
                issue.status,
                counted(issue.times_seen, "event"),
                counted(issue.users, "user"),
            )
        ),
        "Where": issue.culprit,
        "Level": event.level,
        "When": iso(event.timestamp),
        "First seen": iso(issue.first_seen)
        + (f" in {issue.first_release}" if issue.first_release else ""),
        "Release": event.release,
        "Environment": event.environment,
        "Transaction": event.transaction,
        "User": event.user_id,
        "Trace": event.trace_id,
    }
    return (f"{name}: {value}" for name, value in facts.items() if value)


def _stack(detail: Detail) -> Iterator[str]:
    # As Python prints it: the cause first, and the most recent call last.
    for place, raised in enumerate(reversed(detail.raised)):
        if place:
            yield from ("The above exception led to the following one:", "")
        yield from _raised(raised)
        yield ""


def _raised(raised: Raised) -> Iterator[str]:
    if raised.frames:
        yield "Traceback (most recent call last):"
        if raised.left_out:
            yield f"  … {raised.left_out} outer calls"
        for frame in reversed(raised.frames):
            yield from _frame(frame)
    said = ": ".join(part for part in (raised.type, raised.value) if part)
    yield from clipped(said, 2000).splitlines()


def _frame(frame: Frame) -> Iterator[str]:
    line = f", line {frame.line}" if frame.line else ""
    yield f'  File "{frame.file or frame.place}"{line}, in {frame.function}'
    code = next((one.code.striptags().strip() for one in frame.source if one.is_current), "")
    if code:
        yield f"    {code}"
    if frame.is_ours:
        for name, value in frame.variables[:VARIABLES]:
            yield f"      {name} = {clipped(' '.join(value.split()), LONGEST)}"


def _crumbs(crumbs: tuple[Crumb, ...]) -> Iterator[str]:
    if not crumbs:
        return
    yield "Breadcrumbs, latest last"
    for crumb in reversed(crumbs[:CRUMBS]):
        when = iso(crumb.timestamp) if crumb.timestamp is not None else "-"
        data = " ".join(f"{name}={value}" for name, value in crumb.data)
        said = " ".join(part for part in (crumb.message, data) if part)
        yield clipped(
            f"  {when} {crumb.level:<7} {crumb.category}: {' '.join(said.split())}", LONGEST
        )
    yield ""

"""Pages about what went wrong: the list of issues, and an issue by one of its events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tux.station.pages.acting import IGNORING
from tux.station.pages.detail import detail_of
from tux.station.pages.plaintext import as_text
from tux.station.pages.rendering import LONGEST_QUERY, Asked, Elsewhere, Raw, View, missing
from tux.station.pages.timeline import timeline
from tux.station.queries import events, traces
from tux.station.queries import issues as lists
from tux.station.queries.envelopes import has_envelope, raw_envelope
from tux.station.wire.grouping import group

if TYPE_CHECKING:
    import sqlite3

    from tux.station.queries.events import Event

STEPS: Final = 12
"""Of a trace, beside an event; its own page has them all."""
EXAMPLES: Final = (
    ("is:unresolved", "also resolved, ignored, regressed, new, unhandled"),
    ("command:ban", "any tag; !command:ban for the contrary, has:command for any value"),
    ("level:[error, fatal]", "one of several values"),
    ("user.id:123", "whom it hit"),
    ("release:latest", "also firstRelease:v1.2.0"),
    ("age:-24h", "first seen in the last 24 hours; lastSeen:+7d for longer ago"),
    ("timesSeen:>10", "also users:>1"),
    ('"no such row" Key*', "in title and place; a star stands for anything"),
)
"""What can be looked for, beside the field."""


def issues(connection: sqlite3.Connection, asked: Asked) -> View:
    """List issues."""
    asking = lists.Asking(
        query=asked.query.get("query", "").strip()[:LONGEST_QUERY],
        state=asked.choice("status", lists.CHOICES),
        order=asked.choice("sort", tuple(lists.ORDERS)),
        page=asked.page,
    )
    return View(
        "issues.html",
        {
            "found": lists.issues(connection, asking, asked.now),
            "asking": asking,
            "counts": lists.counts(connection),
            "choices": lists.CHOICES,
            "orders": tuple(lists.ORDERS),
            "ignoring": {name: words for name, (words, *_) in IGNORING.items()},
            "examples": EXAMPLES,
        },
    )


def issue(connection: sqlite3.Connection, asked: Asked) -> View | Elsewhere:
    """Show an issue by its newest event."""
    number = int(asked.match["issue"])
    event_id = events.latest_event_id(connection, number)
    found = events.event(connection, event_id) if event_id else None
    if into := lists.merged_into(connection, number):
        return Elsewhere(f"/issues/{into}/")
    return _event(connection, asked, found, "issue") if found else missing("issue")


def event(connection: sqlite3.Connection, asked: Asked) -> View:
    """Show one event."""
    found = events.event(connection, asked.match["event"])
    return _event(connection, asked, found, "event") if found else missing("event")


def document(connection: sqlite3.Connection, asked: Asked) -> View | Raw:
    """Give an event as it was sent."""
    found = events.event(connection, asked.match["event"])
    if found is None:
        return missing("event")
    return Raw(json.dumps(found.payload, indent=2).encode(), "application/json")


def text(connection: sqlite3.Connection, asked: Asked) -> View | Raw:
    """Give an event as text, to be pasted."""
    found = events.event(connection, asked.match["event"])
    about = lists.issue(connection, found.issue_id, asked.now) if found else None
    if found is None or about is None:
        return missing("event")
    body = as_text(found, about, detail_of(found.payload), asked.base)
    return Raw(body.encode("utf-8", "replace"), "text/plain")


def envelope(connection: sqlite3.Connection, asked: Asked) -> View | Raw:
    """Give the envelope that an event came in, byte by byte."""
    event_id = asked.match["event"]
    body = raw_envelope(connection, event_id)
    if body is None:
        return missing("envelope")
    return Raw(body, "application/x-sentry-envelope", filename=f"{event_id}.envelope")


def _event(connection: sqlite3.Connection, asked: Asked, found: Event, what: str) -> View:
    number, detail = found.issue_id, detail_of(found.payload)
    errors = events.events_of_trace(connection, found.trace_id) if found.trace_id else []
    return View(
        "event.html",
        {
            "issue": lists.issue(connection, number, asked.now),
            "event": found,
            "detail": detail,
            "timeline": timeline(detail.crumbs, found.timestamp),
            "shares": events.tag_shares(connection, number),
            "feedback": events.feedback(connection, found.event_id),
            "said": events.feedback_of_issue(connection, number),
            "users": events.users_of_issue(connection, number),
            "history": events.history(connection, number),
            "hashes": events.hashes(connection, number),
            "grouping": group(found.payload),
            "suspect": events.suspect(connection, number),
            "waterfall": traces.trace(connection, found.trace_id or "", errors),
            "steps": STEPS,
            "has_envelope": has_envelope(connection, found.event_id),
            "ignoring": {name: words for name, (words, *_) in IGNORING.items()},
            "is_latest": what == "issue",
        },
    )

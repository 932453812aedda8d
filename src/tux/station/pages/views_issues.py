"""Pages about what went wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tux.station.pages.detail import detail_of
from tux.station.pages.rendering import Asked, Raw, View, missing
from tux.station.queries import issues as queries

if TYPE_CHECKING:
    import sqlite3


def issues(connection: sqlite3.Connection, asked: Asked) -> View:
    """List issues."""
    state, query = asked.choice("status", queries.STATES), asked.word("query")
    found, has_more = queries.issues(
        connection, state=state, query=query, page=asked.page, now=asked.now
    )
    return View(
        "issues.html",
        {"issues": found, "has_more": has_more, "state": state, "states": queries.STATES},
    )


def issue(connection: sqlite3.Connection, asked: Asked) -> View:
    """Show an issue by its newest event."""
    number = int(asked.match["issue"])
    event_id = queries.latest_event_id(connection, number)
    return _event(connection, asked, event_id, "issue") if event_id else missing("issue")


def event(connection: sqlite3.Connection, asked: Asked) -> View:
    """Show one event."""
    return _event(connection, asked, asked.match["event"], "event")


def document(connection: sqlite3.Connection, asked: Asked) -> View | Raw:
    """Give an event as it was sent."""
    found = queries.event(connection, asked.match["event"])
    if found is None:
        return missing("event")
    return Raw(json.dumps(found.payload, indent=2).encode(), "application/json")


def _event(connection: sqlite3.Connection, asked: Asked, event_id: str, what: str) -> View:
    found = queries.event(connection, event_id)
    if found is None:
        return missing(what)
    return View(
        "event.html",
        {
            "issue": queries.issue(connection, found.issue_id, asked.now),
            "event": found,
            "detail": detail_of(found.payload),
            "shares": queries.tag_shares(connection, found.issue_id),
            "feedback": queries.feedback(connection, found.event_id),
            "is_latest": what == "issue",
        },
    )

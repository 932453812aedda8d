"""The captures: what is told of each kind of failure. All of them come down to ``reporting.report``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import sentry_sdk
from sentry_sdk.utils import safe_str

from tux.services.sentry.health import contained
from tux.services.sentry.kinds import API, DATABASE, TAG
from tux.services.sentry.policy import read
from tux.services.sentry.privacy import told_id
from tux.services.sentry.reporting import Details, admit_kind, report, told_of

if TYPE_CHECKING:
    from sentry_sdk._types import LogLevelStr

MAX_TEXT: Final = 1000
"""Characters of a query or an answer that go along."""


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
    if not (extra_context or contexts or tags):
        return report(error)
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
        before = admit_kind(("message", message[:MAX_TEXT], level))
        if before is None:
            return None
        event_id: object = sentry_sdk.capture_message(
            message,
            level=level,
            contexts=dict(contexts or {}) | told_of(before),
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
    tags = {TAG: DATABASE, **{f"db.{name}": value for name, value in facts.items()}}
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
        TAG: API,
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
            user={} if user_id is None else {"id": told_id(safe_str(user_id))},
        ),
    )


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}

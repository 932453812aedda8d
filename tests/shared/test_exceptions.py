"""The tree of errors: the facts of each, the message made from them, and whose fault it is."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from tux.shared import exceptions
from tux.shared.exceptions import (
    TuxAPIConnectionError,
    TuxAPIError,
    TuxAPIPermissionError,
    TuxAPIRequestError,
    TuxAPIResourceNotFoundError,
    TuxConfigurationError,
    TuxDatabaseConnectionError,
    TuxDatabaseError,
    TuxDatabaseQueryError,
    TuxError,
    TuxExtensionError,
    TuxPermissionError,
    TuxServiceError,
    TuxUnavailableError,
)

API = ("xkcd", "https://xkcd.com/info.0.json")
API_FACTS = {"service": "xkcd", "endpoint": API[1]}
CASES: list[tuple[TuxError, str, dict[str, Any]]] = [
    (TuxError("broken"), "broken", {}),
    (
        TuxConfigurationError("SENTRY_DSN"),
        "SENTRY_DSN is missing or wrong. Set it in the environment, .env or tux.toml.",
        {"key": "SENTRY_DSN", "hint": "Set it in the environment, .env or tux.toml."},
    ),
    (
        TuxConfigurationError("STATION_PORT", "Choose another."),
        "STATION_PORT is missing or wrong. Choose another.",
        {"key": "STATION_PORT", "hint": "Choose another."},
    ),
    (
        TuxUnavailableError("STATION_PORT", "It is in use."),
        "STATION_PORT: It is in use.",
        {"key": "STATION_PORT", "hint": "It is in use."},
    ),
    (TuxDatabaseError(), "The database failed", {"operation": None, "table": None}),
    (
        TuxDatabaseConnectionError(operation="connect"),
        "The database failed (connect)",
        {"operation": "connect", "table": None},
    ),
    (
        TuxDatabaseQueryError("Refused", operation="insert", table="cases"),
        "Refused (insert cases)",
        {"operation": "insert", "table": "cases"},
    ),
    (
        TuxAPIError(*API, "odd answer", 299),
        "xkcd: odd answer (HTTP 299) at https://xkcd.com/info.0.json",
        {**API_FACTS, "status_code": 299},
    ),
    (
        TuxAPIConnectionError(*API),
        "xkcd: no connection at https://xkcd.com/info.0.json",
        {**API_FACTS, "status_code": None},
    ),
    (
        TuxAPIConnectionError(*API, "timed out"),
        "xkcd: timed out at https://xkcd.com/info.0.json",
        {**API_FACTS, "status_code": None},
    ),
    (
        TuxAPIPermissionError(*API, 401),
        "xkcd: access refused (HTTP 401) at https://xkcd.com/info.0.json",
        {**API_FACTS, "status_code": 401},
    ),
    (
        TuxAPIRequestError(*API, 500),
        "xkcd: request failed (HTTP 500) at https://xkcd.com/info.0.json",
        {**API_FACTS, "status_code": 500},
    ),
    (
        TuxAPIResourceNotFoundError(*API, "comic 9999"),
        "xkcd: comic 9999 not found (HTTP 404) at https://xkcd.com/info.0.json",
        {**API_FACTS, "status_code": 404, "resource": "comic 9999"},
    ),
    (
        TuxPermissionError("You need the moderators' role."),
        "You need the moderators' role.",
        {"rule": "You need the moderators' role."},
    ),
    (TuxServiceError("station", "ended"), "station: ended", {"service": "station"}),
    (
        TuxExtensionError("tux.modules.fun", "no setup"),
        "extensions: tux.modules.fun: no setup",
        {"service": "extensions", "extension": "tux.modules.fun"},
    ),
]
USER_FAULTS = {TuxAPIResourceNotFoundError, TuxPermissionError}
CLASSES: list[type[TuxError]] = [
    member
    for _, member in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(member, TuxError)
]


@pytest.mark.parametrize(
    ("error", "message", "facts"), CASES, ids=[type(error).__name__ for error, *_ in CASES]
)
def test_the_message_is_made_from_the_facts(
    error: TuxError, message: str, facts: dict[str, Any]
) -> None:
    """An error carries its facts as attributes, and says them."""
    assert str(error) == message
    assert vars(error) == facts


def test_every_class_is_in_the_table_above() -> None:
    """No class of the tree is without a case."""
    assert {type(error) for error, *_ in CASES} == set(CLASSES)


@pytest.mark.parametrize("kind", CLASSES)
def test_whose_fault_it_is(kind: type[TuxError]) -> None:
    """What a person can mend is the person's; everything else is ours."""
    assert kind.is_user_fault is (kind in USER_FAULTS)


def test_the_drawing_is_the_tree() -> None:
    """The tree at the top of the module has every class, below its parent."""
    drawn = {}
    path: list[str] = []
    for line in (exceptions.__doc__ or "").splitlines():
        if found := re.fullmatch(r"    ([│├└─ ]*)(Tux\w+)", line):
            path[len(found[1]) // 4 :] = [found[2]]
            drawn[found[2]] = path[-2] if len(path) > 1 else "Exception"
    assert drawn == {kind.__name__: kind.__mro__[1].__name__ for kind in CLASSES}

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import aiohttp
import discord
import httpx
import pytest
import sentry_sdk
from sqlalchemy.exc import SQLAlchemyError

from tux.services.sentry import capture_database_error, capture_exception
from tux.services.sentry.kinds import kind_of
from tux.shared.exceptions import TuxAPIConnectionError, TuxDatabaseQueryError

if TYPE_CHECKING:
    from tests.fakes.sent import Sent


def caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TuxDatabaseQueryError("x"), "database"),
        (SQLAlchemyError("x"), "database"),
        (sqlite3.OperationalError("x"), "database"),
        (caused(RuntimeError("x"), sqlite3.OperationalError("x")), "database"),
        (TuxAPIConnectionError("xkcd", "/"), "api"),
        (httpx.ConnectError("x"), "api"),
        (aiohttp.ClientError("x"), "api"),
        (discord.DiscordException("x"), "discord"),
        (KeyError("x"), None),
    ],
)
def test_an_error_is_of_a_kind(error: BaseException, kind: str | None) -> None:
    """The class tells, or that of a cause."""
    assert kind_of(error) == kind


def test_a_captured_error_says_its_kind(sent: Sent) -> None:
    """The tag is on what is captured as such, whatever its class, and on what is such by itself."""
    capture_database_error(ValueError("a"))
    capture_exception(caused(RuntimeError("b"), httpx.ConnectError("c")))
    capture_exception(KeyError("d"))
    sentry_sdk.capture_exception(sqlite3.OperationalError("e"))
    assert [event.get("tags", {}).get("error.kind") for event in sent.events] == [
        "database",
        "api",
        None,
        "database",
    ]

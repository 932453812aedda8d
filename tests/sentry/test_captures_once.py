"""One failure is one event, however many layers report it, and none of them breaks the bot."""

from __future__ import annotations

import asyncio
import gc
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import httpx
import pytest
import sentry_sdk
from discord.ext import commands
from loguru import logger
from tests.fakes.sent import attributes_of, crumbs_of, raised, types_of

from tux.services.sentry import (
    capture_api_error,
    capture_cog_error,
    capture_database_error,
    capture_exception,
    capture_exception_safe,
    capture_message,
    capture_tux_exception,
    convert_httpx_error,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.sent import Sent


def wrapped(error: Exception) -> Exception:
    """What discord.py makes of an error of a command."""
    with pytest.raises(commands.CommandInvokeError) as caught:
        raise commands.CommandInvokeError(error) from error
    return caught.value


def log_of_discord(error: Exception) -> None:
    told = logging.getLogger("discord.ext.commands.bot")
    told.error("Ignoring exception in command ban", exc_info=error)


def log_exception(error: Exception) -> None:
    try:
        raise error  # noqa: TRY301  # so that there is something to log
    except Exception:
        logging.getLogger("somebodys").exception("it failed")


def log_loguru(error: Exception) -> None:
    logger.opt(exception=error).error("it failed")


def log_asyncio(error: Exception) -> None:
    text = "Task exception was never retrieved"
    logging.getLogger("asyncio").error(text, exc_info=error)


def raise_from(error: Exception) -> None:
    with pytest.raises(RuntimeError) as caught:
        raise RuntimeError("the service could not") from error
    capture_exception_safe(caught.value)


LAYERS: dict[str, Callable[[Exception], object]] = {
    "safe": capture_exception_safe,
    "database": capture_database_error,
    "api": capture_api_error,
    "cog": lambda error: capture_cog_error(error, cog_name="Bans"),
    "tux": capture_tux_exception,
    "sdk": sentry_sdk.capture_exception,
    "wrapper": lambda error: capture_exception_safe(wrapped(error)),
    "wrapper by the sdk": lambda error: sentry_sdk.capture_exception(wrapped(error)),
    "cause": raise_from,
    "discord's log": lambda error: log_of_discord(wrapped(error)),
    "logging": log_exception,
    "loguru": log_loguru,
    "asyncio": log_asyncio,
}


@pytest.mark.parametrize("first", LAYERS)
def test_once(sent: Sent, first: str) -> None:
    """Whoever is first reports it, and all others find it reported."""
    error = raised(LookupError("gone"))
    for layer in (LAYERS[first], *LAYERS.values()):
        layer(error)
    assert types_of(sent.event)[0] == "LookupError"


@pytest.mark.parametrize("layer", LAYERS)
def test_user_errors_send_nothing(sent: Sent, layer: str) -> None:
    """A member's mistake is no event, by whatever way it comes."""
    LAYERS[layer](raised(commands.BadArgument("no number")))
    assert sent.events == []


async def test_once_from_a_task(sent: Sent) -> None:
    """What nobody awaited is one event, and so it stays when it had been captured before."""

    async def fail(*, capture: bool) -> None:
        error = RuntimeError("captured" if capture else "lost")
        if capture:
            capture_exception(error)
        raise error

    for capture in (True, False):
        task = asyncio.create_task(fail(capture=capture))
        await asyncio.wait([task])
        del task
        gc.collect()
        await asyncio.sleep(0)
    told = [event["exception"]["values"][-1]["value"] for event in sent.events]
    assert told == ["captured", "lost"]
    assert sent.events[1]["exception"]["values"][-1]["mechanism"] == {
        "type": "discord",
        "handled": False,
    }


def test_two_failures_are_two(sent: Sent) -> None:
    """Two errors of one kind are two events."""
    ids = [capture_exception_safe(raised(LookupError("gone"))) for _ in range(2)]
    assert [event["event_id"] for event in sent.events] == ids


def test_once_where_no_mark_can_be_set(sent: Sent) -> None:
    """An exception that forbids to set attributes is one event all the same."""

    @dataclass(frozen=True)
    class FrozenError(Exception):
        fact: int

    error = FrozenError(1)
    ids = {capture_exception_safe(error) for _ in range(3)}
    log_loguru(error)
    assert {sent.event["event_id"]} == ids


def test_safe(sent: Sent) -> None:
    """The event has the context, the level, the stack, and the id that was returned."""
    event_id = capture_exception_safe(
        raised(LookupError("gone")), extra_context={"step": "look up", "tries": 3}
    )
    assert sent.event["event_id"] == event_id
    assert sent.event["contexts"]["extra_context"] == {"step": "look up", "tries": 3}
    assert sent.event["level"] == "error"
    assert sent.event["exception"]["values"][-1]["stacktrace"]["frames"]


def test_wrapper_is_a_tag(sent: Sent) -> None:
    """The event is of the error itself; what it was wrapped in is a tag."""
    capture_exception(commands.CommandInvokeError(raised(LookupError("gone"))))
    assert types_of(sent.event) == ["LookupError"]
    assert sent.event["tags"]["error.wrapper"] == "CommandInvokeError"


def test_without_an_error(sent: Sent) -> None:
    """The error that is being handled is meant; where there is none, none is sent."""
    assert capture_exception() is None
    try:
        int("seven")
    except ValueError:
        event_id = capture_exception(tags={"step": "one", "none": None})
    assert sent.event["event_id"] == event_id
    assert sent.event["tags"] == {"step": "one"}


def test_database(sent: Sent) -> None:
    """Operation and table are tags, the query is context."""
    capture_database_error(
        raised(OSError("gone")), operation="select", table="cases", query="SELECT 1"
    )
    assert sent.event["tags"] == {
        "error.kind": "database",
        "db.operation": "select",
        "db.table": "cases",
    }
    assert sent.event["contexts"]["database"] == {
        "operation": "select",
        "table": "cases",
        "query": "SELECT 1",
    }


def test_api(sent: Sent) -> None:
    """The status is a tag; endpoint, without its query, and answer are context."""
    capture_api_error(
        raised(OSError("gone")),
        endpoint="https://api.example/things?page=7",
        status_code=500,
        response_data={"error": "busy"},
    )
    assert sent.event["tags"] == {"error.kind": "api", "api.status_code": "500"}
    assert sent.event["contexts"]["api"] == {
        "endpoint": "https://api.example/things",
        "status_code": 500,
        "response_data": {"error": "busy"},
    }


def test_cog(sent: Sent) -> None:
    """Cog, command and event are tags."""
    capture_cog_error(raised(OSError("gone")), cog_name="Bans", command_name="ban")
    assert sent.event["tags"] == {"cog": "Bans", "command": "ban"}
    assert sent.event["contexts"]["cog"] == {"cog": "Bans", "command": "ban"}


def test_tux(sent: Sent) -> None:
    """Command and guild are tags, the user is the event's, the error's facts are context."""
    error = raised(KeyError("gone"))
    error.fact = "seven"  # type: ignore[attr-defined]  # any fact
    capture_tux_exception(error, command_name="ban", user_id=11, guild_id=22)
    assert sent.event["tags"] == {"command": "ban", "guild_id": "22"}
    assert sent.event["user"] == {"id": "11"}
    assert sent.event["contexts"]["error"] == {"fact": "seven"}


def test_message(sent: Sent) -> None:
    """A message has its level, and a flood of it is held back."""
    ids = [capture_message("look", "warning", tags={"step": "one"}) for _ in range(100)]
    assert {event["level"] for event in sent.events} == {"warning"}
    assert [event["event_id"] for event in sent.events] == [one for one in ids if one]
    assert len(sent.events) == 5


@pytest.mark.parametrize(("status", "count"), [(403, 0), (404, 0), (401, 1), (500, 1), (429, 0)])
def test_httpx_statuses(sent: Sent, status: int, count: int) -> None:
    """403, 404 and the limits of others are answers; other statuses are sent once."""
    request = httpx.Request("GET", "https://api.example/things?token=1")
    answer = httpx.Response(status, request=request)
    error = raised(httpx.HTTPStatusError("no", request=request, response=answer))
    with pytest.raises(Exception, match=r"things") as caught:
        convert_httpx_error(error, "things", "/things?page=1", not_found_resource="thing 7")
    capture_exception_safe(caught.value)
    assert caught.value.__cause__ is error
    assert "page" not in str(caught.value)
    assert len(sent.events) == count
    assert all(event["tags"]["api.status_code"] == str(status) for event in sent.events)


def test_log_lines_without_error(sent: Sent) -> None:
    """A line is a log and a breadcrumb of the next event, never an event."""
    logging.getLogger("somebodys").error("by logging")
    logger.error("by loguru")
    assert sent.events == []
    assert [line["body"] for line in sent.logs] == ["by logging", "by loguru"]
    assert attributes_of(sent.logs[0])["logger.name"] == "somebodys"
    logger.opt(exception=commands.BadArgument("no")).error("with a mistake")
    capture_exception(LookupError("gone"))
    assert crumbs_of(sent.event)[:3] == ["by logging", "by loguru", "with a mistake"]


def test_user_error_is_a_breadcrumb(sent: Sent) -> None:
    """What was not sent is told by the next event."""
    capture_exception(commands.BadArgument("no number"))
    capture_exception(LookupError("gone"))
    assert crumbs_of(sent.event) == ["BadArgument"]


def test_patched_sdk(unstarted: Sent) -> None:
    """With the SDK off and on, the patched function sees one call with the context."""
    for on in (False, True):
        if on:
            unstarted.start()
        with patch("sentry_sdk.capture_exception", return_value="a" * 32) as patched:
            error = ValueError("bad")
            event_id = capture_exception_safe(error, extra_context={"step": "one"})
            assert capture_exception_safe(error) == event_id
        patched.assert_called_once()
        assert patched.call_args.args == (error,)
        assert "'extra_context': {'step': 'one'}" in str(patched.call_args)
        assert event_id == "a" * 32


class HostileError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")

    __repr__ = __str__


class Hostile:
    __str__ = __repr__ = HostileError.__str__


def capture_all(error: Any) -> list[str | None]:
    hostile: Any = Hostile()
    return [
        capture_exception(error, extra_context=hostile, tags={"hostile": hostile}),
        capture_exception_safe(error, extra_context={"hostile": hostile}),
        capture_database_error(error, operation=hostile, table=hostile, query=hostile),
        capture_api_error(error, endpoint=hostile, response_data=hostile),
        capture_cog_error(error, cog_name=hostile),
        capture_tux_exception(error, command_name=hostile, user_id=hostile, guild_id=hostile),
        capture_message(error),
    ]


@pytest.mark.parametrize("odd", [None, "text", 7, object(), ValueError, Hostile(), HostileError()])
def test_never_raises(unstarted: Sent, odd: object) -> None:
    """Whatever is handed in, no capture raises, with the SDK off or on."""
    capture_all(odd)
    unstarted.start()
    capture_all(odd)
    assert len(unstarted.events) <= 2


def test_hostile_error_is_sent(sent: Sent) -> None:
    """An error that cannot be printed, with facts that cannot, is an event."""
    error = HostileError()
    error.fact = Hostile()  # type: ignore[attr-defined]  # any fact
    assert capture_tux_exception(error) == sent.event["event_id"]
    assert types_of(sent.event) == ["HostileError"]


def test_endpoint_may_be_a_url(sent: Sent) -> None:
    """An endpoint that is httpx's URL, and a context that is no mapping, are taken as they are."""
    url: Any = httpx.URL("https://api.example/things?page=1")
    capture_api_error(LookupError("gone"), endpoint=url)
    context: Any = ["a", "list"]
    capture_exception_safe(LookupError("gone"), extra_context=context)
    contexts = [event["contexts"] for event in sent.events]
    assert contexts[0]["api"] == {"endpoint": "https://api.example/things"}
    assert contexts[1]["extra_context"] == {"value": ["a", "list"]}


def test_off(unstarted: Sent) -> None:
    """With the SDK off nothing is sent and no id is made up."""
    assert capture_exception_safe(LookupError("gone")) is None
    assert capture_message("look") is None
    assert unstarted.everything == b""

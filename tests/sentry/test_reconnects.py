"""That discord.py tries to reconnect is normal once, and a warning when it goes on."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
from discord.backoff import ExponentialBackoff
from discord.gateway import DiscordWebSocket
from loguru import logger
from tests.fakes.lives import Life, Plain, Sharded, living
from tests.fakes.sent import attributes_of, crumbs_of, raised
from yarl import URL

from tux.services.sentry.log_errors import unwatch_logs, watch_logs
from tux.services.sentry.reconnects import RECONNECTS, RETRIED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from loguru import Record
    from tests.fakes.sent import Sent

NOWHERE = URL("ws://127.0.0.1:1")
BOTS: list[Callable[[], Plain]] = [Plain, lambda: Sharded(1)]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(sent: Sent) -> Clock:
    made = Clock()
    unwatch_logs()
    watch_logs(made)
    return made


def retries_of(sent: Sent) -> list[Any]:
    found = [attributes_of(one) for one in sent.metrics if one["name"] == "gateway.retries"]
    return [one["shard"] for one in found]


async def fail_to_reconnect(
    life: Life, monkeypatch: pytest.MonkeyPatch, times: int, waits: Callable[[], None]
) -> None:
    """Lose the connection, and fail so many times before it is found again."""
    there = DiscordWebSocket.DEFAULT_GATEWAY
    left = times

    def delay(_: object) -> float:
        nonlocal left
        left -= 1
        waits()
        if left == 0:
            socket.gateway = DiscordWebSocket.DEFAULT_GATEWAY = there
        return 0

    socket = life.bot._connection._get_websocket(shard_id=life.bot.shard_id or 0)
    socket.gateway = NOWHERE
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", NOWHERE)
    monkeypatch.setattr(ExponentialBackoff, "delay", delay)
    # The client with shards begins a new session.
    back = life.hears("connect" if isinstance(life.bot, Sharded) else "resumed")
    await life.local.drop_connections()
    await back


@pytest.mark.parametrize("make", BOTS)
async def test_a_few(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Plain]
) -> None:
    """Five failures in a row are counted, and are no event."""
    async with living(make(), monkeypatch) as life:
        await fail_to_reconnect(life, monkeypatch, 5, lambda: None)
        assert retries_of(sent) == [0] * 5
        assert sent.events == []


@pytest.mark.parametrize("make", BOTS)
async def test_many(sent: Sent, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Plain]) -> None:
    """The sixth within ten minutes is a warning that knows the others; the next five are not."""
    async with living(make(), monkeypatch) as life:
        await fail_to_reconnect(life, monkeypatch, 11, lambda: None)
        assert retries_of(sent) == [0] * 11
        event = sent.event
    assert event["level"] == "warning"
    assert event["fingerprint"] == ["gateway-reconnect"]
    assert event["tags"]["shard"] == "0"
    assert crumbs_of(event).count("ClientConnectorError") == 5


async def test_many_in_a_long_time(
    sent: Sent, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failures that come every two minutes and a half are no event."""

    def wait() -> None:
        clock.now += 150

    async with living(Plain(), monkeypatch) as life:
        await fail_to_reconnect(life, monkeypatch, 20, wait)
        assert len(retries_of(sent)) == 20
        assert sent.events == []


def lose(shard: int, error: Exception | None = None) -> None:
    logging.getLogger("discord.shard").error(
        "Attempting a reconnect for shard ID %s in %.2fs",
        shard,
        1.0,
        exc_info=error or raised(ConnectionResetError()),
    )


def test_shards_apart(sent: Sent, clock: Clock) -> None:
    """Each shard has its own count: all of them once is one restart of Discord's."""
    for shard in range(12):
        lose(shard)
    assert retries_of(sent) == list(range(12))
    assert sent.events == []


def test_again_after_a_warning(sent: Sent, clock: Clock) -> None:
    """After a warning the count begins anew."""
    for _ in range(12):
        lose(3)
    assert [event["tags"]["shard"] for event in sent.events] == ["3", "3"]


def test_first_connect_of_a_shard(sent: Sent) -> None:
    """A shard that cannot connect at the start is no event, unless it is for a bug."""
    log = logging.getLogger("discord.shard")
    for error in (raised(TimeoutError()), raised(LookupError("bug"))):
        log.error("Failed to connect for shard_id: %s. Retrying...", 1, exc_info=error)
    assert retries_of(sent) == [1]
    assert sent.event["exception"]["values"][-1]["value"] == "bug"


LIKE_IT = [
    ("discord.client", "Attempting a reconnect"),
    ("shop", "Attempting a reconnect in %.2fs"),
    ("discord.client", ["a list"]),
]


@pytest.mark.parametrize(("name", "text"), LIKE_IT)
def test_others(sent: Sent, name: str, text: Any) -> None:
    """Another text, or another logger's, is an event at once."""
    record = logging.LogRecord(
        name, logging.ERROR, "", 1, text, (), (OSError, raised(OSError("other")), None)
    )
    logging.getLogger().handle(record)
    assert sent.event["exception"]["values"][-1]["value"] == "other"


class Forwarder(logging.Handler):
    """Hands records on to loguru, as many bots do."""

    def emit(self, record: logging.LogRecord) -> None:
        def name(made: Record) -> None:
            made["name"] = record.name

        line = logger.patch(name).opt(exception=record.exc_info)
        line.log(record.levelname, record.getMessage())


@pytest.fixture
def forwarder() -> Iterator[Forwarder]:
    made = Forwarder()
    logging.getLogger().handlers.insert(0, made)
    yield made
    logging.getLogger().removeHandler(made)


def test_lines_that_are_handed_on_to_loguru(sent: Sent, forwarder: Forwarder) -> None:
    """A bot that has all lines in loguru has each failure counted once, and told alike."""
    for _ in range(5):
        lose(0)
    assert retries_of(sent) == [0] * 5
    assert sent.events == []
    lose(0)
    assert sent.event["fingerprint"] == ["gateway-reconnect"]
    lose(0, raised(LookupError("bug")))
    assert len(sent.events) == 2


def test_texts_are_discords() -> None:
    """discord.py says each of these texts, at the level that is listened to, and no other such."""
    found = set()
    for module in (discord.client, discord.shard):
        source = inspect.getsource(module)
        for name, text in RECONNECTS:
            if name == module.__name__:
                assert f"_log.exception('{text}'" in source or f"_log.error('{text}'" in source
                found.add(text)
        assert source.count("Attempting a reconnect") + source.count("Failed to connect") == len(
            [name for name, _ in RECONNECTS if name == module.__name__]
        )
    assert len(found) == len(RECONNECTS)


async def test_errors_are_discords() -> None:
    """discord.py tries again after these errors."""
    async with Plain() as bot:
        bot._reconnect = True  # type: ignore[attr-defined]  # as the client with shards has it
        shard = discord.shard.Shard(None, bot, print)  # type: ignore[arg-type]  # neither is used
    assert {*shard._handled_exceptions} == {*RETRIED, TimeoutError}
    assert issubclass(TimeoutError, RETRIED)
    assert aiohttp.ClientError in RETRIED

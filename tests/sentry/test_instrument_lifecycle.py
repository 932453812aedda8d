"""A bot's life on the local Discord: what it begins with, what interrupts it, what ends it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import discord
import pytest
from tests.fakes.lives import Life, Plain, Sharded, living
from tests.fakes.receiver import Reply, wait_until
from tests.fakes.sent import attributes_of, crumbs_of, status_of, trace_of, types_of

from tux.simulator.events import Event

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.fakes.sent import Sent

    Act = Callable[[Life], Awaitable[None]]

BOTS: list[Callable[[], Plain]] = [Plain, Sharded]


class Prepared(Plain):
    async def setup_hook(self) -> None:
        await self.application_info()


def shards_of(bot: Plain) -> list[int]:
    return list(range(bot.shard_count or 1))


def figures_of(sent: Sent, name: str) -> list[dict[str, Any]]:
    """Attributes of a metric of the gateway, by shard, without the SDK's own."""
    found = [attributes_of(one) for one in sent.metrics if one["name"] == f"gateway.{name}"]
    ours = [{key: one[key] for key in one if "." not in key} for one in found]
    return sorted(ours, key=lambda one: int(one["shard"]))


def units_of(sent: Sent, op: str) -> list[Any]:
    found = [one for one in sent.transactions if one["contexts"]["trace"]["op"] == op]
    return sorted(found, key=lambda one: str(one["tags"].get("shard")))


def assert_ended(sent: Sent, level: str, kind: str) -> Any:
    """The only event arrived before the bot's end, and nobody handled what it tells of."""
    (event,) = sent.receiver.of("event")
    assert sent.event == event
    assert event["level"] == level
    assert types_of(event)[-1] == kind
    assert event["exception"]["values"][-1]["mechanism"] == {"type": "discord", "handled": False}
    return event


@pytest.mark.parametrize("make", BOTS)
async def test_first_connect(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Plain]
) -> None:
    """Each connection is a unit of its own that names its shard; nobody calls it a reconnect."""
    async with living(make(), monkeypatch) as life:
        user = life.bot.user
    assert user is not None
    units = units_of(sent, "gateway")
    assert [unit["transaction"] for unit in units] == ["connect"] * len(shards_of(life.bot))
    for shard, unit in zip(shards_of(life.bot), units, strict=True):
        assert unit["tags"] == {"shard": str(shard), "resumed": "false"}
        assert unit["contexts"]["discord"] == {"bot_id": str(user.id)}
        assert status_of(unit) == "ok"
    assert len({trace_of(unit) for unit in units}) == len(units)
    assert figures_of(sent, "ready") == [{"shard": shard} for shard in shards_of(life.bot)]
    assert figures_of(sent, "reconnects") == []
    assert figures_of(sent, "resumed") == []
    assert sent.events == []


INTERRUPTIONS: list[tuple[Act, int, bool]] = [
    (lambda life: life.local.drop_connections(), 1006, True),
    (lambda life: life.local.request_reconnect(), 4000, True),
    (lambda life: life.local.invalidate_sessions(resumable=True), 4000, True),
    (lambda life: life.local.invalidate_sessions(), 1000, False),
    (lambda life: life.local.close_gateway(1000), 1000, True),
    (lambda life: life.local.close_gateway(4000), 4000, True),
    (lambda life: life.local.close_gateway(4009), 4009, True),
]


@pytest.mark.parametrize("make", BOTS)
@pytest.mark.parametrize(("act", "code", "resumed"), INTERRUPTIONS)
async def test_interrupted(
    sent: Sent,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[], Plain],
    act: Act,
    code: int,
    *,
    resumed: bool,
) -> None:
    """A connection that is lost and found again is counted, a unit, and no event."""
    async with living(make(), monkeypatch) as life:
        shards = shards_of(life.bot)
        sent.forget()
        back = life.hears("resumed" if resumed else "connect", len(shards))
        await act(life)
        await back
        units = units_of(sent, "gateway")
        assert [unit["transaction"] for unit in units] == (
            ["resume" if resumed else "connect"] * len(shards)
        )
        for shard, unit in zip(shards, units, strict=True):
            assert unit["tags"] == {"shard": str(shard), "resumed": str(resumed).lower()}
        assert figures_of(sent, "disconnects") == [{"shard": one, "code": code} for one in shards]
        assert figures_of(sent, "reconnects") == [
            {"shard": one, "resumed": resumed} for one in shards
        ]
        assert figures_of(sent, "resumed" if resumed else "ready") == [
            {"shard": shard} for shard in shards
        ]
        assert sent.events == []


FATAL = [
    (4004, "ConnectionClosed"),
    (4010, "ConnectionClosed"),
    (4011, "ConnectionClosed"),
    (4012, "ConnectionClosed"),
    (4013, "ConnectionClosed"),
    (4014, "PrivilegedIntentsRequired"),
]


@pytest.mark.parametrize("make", BOTS)
@pytest.mark.parametrize(("code", "kind"), FATAL)
async def test_closed_for_good(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Plain], code: int, kind: str
) -> None:
    """A close code that no reconnect mends is one fatal event, sent before the bot ends."""
    async with living(make(), monkeypatch) as life:
        sent.forget()
        await life.local.close_gateway(code)
        ended = await life.end()
    assert type(ended).__name__ == kind
    assert_ended(sent, "fatal", kind)
    assert [one["code"] for one in figures_of(sent, "disconnects")][:1] == [code]


async def test_wrong_token(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that Discord refuses is one fatal event, sent before the bot ends."""
    async with living(Plain(), monkeypatch):
        sent.forget()
        async with Prepared() as other:
            with pytest.raises(discord.LoginFailure):
                await other.start("no token")
            assert "setup_hook" not in vars(other)
        assert_ended(sent, "fatal", "LoginFailure")


@pytest.mark.parametrize("make", BOTS)
async def test_unreadable_event(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Plain]
) -> None:
    """An event at which discord.py's parser fails is one error that names it, and ends the bot."""
    async with living(make(), monkeypatch) as life:
        sent.forget()
        life.local._gateway.dispatch(Event("GUILD_ROLE_DELETE", {}))
        assert isinstance(await life.end(), KeyError)
    event = assert_ended(sent, "error", "KeyError")
    assert event["tags"] == {"gateway.event": "GUILD_ROLE_DELETE", "shard": "0"}


async def test_bug_before_identifying(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the bot does before it identifies may fail: that is an error of this connect."""

    class Careless(Plain):
        async def before_identify_hook(
            self, shard_id: int | None, *, initial: bool = False
        ) -> None:
            if not initial:
                raise LookupError

    async with living(Careless(), monkeypatch) as life:
        sent.forget()
        await life.local.invalidate_sessions()
        assert isinstance(await life.end(), LookupError)
    event = assert_ended(sent, "error", "LookupError")
    (unit,) = units_of(sent, "gateway")
    assert trace_of(event) == trace_of(unit)
    assert status_of(unit) == "internal_error"


async def test_no_network(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that fails where nobody tries again is one warning of Discord's outage."""
    async with living(Plain(), monkeypatch) as life:
        sent.forget()
        other = Plain()
        async with other:
            monkeypatch.setattr(discord.http.Route, "BASE", "http://127.0.0.1:1")
            with pytest.raises(OSError, match="127"):
                await other.start(life.local.token)
        event = assert_ended(sent, "warning", "ClientConnectorError")
        assert event["fingerprint"] == ["discord-outage"]


async def test_no_reconnect(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket's error that ends a bot which shall not try again is such a warning, too."""

    class Cut(Plain):
        async def before_identify_hook(
            self, shard_id: int | None, *, initial: bool = False
        ) -> None:
            raise ConnectionAbortedError

    async with living(Plain(), monkeypatch) as life:
        sent.forget()
        async with Cut() as other:
            with pytest.raises(ConnectionAbortedError):
                await other.start(life.local.token, reconnect=False)
        event = assert_ended(sent, "warning", "ConnectionAbortedError")
        assert event["fingerprint"] == ["discord-outage"]


async def test_cancelled_while_it_is_seen_off(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who cancels the bot need not wait until the receiver has answered."""
    async with living(Plain(), monkeypatch) as life:
        sent.forget()
        sent.receiver.otherwise = Reply(delay=1.0)
        requests = sent.receiver.requests
        await life.local.close_gateway(4014)
        await asyncio.to_thread(wait_until, lambda: sent.receiver.requests > requests)
        life.running.cancel()
        assert isinstance(await life.end(), asyncio.CancelledError)
        assert sent.receiver.bodies == []
        assert sent.event["level"] == "fatal"


async def test_setup(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """The set-up is a unit with its REST calls."""
    async with living(Prepared(), monkeypatch) as life:
        (unit,) = units_of(sent, "bot.setup")
        assert "setup_hook" not in vars(life.bot)
    assert unit["transaction"] == "setup_hook"
    assert status_of(unit) == "ok"
    assert [span["description"] for span in unit["spans"]] == ["GET /oauth2/applications/@me"]


async def test_setup_that_is_assigned(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook that somebody has put on the bot itself is a unit, too, and stays there."""
    bot = Plain()
    hook = bot.tree.sync
    bot.setup_hook = hook  # type: ignore[method-assign,assignment]  # as users do
    async with living(bot, monkeypatch):
        (unit,) = units_of(sent, "bot.setup")
        assert vars(bot)["setup_hook"] is hook
    assert "PUT /applications/{application_id}/commands" in {
        span["description"] for span in unit["spans"]
    }


async def test_nothing_to_set_up(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot without a set-up of its own has no such unit."""
    async with living(Plain(), monkeypatch):
        assert units_of(sent, "bot.setup") == []


@pytest.mark.parametrize("is_assigned", [False, True])
async def test_setup_fails(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, *, is_assigned: bool
) -> None:
    """What a set-up raises is one unhandled error of its unit."""

    async def fail(*_: object) -> None:
        raise LookupError

    bot = Plain() if is_assigned else type("Unprepared", (Plain,), {"setup_hook": fail})()
    if is_assigned:
        bot.setup_hook = fail  # type: ignore[method-assign]  # as users do
    async with living(Plain(), monkeypatch) as life:
        sent.forget()
        async with bot:
            with pytest.raises(LookupError):
                await bot.start(life.local.token)
        event = assert_ended(sent, "error", "LookupError")
        (unit,) = units_of(sent, "bot.setup")
        assert status_of(unit) == "internal_error"
        assert trace_of(event) == trace_of(unit)
        assert crumbs_of(event) == []


async def test_bot_without_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a client a bot begins, comes again and ends as it always did."""
    async with living(Prepared(), monkeypatch) as life:
        back = life.hears("resumed")
        await life.local.drop_connections()
        await back
        await life.local.close_gateway(4014)
        assert isinstance(await life.end(), discord.PrivilegedIntentsRequired)

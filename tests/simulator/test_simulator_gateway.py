"""Sessions of a real discord.py client that is cut off, sent away and called back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
from discord.ext import commands
from tests.simulator.conftest import Running, new_bot, point_at, running_on, until

from tux.simulator import LocalDiscord

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tux.simulator import Guild


class Quick(commands.Bot):
    """Notes what happens to it, and does not wait before it identifies again."""

    def __init__(self, intents: discord.Intents | None = None) -> None:
        super().__init__("!", intents=intents or discord.Intents.all(), guild_ready_timeout=0.05)
        self.heard: list[str] = []
        self.happened: list[str] = []

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        self.happened.append("identify")

    async def on_message(self, message: discord.Message, /) -> None:
        self.heard.append(message.content)

    async def on_resumed(self) -> None:
        self.happened.append("resumed")


def founded(local: LocalDiscord) -> Guild:
    guild = local.add_guild("Penguins")
    guild.add_text_channel("general")
    return guild


async def cut(local: LocalDiscord) -> None:
    await local.drop_connections()


async def called(local: LocalDiscord) -> None:
    await local.request_reconnect()


async def doubted(local: LocalDiscord) -> None:
    await local.invalidate_sessions(resumable=True)


async def failed(local: LocalDiscord) -> None:
    await local.close_gateway(4000)


@pytest.mark.parametrize("trouble", [cut, called, doubted, failed])
async def test_a_session_is_resumed(
    local: LocalDiscord, trouble: Callable[[LocalDiscord], Awaitable[None]]
) -> None:
    """A client that comes back hears all that it missed, once and in order."""
    guild = founded(local)
    (channel,) = guild.channels.values()
    ada = guild.add_member("ada")
    bot = Quick()
    async with running_on(local, bot):
        await ada.say(channel, "1")
        await trouble(local)
        for number in range(2, 6):
            await ada.say(channel, str(number))
        await local.ready()
        await ada.say(channel, "6")
        await until(lambda: len(bot.heard) >= 6)
        assert bot.heard == list("123456")
        assert bot.happened == ["identify", "resumed"]


async def test_an_ended_session_begins_anew(local: LocalDiscord) -> None:
    """After op 9 the client identifies again, and hears what comes then."""
    guild = founded(local)
    (channel,) = guild.channels.values()
    ada = guild.add_member("ada")
    bot = Quick()
    async with running_on(local, bot):
        await local.invalidate_sessions()
        await local.ready()
        await ada.say(channel, "hello")
        await until(lambda: bot.heard == ["hello"])
        assert bot.happened == ["identify", "identify"]


@pytest.mark.parametrize(
    ("code", "error"),
    [(4014, discord.PrivilegedIntentsRequired), (4004, discord.ConnectionClosed)],
)
async def test_some_codes_end_the_client(
    local: LocalDiscord, code: int, error: type[Exception]
) -> None:
    """Refused intents and a refused token are final."""
    founded(local)
    bot = Quick()
    task = asyncio.create_task(bot.start(local.token))
    await local.ready()
    await local.close_gateway(code)
    with pytest.raises(error):
        await task
    await bot.close()


async def test_a_restart_is_outlived(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second local Discord on the port of the first has the running client back by itself."""
    bot = Quick()
    async with LocalDiscord() as local:
        point_at(local, monkeypatch)
        founded(local)
        running = running_on(local, bot)
        await running.__aenter__()
        token, port = local.token, local.port
    try:
        async with LocalDiscord(port=port) as local:
            local.token = token
            guild = founded(local)
            (channel,) = guild.channels.values()
            await local.ready(timeout=30)
            await guild.add_member("ada").say(channel, "back?")
            await until(lambda: bot.heard == ["back?"])
    finally:
        await running.__aexit__(None, None, None)


async def test_members_come_in_chunks(local: LocalDiscord) -> None:
    """A client without presences asks for the members of a guild, and for single ones."""
    guild = founded(local)
    members = [guild.add_member(f"member-{number:04}") for number in range(1500)]
    intents = discord.Intents.default()
    intents.members = True
    bot = Quick(intents)
    async with running_on(local, bot):
        there = bot.get_guild(guild.id)
        assert there is not None
        assert there.chunked
        assert len(there.members) == 1502
        found = await there.query_members("member-0001", limit=5)
        assert [member.id for member in found] == [members[1].id]
        found = await there.query_members(user_ids=[members[3].id], limit=5)
        assert [member.id for member in found] == [members[3].id]


async def test_changes_are_told(local: LocalDiscord, running: Running) -> None:
    """New guilds, channels, roles and members reach a client that is there."""
    bot = new_bot()
    async with running(bot):
        guild = founded(local)
        await until(lambda: bot.get_guild(guild.id) is not None)
        there = bot.get_guild(guild.id)
        assert there is not None
        role, ada = guild.add_role("fish", 8), guild.add_member("ada")
        channel = guild.add_text_channel("new")
        await until(lambda: there.get_channel(channel.id) is not None)
        assert there.get_member(ada.id) is not None
        role.permissions = 4
        await until(lambda: there.get_role(role.id).permissions.value == 4)  # type: ignore[union-attr]  # told below
        assert guild.me.rank < (role.position, 0)


async def spoken(local: LocalDiscord, *frames: object) -> tuple[list[dict[str, Any]], int | None]:
    """Say frames to the gateway; give what it says, and the code it closes with."""
    heard: list[dict[str, Any]] = []
    async with aiohttp.ClientSession() as session, session.ws_connect(local.gateway_url) as socket:
        heard.append(await socket.receive_json())
        for frame in frames:
            if isinstance(frame, str):
                await socket.send_str(frame)
            else:
                await socket.send_json(frame)
        async with asyncio.timeout(5):
            async for message in socket:
                heard.append(message.json())
                if heard[-1]["op"] in {9, 11}:
                    break
        return heard, socket.close_code


async def test_the_protocol_is_kept(local: LocalDiscord) -> None:
    """Each way to break the protocol has its close code."""
    identify = {"op": 2, "d": {"token": local.token, "intents": 0}}
    heard, _ = await spoken(local, {"op": 1, "d": None})
    assert [frame["op"] for frame in heard] == [10, 11]
    assert heard[0]["d"]["heartbeat_interval"] == 41250
    for frames, code in (
        (["{"], 4002),
        ([{"op": 99}], 4001),
        ([{"op": 3, "d": {}}], 4003),
        ([{"op": 2, "d": {"token": "wrong"}}], 4004),
        ([{"op": 6, "d": {"token": "wrong"}}], 4004),
        ([identify, identify], 4005),
    ):
        _, closed = await spoken(local, *frames)
        assert closed == code, frames
    resume = {"op": 6, "d": {"token": local.token, "session_id": "none", "seq": 1}}
    heard, _ = await spoken(local, resume)
    assert (heard[-1]["op"], heard[-1]["d"]) == (9, False)
    heard, _ = await spoken(local, identify, {"op": 3, "d": {}}, {"op": 1, "d": None})
    session = heard[1]["d"]["session_id"]
    known = {"token": local.token, "session_id": session, "seq": 99}
    # The client went with 1000, which ends its session.
    heard, _ = await spoken(local, {"op": 6, "d": known})
    assert heard[-1]["op"] == 9


async def test_a_heartbeat_is_answered_later(local: LocalDiscord) -> None:
    """What is asked after a heartbeat is answered before it: a client has the time to note when it beat."""
    guild = founded(local)
    identify = {"op": 2, "d": {"token": local.token, "intents": 0}}
    ask = {"op": 8, "d": {"guild_id": str(guild.id), "query": "", "limit": 0}}
    heard, _ = await spoken(local, identify, {"op": 1, "d": None}, ask)
    assert [frame["t"] or frame["op"] for frame in heard][-2:] == ["GUILD_MEMBERS_CHUNK", 11]


async def test_a_silent_client_is_sent_away() -> None:
    """Who misses heartbeats is closed with 4009, and one from the future with 4007."""
    async with LocalDiscord(heartbeat_seconds=0.05) as local:
        identify = {"op": 2, "d": {"token": local.token, "intents": 0}}
        heard, closed = await spoken(local, identify)
        assert closed == 4009
        future = {"token": local.token, "session_id": heard[1]["d"]["session_id"], "seq": 99}
        _, closed = await spoken(local, {"op": 6, "d": future})
        assert closed == 4007


async def test_nobody_comes(local: LocalDiscord) -> None:
    """Waiting for a bot ends with an error that says so."""
    with pytest.raises(TimeoutError, match="no bot has connected within 0 s"):
        await local.ready(timeout=0)

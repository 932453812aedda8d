"""Faults, rate limits and refusals of the REST API."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
from tests.simulator.conftest import Running, new_bot, point_at, running_on

from tux.simulator import Fault, LocalDiscord, RateLimit

if TYPE_CHECKING:
    from collections.abc import Mapping

MESSAGES = "/channels/{channel_id}/messages"


async def asked(
    local: LocalDiscord, path: str, *, token: str | None = None, **more: Any
) -> tuple[int, dict[str, Any], Mapping[str, str]]:
    """Send a GET, or a POST where there is a body."""
    headers = {"Authorization": f"Bot {token or local.token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            "POST" if more else "GET", local.api_url + path, headers=headers, **more
        ) as answer,
    ):
        assert answer.headers["Content-Type"] == "application/json"
        return answer.status, await answer.json(), answer.headers


async def test_a_limited_request_is_tried_again(local: LocalDiscord, running: Running) -> None:
    """discord.py waits as long as a 429 says, and the message arrives once."""
    channel = local.add_guild("Penguins").add_text_channel("general")
    for scope in ("user", "global"):
        local.faults.add(Fault("POST", MESSAGES, status=429, retry_after=0.1, scope=scope))
    async with running(new_bot()) as bot:
        began = time.monotonic()
        await bot.get_partial_messageable(channel.id).send("hi")
        assert time.monotonic() - began >= 0.2
    assert len(channel.messages) == 1
    assert [one.route for one in local.requests].count(MESSAGES) == 3


async def test_a_ban_by_cloudflare_is_final(local: LocalDiscord, running: Running) -> None:
    """A 429 without Via is raised at once, and not tried again."""
    channel = local.add_guild("Penguins").add_text_channel("general")
    local.faults.add(Fault("POST", MESSAGES, status=429, retry_after=30, via=False))
    local.faults.add(Fault("POST", MESSAGES, status=403, via=False))
    async with running(new_bot()) as bot:
        here = bot.get_partial_messageable(channel.id)
        with pytest.raises(discord.HTTPException) as caught:
            await here.send("hi")
        assert (caught.value.status, caught.value.text) == (429, "error code: 1015")
        assert "Via" not in caught.value.response.headers
        assert caught.value.response.headers["Retry-After"] == "30"
        with pytest.raises(discord.Forbidden, match="error code: 403"):
            await here.send("hi")
    assert [one.route for one in local.requests].count(MESSAGES) == 2


async def test_a_failed_request_is_tried_again(local: LocalDiscord, running: Running) -> None:
    """A 500 is tried again; a refusal and a broken connection are not."""
    channel = local.add_guild("Penguins").add_text_channel("general")
    async with running(new_bot()) as bot:
        here = bot.get_partial_messageable(channel.id)
        local.faults.add(Fault("POST", "/channels/{}/messages", status=500))
        await here.send("hi")
        local.faults.add(Fault("POST", MESSAGES, status=403, code=50007))
        with pytest.raises(discord.Forbidden, match="Cannot send messages to this user"):
            await here.send("no")
        local.faults.add(Fault("POST", MESSAGES, drop=True))
        with pytest.raises((aiohttp.ClientError, OSError)):
            await here.send("no")
        local.faults.add(Fault("POST", MESSAGES, delay=0.1, times=2))
        began = time.monotonic()
        await here.send("slow")
        assert time.monotonic() - began >= 0.1
        local.faults.clear()
    assert [one.content for one in channel.messages.values()] == ["hi", "slow"]


async def test_a_full_bucket_slows_the_bot_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py keeps to the limit that the headers tell, so that nothing is refused."""
    async with LocalDiscord(rate_limit=RateLimit(5, 0.3)) as local:
        point_at(local, monkeypatch)
        channel = local.add_guild("Penguins").add_text_channel("general")
        bot = new_bot()
        async with running_on(local, bot):
            here = bot.get_partial_messageable(channel.id)
            began = time.monotonic()
            await asyncio.gather(*(here.send(str(number)) for number in range(12)))
            assert time.monotonic() - began >= 0.3
        assert len(channel.messages) == 12
        assert [one.route for one in local.requests].count(MESSAGES) == 12
        for _ in range(5):
            await asked(local, "/users/@me")
        status, body, headers = await asked(local, "/users/@me")
        assert (status, body["global"]) == (429, False)
        assert headers["X-RateLimit-Remaining"] == "0"
        assert headers["Via"]


async def test_strangers_are_refused(local: LocalDiscord) -> None:
    """A wrong token, an unknown route and a broken body are told as Discord tells them."""
    bot = new_bot()
    with pytest.raises(discord.LoginFailure):
        await bot.start("wrong")
    await bot.close()
    status, body, _ = await asked(local, "/users/@me", token="wrong")
    assert (status, body["code"]) == (401, 0)
    status, body, _ = await asked(local, "/no/such/route")
    assert (status, body) == (404, {"message": "404: Not Found", "code": 0})
    assert local.requests[-1].path == "/no/such/route"
    status, body, _ = await asked(local, "/users/@me/channels", data="{")
    assert (status, body["code"]) == (400, 50109)
    status, body, _ = await asked(local, "/users/@me/channels", json=[])
    assert (status, body["code"]) == (400, 50035)
    status, body, _ = await asked(local, "/users/@me/channels", json={"recipient_id": "ada"})
    assert "is not snowflake" in str(body["errors"])
    status, body, _ = await asked(local, "/users/@me/channels", json={"recipient_id": 1})
    assert body["code"] == 50033
    status, body, _ = await asked(local, f"/webhooks/{local.bot_user.id}/no", json={"content": "x"})
    assert (status, body["code"]) == (404, 10015)
    status, body, _ = await asked(local, "/interactions/1/no/callback", json={"type": 4})
    assert (status, body["code"]) == (404, 10062)


async def test_commands_are_kept_by_place(local: LocalDiscord, running: Running) -> None:
    """Synced commands keep their ids, are listed, changed one by one and deleted."""
    guild = local.add_guild("Penguins")
    bot = new_bot()

    @bot.tree.command()
    async def one(interaction: discord.Interaction) -> None: ...

    @bot.tree.command(guild=discord.Object(guild.id))
    async def two(interaction: discord.Interaction) -> None: ...

    async with running(bot):
        (first,) = await bot.tree.sync()
        (again,) = await bot.tree.sync()
        assert first.id == again.id
        (second,) = await bot.tree.sync(guild=discord.Object(guild.id))
        assert second.guild_id == guild.id
        assert [command.name for command in await bot.tree.fetch_commands()] == ["one"]
        assert (await bot.tree.fetch_command(first.id)).name == "one"
        await first.edit(description="changed")
        assert (await bot.tree.fetch_command(first.id)).description == "changed"
        await first.delete()
        with pytest.raises(discord.NotFound) as caught:
            await bot.tree.fetch_command(first.id)
        assert caught.value.code == 10063

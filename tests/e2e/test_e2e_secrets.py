"""Failures with secrets in every frame, by the running processes of the demo: none is on the wire."""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from tests.cli.conftest import environment
from tests.privacy.remains import remains

from tux.demo.lookout import Lookout, watched
from tux.demo.script import BROKEN_ROUTES
from tux.simulator import Fault, LocalDiscord
from tux.supervisor import Child, station_child

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = ("applaud", "herald", "treasury")
WEBHOOK_TOKEN = "b7Xq2LmN9pRsT4vWyZ1aCdEfGhJkQ3uI5oP6lKjHgFdSaZxCvBnM8wErTyUiOp0_-Aa"  # of a webhook that is not
DATABASE_PASSWORD = "correct/horse battery+staple"  # of a database that is not
ENCODED = "correct%2Fhorse%20battery%2Bstaple"


class Recorder(Lookout):
    """Keeps the bytes that reach the station, decompressed."""

    def __init__(self) -> None:
        super().__init__({})
        self.bodies: list[bytes] = []

    def take(self, encoding: str, body: bytes) -> None:
        super().take(encoding, body)
        self.bodies.append(self._passed[-1][1])


async def _bot(
    stack: AsyncExitStack, local: LocalDiscord, folder: Path, recorder: Recorder
) -> tuple[Child, str, str]:
    """Start station and bot with the recorder between them; gives the bot, the page and the DSN."""
    settings = environment(STATION_PATH=str(folder / "station.db"), BOT_LOG_LEVEL="CRITICAL")
    station = station_child(0, settings, folder)
    stack.push_async_callback(station.stop)
    announced = await station.start()
    dsn = await stack.enter_async_context(watched(str(announced["dsn"]), recorder))
    bot = Child(
        "bot",
        ("tux", "start", "--no-station", "--child"),
        {
            **settings,
            "SENTRY_DSN": dsn,
            "SENTRY_COMMAND_SAMPLE_RATE": "1",
            "DISCORD_TOKEN": local.token,
            "DISCORD_API_URL": local.api_url,
            "DISCORD_GATEWAY_URL": local.gateway_url,
            "BOT_EXTENSIONS": "tux.demo.playground",
            "DEMO_WEBHOOK_URL": f"https://discord.com/api/webhooks/814023571192053760/{WEBHOOK_TOKEN}",
            "DEMO_DATABASE_URL": f"postgresql://tux:{ENCODED}@127.0.0.1:1/treasury",
        },
        folder,
    )
    stack.push_async_callback(bot.stop)
    await bot.start()
    return bot, str(announced["url"]), dsn


async def _events(url: str, number: int) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        found: list[dict[str, Any]] = []
        while len(found) < number:
            await asyncio.sleep(0.2)
            found = (await client.get("/data/events")).json()
        return found


@pytest.mark.timeout(120)
async def test_no_secret_in_use_reaches_the_station(tmp_path: Path) -> None:
    """Discord, a webhook and a database fail: six events arrive, and no part of any secret."""
    recorder = Recorder()
    async with AsyncExitStack() as stack, LocalDiscord() as local:
        guild = local.add_guild("Penguins")
        channel = guild.add_text_channel("general")
        for method, path, status in BROKEN_ROUTES:
            local.faults.add(Fault(method, path, status=status, times=sys.maxsize))
        bot, url, dsn = await _bot(stack, local, tmp_path, recorder)
        acts = []
        for name in COMMANDS:
            acts.append(await guild.add_member(f"says {name}").say(channel, f"!{name}"))
            acts.append(await guild.add_member(f"calls {name}").slash(channel, name))
        acts.append(await guild.add_member("pings").slash(channel, "ping"))
        for act in acts:
            await local.reply_to(act, timeout=60)
        tokens = local.interaction_tokens
        events = await _events(url, 2 * len(COMMANDS))
        # What the bot still holds is sent while it stops.
        await bot.stop()

    assert sorted(event["tags"]["command"] for event in events) == sorted(2 * COMMANDS)
    key = str(urlsplit(dsn).username)
    sent = b"\n".join(recorder.bodies)
    # Sentry's protocol has the key there, and nowhere else.
    wire = re.sub(rb'"public_key" ?: ?"[0-9a-f]{32}"', b"", sent)
    secrets = {local.token, WEBHOOK_TOKEN, DATABASE_PASSWORD, ENCODED, key, *tokens}
    assert remains(wire, secrets) is None
    # The failures were as full of secrets as they should be.
    assert wire.count(b"[removed: discord token]") > len(COMMANDS)
    assert wire.count(b"[removed: credentials]") > 1
    assert len(tokens) == len(COMMANDS) + 1

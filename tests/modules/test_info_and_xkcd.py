"""Ping, and the command over an external API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.fakes.world import World, running

from tux.core.errors import NOT_REPORTED
from tux.demo.comics import BROKEN, NEWEST, comics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tux.simulator import Member


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[tuple[World, Member]]:
    async with comics() as url, running(tmp_path, http={"xkcd_url": url}) as world:
        yield world, world.guild.add_member("reader")


async def test_ping_shows_latencies(world: World, member: Member) -> None:
    """Ping shows how long each of the bot's ways takes."""
    reply = await world.say(member, "!ping")
    assert reply.content == "Pong!" or reply.embeds


async def test_a_comic(reader: tuple[World, Member]) -> None:
    """A comic is shown by number, and the newest without one."""
    world, member = reader
    assert (await world.say(member, "!xkcd 7")).embeds[0]["title"].startswith("7:")
    assert (await world.slash(member, "xkcd")).embeds[0]["title"].startswith(f"{NEWEST}:")


async def test_a_comic_that_is_none(reader: tuple[World, Member]) -> None:
    """A comic that is not there is the member's mistake."""
    world, member = reader
    reply = await world.slash(member, "xkcd", number=NEWEST + 1)
    assert reply.embeds[0]["description"] == f"Comic {NEWEST + 1} was not found."
    assert reply.embeds[0]["footer"]["text"] == NOT_REPORTED


async def test_a_server_that_falls_over(reader: tuple[World, Member]) -> None:
    """A broken API is told in words of ours: what it answers stays out."""
    world, member = reader
    embed = (await world.say(member, f"!xkcd {BROKEN}")).embeds[0]
    assert embed["title"] == "Something went wrong"
    assert "xkcd does not answer as it should" in embed["description"]
    assert "ink" not in str(embed)


async def test_a_server_that_is_away(tmp_path: Path) -> None:
    """An API that cannot be reached is told so."""
    async with running(tmp_path, http={"xkcd_url": "http://127.0.0.1:1"}) as world:
        embed = (await world.say(world.guild.add_member("reader"), "!xkcd 1")).embeds[0]
    assert embed["title"] == "Something went wrong"

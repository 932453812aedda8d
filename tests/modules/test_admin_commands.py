"""The owner's commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tux.core.errors import NOT_REPORTED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.world import World

    from tux.simulator import Member


@pytest.mark.parametrize("command", ["load xkcd", "unload xkcd", "reload xkcd", "sync", "sentry"])
async def test_only_the_owner_may(world: World, member: Member, command: str) -> None:
    """Somebody else is told whose commands these are."""
    reply = await world.say(member, f"!{command}")
    assert reply.embeds[0]["footer"]["text"] == NOT_REPORTED
    assert "owner" in reply.embeds[0]["description"]


async def test_unload_and_load(world: World) -> None:
    """An extension is taken out and put back while the bot runs."""
    owner = world.guild.owner
    assert "unloaded" in (await world.say(owner, "!unload info")).content
    assert world.bot.get_command("ping") is None
    assert "loaded" in (await world.slash(owner, "load", extension="tux.modules.info")).content
    assert "Pong" in (await world.say(owner, "!ping")).content


@pytest.mark.parametrize("name", ["os", "tux.cli", "../secrets", "nothing"])
async def test_nothing_else_is_imported(world: World, name: str) -> None:
    """What is no extension of ours is not loaded, and the answer lists what there is."""
    reply = await world.say(world.guild.owner, f"!load {name}")
    assert "moderation" in reply.embeds[0]["description"]


async def test_twice_is_a_mistake(world: World) -> None:
    """Loading what is loaded is answered kindly."""
    reply = await world.say(world.guild.owner, "!load info")
    assert reply.embeds[0]["footer"]["text"] == NOT_REPORTED


async def test_it_does_not_take_itself_out(world: World) -> None:
    """The admin extension stays: nothing could be loaded without it."""
    reply = await world.say(world.guild.owner, "!unload admin")
    assert reply.embeds[0]["footer"]["text"] == NOT_REPORTED
    assert world.bot.get_command("load") is not None


async def test_a_broken_reload_leaves_the_old_one(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reload that fails says why, and the old extension works on."""
    module = tmp_path / "somebodys.py"
    module.write_text(WORKING)
    monkeypatch.syspath_prepend(str(tmp_path))
    extensions = world.bot.settings.bot.model_copy(update={"extensions": ("somebodys",)})
    monkeypatch.setattr(
        world.bot, "settings", world.bot.settings.model_copy(update={"bot": extensions})
    )
    owner = world.guild.owner
    assert "loaded" in (await world.say(owner, "!load somebodys")).content
    module.write_text(WORKING + "\nraise KeyError('secret-of-the-house')\n")
    reply = await world.say(owner, "!reload somebodys")
    assert "not reloaded: KeyError" in reply.content
    assert "secret-of-the-house" not in reply.content
    assert (await world.say(owner, "!hello")).content == "hello"


WORKING = """
from discord.ext import commands


@commands.command()
async def hello(ctx):
    await ctx.send("hello")


async def setup(bot):
    bot.add_command(hello)


async def teardown(bot):
    bot.remove_command("hello")
"""


async def test_sync_counts_the_commands(world: World) -> None:
    """A sync tells how many commands Discord knows now."""
    reply = await world.say(world.guild.owner, "!sync")
    assert f"{len(world.bot.tree.get_commands())} commands" in reply.content


async def test_status_says_that_telemetry_is_off(world: World) -> None:
    """Without a DSN the status says so and names the setting."""
    reply = await world.slash(world.guild.owner, "sentry status")
    assert "SENTRY_DSN" in reply.embeds[0]["description"]
    reply = await world.slash(world.guild.owner, "sentry test")
    assert "Nothing was sent" in reply.content

"""What a member reads when a command fails, and that it is read once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.world import running

from tux.core.errors import NOT_REPORTED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.conftest import Write

COG = """
import discord
from discord.ext import commands
from tux.core.base_cog import BaseCog
from tux.services.sentry import SentryManager, capture_database_error


class Somebodys(BaseCog):
    def __init__(self, bot):
        super().__init__(bot)
        self.sentry = SentryManager()

    @commands.hybrid_command()
    async def careful(self, ctx):
        try:
            raise RuntimeError("bug")
        except Exception as error:
            self.sentry.capture_exception(error)
            await ctx.send("an unexpected error")
            raise

    @commands.hybrid_command()
    async def silent(self, ctx):
        await ctx.send("working on it")
        try:
            raise RuntimeError("bug in a service")
        except Exception as error:
            capture_database_error(error)
            raise

    @commands.hybrid_command()
    async def plain(self, ctx):
        raise RuntimeError("bug")

    @commands.hybrid_command()
    @commands.cooldown(1, 60)
    async def slow(self, ctx):
        await ctx.send("done")

    @commands.command()
    async def local(self, ctx):
        raise RuntimeError("bug")

    @local.error
    async def on_local(self, ctx, error):
        await ctx.send("handled here")

    @discord.app_commands.command()
    async def appish(self, interaction: discord.Interaction):
        await interaction.response.defer()
        raise RuntimeError("bug")

    @discord.app_commands.command()
    async def quiet(self, interaction: discord.Interaction):
        try:
            raise RuntimeError("bug")
        except Exception as error:
            self.sentry.capture_exception(error)
            await interaction.response.send_message("an unexpected error")
            raise


async def setup(bot):
    await bot.add_cog(Somebodys(bot))
"""


async def test_answers(extension: Write, tmp_path: Path) -> None:
    """A failure is answered once: by the command itself, by its own handler, or by the bot."""
    name = extension("somebodys_commands", COG)
    async with running(tmp_path, bot={"extensions": (name,)}) as world:
        member = world.guild.add_member("pingu")
        local = world.local

        async def answers(text: str) -> list[str]:
            act = await member.say(world.channel, text)
            await local.reply_to(act, timeout=10)
            # What comes too much comes before the next command's answer.
            await world.say(member, "!ping")
            return [reply.content or reply.embeds[0]["title"] for reply in local.replies_to(act)]

        assert await answers("!careful") == ["an unexpected error"]
        assert await answers("!silent") == ["working on it", "Something went wrong"]
        assert await answers("!plain") == ["Something went wrong"]
        assert await answers("!local") == ["handled here"]
        assert await answers("!slow") == ["done"]
        assert await answers("!slow") == ["That did not work"]

        for command, expected in (
            ("careful", ["an unexpected error"]),
            ("plain", ["Something went wrong"]),
            ("appish", ["Something went wrong"]),
            ("quiet", ["an unexpected error"]),
        ):
            act = await member.slash(world.channel, command)
            await local.reply_to(act, timeout=10)
            await world.say(member, "!ping")
            told = [one.content or one.embeds[0]["title"] for one in local.replies_to(act)]
            assert told == expected, command


async def test_a_word_that_is_no_command_gets_no_answer(tmp_path: Path) -> None:
    """Members who begin a sentence with the prefix are left in peace."""
    async with running(tmp_path) as world:
        member = world.guild.add_member("pingu")
        act = await member.say(world.channel, "!!! wow")
        await world.say(member, "!ping")
        assert world.local.replies_to(act) == []


async def test_a_mistake_is_not_reported(tmp_path: Path) -> None:
    """A mistake is answered kindly, and says that nothing is broken."""
    async with running(tmp_path) as world:
        reply = await world.say(world.guild.add_member("pingu"), "!warn")
    assert reply.embeds[0]["footer"]["text"] == NOT_REPORTED

"""Interactions of a real discord.py bot: time limits, defers, suggestions, and what is refused."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import discord
import pytest
from discord import app_commands
from tests.simulator.conftest import Running, new_bot, point_at, running_on, until

from tux.simulator import BadOptionError, ImpossibleActError, LocalDiscord, UnknownCommandError

if TYPE_CHECKING:
    from tux.simulator import Channel, Member

Click = discord.Interaction


class Place:
    """A guild with a member, and a bot with every kind of command."""

    def __init__(self, local: LocalDiscord) -> None:
        self.local = local
        guild = local.add_guild("Penguins")
        self.channel: Channel = guild.add_text_channel("general")
        self.ada: Member = guild.add_member("ada")
        self.bot = new_bot()
        self.codes: list[int] = []
        tree = self.bot.tree
        tree.add_command(app_commands.Command(name="late", description="d", callback=self.late))
        tree.add_command(app_commands.Command(name="twice", description="d", callback=self.twice))
        tree.add_command(app_commands.Command(name="slow", description="d", callback=self.slow))
        tree.add_command(app_commands.Command(name="edits", description="d", callback=self.edits))
        self.bot.setup_hook = self.setup  # type: ignore[method-assign]  # as users do
        self.wait = 0.0

    async def setup(self) -> None:
        group = app_commands.Group(name="fish", description="d")
        command: app_commands.Command[discord.app_commands.Group, ..., None] = app_commands.Command(
            name="eat", description="d", callback=eat
        )
        command.autocomplete("name")(suggest)
        group.add_command(command)
        self.bot.tree.add_command(group)
        await self.bot.tree.sync()

    async def refused(self, answer: discord.InteractionResponse[discord.Client]) -> None:
        try:
            await answer.send_message("too late")
        except discord.HTTPException as error:
            self.codes.append(error.code)

    async def late(self, interaction: Click) -> None:
        await asyncio.sleep(self.wait)
        await self.refused(interaction.response)

    async def twice(self, interaction: Click) -> None:
        await interaction.response.send_message("once")
        again = discord.InteractionResponse(interaction)
        await self.refused(again)

    async def slow(self, interaction: Click) -> None:
        await interaction.response.defer(ephemeral=True)
        await asyncio.sleep(0.05)
        await interaction.followup.send("done")
        await interaction.followup.send("and more")

    async def edits(self, interaction: Click) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="edited")
        original = await interaction.original_response()
        await interaction.delete_original_response()
        await interaction.followup.send(original.content * 2)


@app_commands.choices(size=[app_commands.Choice(name="big", value=2)])
async def eat(
    interaction: discord.Interaction,
    name: str,
    size: int = 2,
    raw: bool = False,  # noqa: FBT001, FBT002  # an option
) -> None:
    await interaction.response.send_message(f"{name} {size} {raw}")


async def suggest(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=f"{typed}!", value=typed)]


@pytest.fixture
def place(local: LocalDiscord) -> Place:
    return Place(local)


async def test_a_late_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """After 3 s of the local clock an interaction is unknown."""
    ahead = [0.0]
    async with LocalDiscord(clock=lambda: time.time() + ahead[0]) as local:
        point_at(local, monkeypatch)
        place = Place(local)
        place.wait = 0.05
        async with running_on(local, place.bot):
            in_time = await place.ada.slash(place.channel, "late")
            assert (await local.reply_to(in_time)).content == "too late"
            late = await place.ada.slash(place.channel, "late")
            ahead[0] = 3.1
            await until(lambda: place.codes == [10062])
            with pytest.raises(TimeoutError, match="no answer within 0 s to: ada: /late"):
                await local.reply_to(late, timeout=0)


async def test_an_interaction_is_answered_once(place: Place, running: Running) -> None:
    """A second response to one interaction is refused, the first one stays."""
    async with running(place.bot):
        act = await place.ada.slash(place.channel, "twice")
        assert (await place.local.reply_to(act)).content == "once"
        await until(lambda: place.codes == [40060])


async def test_a_follow_up_takes_the_place_of_a_defer(place: Place, running: Running) -> None:
    """The answer to a deferred command is what comes after it, and as private as the defer."""
    async with running(place.bot):
        act = await place.ada.slash(place.channel, "slow")
        reply = await place.local.reply_to(act)
        assert (reply.content, reply.ephemeral) == ("done", True)
        await until(lambda: len(place.local.replies_to(act)) == 2)
        act = await place.ada.slash(place.channel, "edits")
        assert (await place.local.reply_to(act)).content == "edited"
        await until(lambda: len(place.local.replies_to(act)) == 2)
        assert place.local.replies_to(act)[1].content == "editededited"
        assert [one.content for one in place.channel.messages.values()] == [
            "and more",
            "editededited",
        ]


async def test_a_subcommand_has_suggestions(place: Place, running: Running) -> None:
    """Subcommands run by their words, and their options suggest while they are typed."""
    async with running(place.bot):
        act = await place.ada.slash(place.channel, "fish eat", name="cod", raw=True)
        assert (await place.local.reply_to(act)).content == "cod 2 True"
        typed = await place.ada.autocomplete(place.channel, "fish eat", "name", "co")
        assert (await place.local.reply_to(typed)).choices == ({"name": "co!", "value": "co"},)


async def test_a_person_cannot_do_what_is_not_offered(place: Place, running: Running) -> None:
    """Unknown commands and wrong options are errors of the script, told before anything is sent."""
    ada, channel = place.ada, place.channel
    async with running(place.bot):
        with pytest.raises(UnknownCommandError, match="fish eat, late, slow, twice"):
            await ada.slash(channel, "fly")
        with pytest.raises(UnknownCommandError):
            await ada.slash(channel, "fish")
        with pytest.raises(UnknownCommandError):
            await ada.slash(channel, "fish drink")
        for options, told in (
            ({}, "'name' is required"),
            ({"name": "cod", "size": 3}, "'size' must be one of"),
            ({"name": "cod", "size": "many"}, "'size' takes a whole number"),
            ({"name": "cod", "raw": "yes"}, "'raw' takes True or False"),
            ({"name": "cod", "colour": "red"}, "'colour' is unknown; known: name, size, raw"),
        ):
            with pytest.raises(BadOptionError, match=told):
                await ada.slash(channel, "fish eat", **options)
        await ada.leave()
        with pytest.raises(ImpossibleActError, match="ada is not in Penguins"):
            await ada.say(channel, "hello?")

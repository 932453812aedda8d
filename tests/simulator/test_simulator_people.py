"""Many members at once, and the crowd of the demo."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from random import Random
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord.ext import commands  # noqa: TC002  # discord.py reads annotations
from tests.simulator.conftest import Running, new_bot, until

from tux.simulator import Act, Crowd, Deed, Fault, LocalDiscord, Member, Reply, Scene, people

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tux.simulator import Channel

EVENT = "0123456789abcdef" * 2


async def test_two_hundred_at_once(local: LocalDiscord, running: Running) -> None:
    """Of 200 commands in one channel, by prefix and by slash, each finds its own answer."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    members = [guild.add_member(f"member-{number}") for number in range(200)]
    bot = new_bot()

    @bot.hybrid_command()
    async def me(ctx: commands.Context[commands.Bot]) -> None:
        await asyncio.sleep(Random(ctx.author.id).random() / 10)
        await ctx.reply(str(ctx.author.id))

    async def setup_hook() -> None:
        await bot.tree.sync()

    bot.setup_hook = setup_hook  # type: ignore[method-assign]  # as users do
    async with running(bot):
        acts = await asyncio.gather(
            *(
                member.say(channel, "!me") if number % 2 else member.slash(channel, "me")
                for number, member in enumerate(members)
            )
        )
        replies = await asyncio.gather(*(local.reply_to(act, timeout=20) for act in acts))
    assert [reply.content for reply in replies] == [str(member.id) for member in members]
    assert all(len(local.replies_to(act)) == 1 for act in acts)


async def test_answers_without_a_reference_go_by_order(
    local: LocalDiscord, running: Running
) -> None:
    """What names no act answers the earliest that somebody waits for; the rest stays readable."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    ada, bob = guild.add_member("ada"), guild.add_member("bob")
    bot = new_bot()

    @bot.command()
    async def two(ctx: commands.Context[commands.Bot], word: str) -> None:
        await ctx.send(f"{word} 1")
        await ctx.send(f"{word} 2")

    async with running(bot):
        first = await ada.say(channel, "!two a")
        reply = await local.reply_to(first)
        assert reply.content == "a 1"
        await until(lambda: len(local.replies_to(first)) == 2)
        assert [one.content for one in local.replies_to(first)] == ["a 1", "a 2"]
        second = await bob.say(channel, "!two b")
        assert (await local.reply_to(second)).content == "b 1"
        await until(lambda: len(local.replies_to(second)) == 2)
        chat = await ada.say(channel, "how are you all?")
        with pytest.raises(TimeoutError, match=r"no answer within 0\.05 s to: ada: how"):
            await local.reply_to(chat, timeout=0.05)


def embed(footer: str) -> Reply:
    return Reply(1, 1, embeds=[{"title": "t"}, {"footer": {"text": footer}}])


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(1, 1, "fine"), ("ok", None)),
        (embed("page 1"), ("ok", None)),
        (embed("Not reported: nothing is broken"), ("user_error", None)),
        (embed(f"Event ID {EVENT}"), ("failure", EVENT)),
    ],
)
def test_an_answer_is_read(reply: Reply, outcome: tuple[str, str | None]) -> None:
    """The footer tells how it went."""
    assert people.outcome_of(reply) == outcome


class Play:
    """A guild, a bot that ends in every way, and what members do with it."""

    def __init__(self, local: LocalDiscord) -> None:
        self.guild = local.add_guild("Penguins")
        self.channel: Channel = self.guild.add_text_channel("general")
        self.members = [self.guild.add_member(f"member-{number}") for number in range(5)]
        self.bot = new_bot()
        for name, footer in (
            ("fine", "page 1"),
            ("wrong", "Not reported: nothing is broken"),
            ("broken", f"Event ID {EVENT}"),
        ):
            self.bot.command(name=name)(answering(footer))

    async def fine(self, member: Member, rng: Random) -> Act:
        return await member.say(self.channel, "!fine")

    async def wrong(self, member: Member, rng: Random) -> Act:
        return await member.say(self.channel, "!wrong")

    async def broken(self, member: Member, rng: Random) -> Act:
        return await member.say(self.channel, "!broken")

    async def unsynced(self, member: Member, rng: Random) -> Act:
        return await member.slash(self.channel, "unsynced")

    async def mistaken(self, member: Member, rng: Random) -> Act:
        raise LookupError


def answering(footer: str) -> Callable[[commands.Context[commands.Bot]], Coroutine[Any, Any, None]]:
    async def answer(ctx: commands.Context[commands.Bot]) -> None:
        await ctx.reply(embed=discord.Embed(title="t").set_footer(text=footer))

    return answer


async def played(crowd: Crowd, number: int) -> list[Deed]:
    """Let the crowd act, and stop it in the middle."""
    stop = asyncio.Event()
    deeds: list[Deed] = []
    async with aclosing(crowd.run(stop, 0.005)) as running:
        async for deed in running:
            deeds.append(deed)
            if len(deeds) == number:
                stop.set()
    return deeds


async def test_a_crowd_tells_its_deeds(local: LocalDiscord, running: Running) -> None:
    """Members act as the script says, and each deed has the outcome that its answer shows."""
    play = Play(local)
    chosen = play.members[0]
    scenes = [
        Scene("fine", play.fine, "ok", 3),
        Scene("wrong", play.wrong, lambda member: "user_error"),
        Scene("broken", play.broken, "failure", 2, lambda member: member is chosen),
        Scene("unsynced", play.unsynced),
        Scene("nobody's", play.fine, "ok", 1, lambda member: False),
    ]
    crowd = Crowd(local, play.guild, scenes, Random(1))
    playing = asyncio.create_task(played(crowd, 60))
    await asyncio.sleep(0.05)
    assert not playing.done()
    async with running(play.bot):
        deeds = await playing
    assert len(deeds) >= 60
    assert {deed.command for deed in deeds} == {"fine", "wrong", "broken"}
    assert all(deed.outcome == deed.expected for deed in deeds)
    failures = [deed for deed in deeds if deed.outcome == "failure"]
    assert {deed.event_id for deed in failures} == {EVENT}
    assert {deed.member_id for deed in failures} == {chosen.id}
    assert len({deed.member_id for deed in deeds}) == 6


async def test_no_answer_is_silence(
    local: LocalDiscord, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member does not wait for ever, and a crowd of nobody does nothing."""
    monkeypatch.setattr(people, "PATIENCE_SECONDS", 0.2)
    play = Play(local)
    route = "/channels/{channel_id}/messages"
    local.faults.add(Fault("POST", route, delay=0.5, times=100))
    async with running(play.bot):
        crowd = Crowd(local, play.guild, [Scene("fine", play.fine)], Random(1))
        deeds = await played(crowd, 2)
        assert {deed.outcome for deed in deeds} == {"silent"}
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, stop.set)
        assert [
            deed async for deed in Crowd(local, play.guild, [], Random(1)).run(stop, 0.01)
        ] == []


async def test_a_mistake_in_the_script_is_told(local: LocalDiscord, running: Running) -> None:
    """An error of a scene ends the crowd, and is not taken for the bot's silence."""
    play = Play(local)
    async with running(play.bot):
        with pytest.raises(LookupError):
            await played(Crowd(local, play.guild, [Scene("x", play.mistaken)], Random(1)), 1)

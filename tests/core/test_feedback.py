"""What a member says about a failure, from the button to the receiver."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from tests.core.test_answers_once import COG
from tests.fakes.receiver import Receiver
from tests.fakes.sent import Sent, reset
from tests.fakes.world import World, running

from tux.core.bot import Tux

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.core.conftest import Write

    from tux.simulator import Act, Reply

WORDS = "I typed plain and expected penguins"


@pytest.fixture
def sent(tmp_path: Path) -> Iterator[Sent]:
    receiver = Receiver()
    receiver.start()
    made = Sent(receiver, tmp_path)
    made.start()
    yield made
    reset()
    receiver.stop()


async def opened(world: World, act: Act) -> Reply:
    """Wait for the form that an act opens."""
    reply = await world.local.reply_to(act, timeout=10)
    assert reply.modal is not None
    return reply


@pytest.mark.parametrize("how", ["prefix", "slash"])
async def test_feedback_reaches_the_event(
    how: str, extension: Write, sent: Sent, tmp_path: Path
) -> None:
    """Words below a failure arrive with its id and the member's, and secrets in them do not."""
    name = extension("somebodys_commands", COG)
    async with running(tmp_path, bot={"extensions": (name,)}) as world:
        member = world.guild.add_member("pingu")
        if how == "prefix":
            failed = await world.say(member, "!plain")
        else:
            failed = await world.slash(member, "plain")
        form = await opened(world, await member.click(failed, "Tell us what happened"))
        act = await member.submit_modal(form, words=f"{WORDS}, password=hunter2")
        thanks = await world.local.reply_to(act, timeout=10)
    (feedback,) = sent.of("feedback")
    said = feedback["contexts"]["feedback"]
    assert said["associated_event_id"] == sent.event["event_id"]
    assert WORDS in said["message"]
    assert b"hunter2" not in sent.everything
    assert feedback["user"]["id"] == str(member.id)
    assert feedback["release"] == "tux@1.0.0"
    assert "Thank you" in thanks.content


async def test_two_forms_at_once(extension: Write, sent: Sent, tmp_path: Path) -> None:
    """Each member's words go with the failure that they met, whoever opened the form last."""
    name = extension("somebodys_commands", COG)
    async with running(tmp_path, bot={"extensions": (name,)}) as world:
        members = [world.guild.add_member(f"member-{number}") for number in range(2)]
        forms = []
        for member in members:
            failed = await world.slash(member, "plain")
            forms.append(await opened(world, await member.click(failed, "Tell us what happened")))
        for member, form in zip(members, forms, strict=True):
            act = await member.submit_modal(form, words=f"words of {member.id}")
            assert "Thank you" in (await world.local.reply_to(act, timeout=10)).content
    failures = {event["event_id"]: event["user"]["id"] for event in sent.events}
    said = {
        feedback["contexts"]["feedback"]["associated_event_id"]: feedback["user"]["id"]
        for feedback in sent.of("feedback")
    }
    assert len(said) == 2
    assert said == failures


async def test_somebody_who_says_much_has_to_wait(sent: Sent, tmp_path: Path) -> None:
    """The command opens the same form without an event, and the fourth in a minute is not sent."""
    async with running(tmp_path) as world:
        member = world.guild.add_member("pingu")
        told: list[Any] = []
        for _ in range(4):
            form = await opened(world, await member.slash(world.channel, "feedback"))
            act = await member.submit_modal(form, words=WORDS)
            told.append((await world.local.reply_to(act, timeout=10)).content)
        interaction: Any = SimpleNamespace(user=member)
        assert world.bot.feedback_limit.update_rate_limit(interaction)
        other = Tux(world.bot.settings, world.db, world.bot.http_client)
        assert not other.feedback_limit.update_rate_limit(interaction), "each bot counts its own"
    assert ["Thank you" in text for text in told] == [True, True, True, False]
    said = sent.of("feedback")
    assert len(said) == 3
    assert "associated_event_id" not in said[0]["contexts"]["feedback"]


async def test_a_mistake_has_no_button(tmp_path: Path, sent: Sent) -> None:
    """Nothing is broken after a member's mistake, so there is nothing to tell."""
    async with running(tmp_path) as world:
        reply = await world.say(world.guild.add_member("pingu"), "!warn")
    assert reply.components == []

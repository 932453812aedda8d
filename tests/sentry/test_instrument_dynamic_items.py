"""Dynamic items: what is made anew for each click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import discord
import pytest
from tests.fakes.discord_client import assert_failed, assert_unit
from tests.fakes.sent import trace_of, types_of
from tests.sentry import showing
from tests.sentry.showing import Sender, shown, used, with_items
from tests.sentry.watched import fail

from tux.services.sentry.instrument.dynamic_items import _Maker

if TYPE_CHECKING:
    import re

    from tests.fakes.discord_client import Client

cog, ready = showing.cog, showing.ready


class Dice(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"dice:(?P<how>\w+)"):
    """A button that fails where its id says so."""

    def __init__(self, how: str) -> None:
        self.how = how
        super().__init__(discord.ui.Button(label=how, custom_id=f"dice:{how}"))

    @classmethod
    async def from_custom_id(
        cls, interaction: Any, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        if match["how"] == "making":
            fail("making")
        if match["how"] == "nothing":
            return None  # type: ignore[return-value]  # a bug of its author
        return cls(match["how"])

    async def interaction_check(self, interaction: Any, /) -> bool:
        if self.how == "checking":
            fail("checking")
        return self.how != "denied"

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("rolled")
        if self.how == "rolling":
            fail("rolling")


class Kept(Dice, template=r"kept:\w+"):
    """One item that the bot keeps for all clicks."""

    one: Kept | None = None

    def __init__(self) -> None:
        self.how = "rolling"
        discord.ui.DynamicItem.__init__(self, discord.ui.Button(label="k", custom_id="kept:it"))

    @classmethod
    async def from_custom_id(cls, *_: Any) -> Any:
        cls.one = cls.one or cls()
        return cls.one


@pytest.mark.parametrize("how", ["well", "denied", "making", "checking", "rolling"])
async def test_dynamic_item(ready: Client, cog: Sender, how: str) -> None:
    """A dynamic item's click is a unit of who clicked; all that it raises is one event."""
    ready.bot.add_dynamic_items(Dice)
    message = await shown(ready, cog, with_items(Dice(how)))
    other = ready.guild.add_member("robby")
    await other.click(message, f"dice:{how}")
    unit = await used(ready)
    is_bad = how not in ("well", "denied")
    status = "internal_error" if is_bad else "ok"
    assert_unit(unit, "ui.action", "Dice.callback", status, other)
    if is_bad:
        event = assert_failed(ready.sent, unit)
        assert event["exception"]["values"][-1]["value"] == how
    else:
        assert ready.sent.events == []


async def test_dynamic_item_that_is_none(ready: Client, cog: Sender) -> None:
    """What discord.py itself cannot go on with is one event of who clicked."""
    ready.bot.add_dynamic_items(Dice)
    message = await shown(ready, cog, with_items(Dice("nothing")))
    await ready.member.click(message, "dice:nothing")
    unit = await used(ready)
    assert_unit(unit, "ui.action", "Dice.callback", "internal_error", ready.member)
    event = ready.sent.event
    assert types_of(event) == ["AttributeError"]
    assert event["user"] == unit["user"]
    assert trace_of(event) == trace_of(unit)


async def test_dynamic_item_that_is_kept(ready: Client, cog: Sender) -> None:
    """An item that serves many clicks tells each failure once, of who clicked then."""
    ready.bot.add_dynamic_items(Kept)
    message = await shown(ready, cog, with_items(Kept()))
    clickers = [ready.guild.add_member(name) for name in ("robby", "gunter")]
    for one in clickers:
        await ready.local.reply_to(await one.click(message, "kept:it"))
    await ready.transactions(3)
    users = [event["user"]["id"] for event in ready.sent.events]
    assert users == [str(one.id) for one in clickers]


def test_what_stands_for_a_class() -> None:
    """What discord.py is handed instead of an item's class has what the class has."""
    assert _Maker(Dice).template is Dice.template
    assert repr(_Maker(Dice)) == repr(Dice)

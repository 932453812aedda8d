"""``/privacy``: members and managers of servers choose, and their choice outlives the bot."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from tests.fakes.world import World, running

from tux.services.sentry.privacy import opted_out
from tux.simulator import Permission

if TYPE_CHECKING:
    from pathlib import Path

    from tux.simulator import Member


def manager_of(world: World) -> Member:
    """Give somebody who may manage the guild."""
    role = world.guild.add_role("managers", permissions=int(Permission.MANAGE_GUILD))
    return world.guild.add_member("skipper", roles=[role])


def fields(reply: object) -> dict[str, str]:
    (embed,) = reply.embeds  # type: ignore[attr-defined]  # a Reply
    return {field["name"]: field["value"] for field in embed["fields"]}


async def test_a_member_opts_out_and_in(world: World, member: Member) -> None:
    """He is told what is kept, alone with the bot, and what he may choose."""
    shown = fields(await world.slash(member, "privacy show"))
    assert "your Discord id" in shown["You"]
    assert shown["Your choice"] == "`/privacy opt-out`"
    gone = await world.slash(member, "privacy opt-out")
    assert gone.ephemeral
    assert "Nothing is told of you" in gone.content
    assert opted_out() == {member.id}
    row = await world.db.user.get(member.id)
    assert row is not None
    assert (row.name, row.do_not_track) == ("", True)
    shown = fields(await world.slash(member, "privacy show"))
    assert "Nothing is told of you" in shown["You"]
    assert shown["Your choice"] == "`/privacy opt-in`"
    back = await world.say(member, "!privacy opt-in")
    assert "your Discord id" in back.content
    assert opted_out() == set()
    shown = fields(await world.say(member, "!privacy"))
    assert shown["Your choice"] == "`!privacy opt-out`"


async def test_who_manages_a_guild_chooses_for_it(world: World, member: Member) -> None:
    """Nobody else does, and who opted out himself stays so."""
    manager = manager_of(world)
    refused = await world.slash(member, "privacy server-opt-out")
    assert "manage server" in str(refused.embeds)
    assert opted_out() == set()
    await world.slash(member, "privacy opt-out")
    await world.say(manager, "!privacy server-opt-out")
    assert opted_out() == {member.id, world.guild.id}
    shown = fields(await world.slash(manager, "privacy show"))
    assert "Nothing is told of this server" in shown["This server"]
    assert shown["Your choice"] == "`/privacy opt-out`\n`/privacy server-opt-in`"
    await world.slash(manager, "privacy server-opt-in")
    assert opted_out() == {member.id}


async def test_a_choice_outlives_the_bot(tmp_path: Path) -> None:
    """The next run knows it before Discord lets it in."""
    async with running(tmp_path) as world:
        member, manager = world.guild.add_member("pingu"), manager_of(world)
        await world.slash(member, "privacy opt-out")
        await world.slash(manager, "privacy server-opt-out")
        chosen = {member.id, world.guild.id}
    async with running(tmp_path) as world:
        assert world.bot.opt_outs.ids == opted_out() == chosen


async def test_a_choice_that_cannot_be_kept_is_not_made(world: World, member: Member) -> None:
    """Where the database refuses, the member is told so, and nothing is pretended."""
    (path,) = world.db._engine.url.translate_connect_args()["database"].split("\n")
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE users RENAME TO elsewhere")
    reply = await world.slash(member, "privacy opt-out")
    assert "Nothing is told of you" not in str(reply.content)
    assert opted_out() == set()

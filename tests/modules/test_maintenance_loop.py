"""What the bot does by itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tux.database.models import CaseKind, CaseStatus
from tux.simulator import Fault

if TYPE_CHECKING:
    from tests.fakes.world import World

    from tux.database.models import Case
    from tux.simulator import Member

ROUTE = "/guilds/{guild_id}/bans/{user_id}"


async def banned(world: World, member: Member, hours: float) -> Case:
    """Ban somebody until some hours from now."""
    world.guild.bans[member.id] = "noise"
    world.guild.members.pop(member.id, None)
    return await world.db.case.create(
        guild_id=world.guild.id,
        kind=CaseKind.TEMPBAN,
        user_id=member.id,
        moderator_id=1,
        expires_at=datetime.now(UTC) + timedelta(hours=hours),
    )


def maintenance(world: World) -> Any:
    """Give the cog; its class is the one of the module as it was last loaded."""
    return world.bot.get_cog("Maintenance")


async def one_round(world: World) -> None:
    """Let the loop do one round."""
    cog = maintenance(world)
    await cog.clean.coro(cog)


async def status_of(world: World, case: Case) -> str:
    found = await world.db.case.get(case.id or 0)
    assert found is not None
    return found.status


async def test_a_ban_whose_time_is_over_is_lifted(world: World) -> None:
    """A ban ends with its time; one that goes on stays."""
    over, still = world.guild.add_member("over"), world.guild.add_member("still")
    first, second = await banned(world, over, -1), await banned(world, still, 1)
    await one_round(world)
    assert list(world.guild.bans) == [still.id]
    assert await status_of(world, first) == CaseStatus.CLOSED
    assert await status_of(world, second) == CaseStatus.ACTIVE


async def test_one_that_fails_keeps_nobody_else_banned(world: World) -> None:
    """Discord's refusal of one leaves the others free, and is tried again in the next round."""
    members = [world.guild.add_member(name) for name in ("one", "two")]
    for number, member in enumerate(members):
        await banned(world, member, -2 + number)
    world.local.faults.add(Fault(method="DELETE", path=ROUTE, status=400, code=50035))
    await one_round(world)
    assert list(world.guild.bans) == [members[0].id]
    await one_round(world)
    assert world.guild.bans == {}


async def test_a_ban_that_is_gone_is_closed(world: World) -> None:
    """A ban that somebody else has lifted is closed."""
    member = world.guild.add_member("gone")
    case = await banned(world, member, -1)
    world.guild.bans.clear()
    await one_round(world)
    assert await status_of(world, case) == CaseStatus.CLOSED


async def test_old_records_are_removed(world: World) -> None:
    """A case that was closed longer ago than the setting says is removed."""
    now = datetime.now(UTC)
    for days in (1, 400):
        await world.db.case.create(
            guild_id=1,
            kind=CaseKind.WARN,
            user_id=1,
            moderator_id=1,
            status=CaseStatus.CLOSED,
            closed_at=now - timedelta(days=days),
        )
    await one_round(world)
    (left,) = await world.db.case.find_all()
    assert left.closed_at is not None
    assert now - left.closed_at < timedelta(days=2)


async def test_the_loop_ends_with_its_cog(world: World) -> None:
    """A reload leaves one loop, not two."""
    first = maintenance(world)
    assert first.clean.is_running()
    await world.bot.reload_extension("tux.modules.maintenance")
    task = first.clean.get_task()
    assert task is None or (await asyncio.wait([task], timeout=5))[0]
    assert not first.clean.is_running()
    second = maintenance(world)
    assert second is not first
    assert second.clean.is_running()

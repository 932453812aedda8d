"""A world for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.fakes.world import World, running

from tux.simulator import Permission

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tux.simulator import Member


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running(tmp_path) as made:
        yield made


@pytest.fixture
def moderator(world: World) -> Member:
    """Somebody who may ban, kick and warn, below the bot."""
    rights = Permission.BAN_MEMBERS | Permission.KICK_MEMBERS | Permission.MODERATE_MEMBERS
    role = world.guild.add_role("moderators", permissions=int(rights))
    raise_bot(world)
    return world.guild.add_member("skipper", roles=[role])


@pytest.fixture
def member(world: World) -> Member:
    """Somebody who may nothing."""
    return world.guild.add_member("pingu")


def raise_bot(world: World) -> None:
    """Put the bot's role above all others."""
    world.guild.bot_role.position = max(role.position for role in world.guild.roles.values()) + 1

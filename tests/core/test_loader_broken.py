"""A broken cog: told once, and the bot stays up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from discord.ext import commands
from tests.fakes.world import running

from tux.core.loader import full_name, own_extensions
from tux.shared.exceptions import TuxExtensionError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.conftest import Write


async def test_the_bot_stays_up(extension: Write, tmp_path: Path) -> None:
    """Extensions that are broken in every way are left out, and the others work."""
    broken = (
        extension("raises", "raise KeyError('x')"),
        extension("no_entry", "x = 1"),
        extension("bad_syntax", "def ("),
        extension("fails_in_setup", "async def setup(bot): raise RuntimeError('x')"),
        extension(
            "needs_a_setting",
            """
            from tux.shared.exceptions import TuxConfigurationError
            async def setup(bot): raise TuxConfigurationError("WEATHER_KEY")
            """,
        ),
        "is_not_there",
        "not.even.a.package",
    )
    async with running(tmp_path, bot={"extensions": broken}) as world:
        assert set(world.bot.extensions_loaded.failed) == set(broken)
        assert set(world.bot.extensions_loaded.names) == set(own_extensions())
        member = world.guild.add_member("pingu")
        assert "Pong" in (await world.say(member, "!ping")).content


async def test_a_failed_load_is_raised(extension: Write, tmp_path: Path) -> None:
    """Whoever loads a broken extension by hand gets discord.py's error."""
    name = extension("raises_by_hand", "raise KeyError('x')")
    async with running(tmp_path) as world:
        with pytest.raises(commands.ExtensionFailed):
            await world.bot.load_extension(name)


def test_own_extensions_are_found() -> None:
    """Every module of tux.modules is an extension."""
    assert "tux.modules.moderation" in own_extensions()
    assert "tux.modules.admin" in own_extensions()


def test_a_name_is_confined() -> None:
    """A name stands for an extension that is known, and for nothing else."""
    known = ["tux.modules.info", "somebodys"]
    assert full_name("info", known) == "tux.modules.info"
    assert full_name("somebodys", known) == "somebodys"
    with pytest.raises(TuxExtensionError):
        full_name("os", known)

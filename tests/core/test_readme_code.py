"""The README's code works as it stands."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.docs.pages import ROOT, blocks
from tests.fakes.world import running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.conftest import Write

COG, INIT = (block.text for block in blocks(ROOT / "README.md", "python"))
"""A cog, and somebody else's ``sentry_sdk.init``."""


def test_the_integration_of_the_readme(tmp_path: Path) -> None:
    """It runs in a process of its own, and watches."""
    script = tmp_path / "bot.py"
    look = "print(sentry_sdk.get_client().get_integration('discord') is not None)"
    script.write_text(f"{INIT}\n{look}\n")
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.returncode) == ("True", 0), done.stderr


async def test_the_cog_of_the_readme(extension: Write, tmp_path: Path) -> None:
    """Its cog is loaded, and what its command runs into is answered once."""
    name = extension("readmes_weather", COG)
    async with running(tmp_path, bot={"extensions": (name,)}) as world:
        assert world.bot.extensions_loaded.failed == {}
        reply = await world.say(world.guild.add_member("pingu"), "!weather Rome")
    assert reply.embeds[0]["title"] == "Something went wrong"

"""The README's code works as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fakes.world import running

if TYPE_CHECKING:
    from tests.core.conftest import Write

README = Path(__file__).parents[2] / "README.md"


def blocks() -> list[str]:
    """Give the README's pieces of Python: a cog, and somebody else's ``sentry_sdk.init``."""
    found = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(found) == 2
    return [str(block) for block in found]


def test_the_integration_of_the_readme(tmp_path: Path) -> None:
    """It runs in a process of its own, and watches."""
    script = tmp_path / "bot.py"
    look = "print(sentry_sdk.get_client().get_integration('discord') is not None)"
    script.write_text(f"{blocks()[1]}\n{look}\n")
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.returncode) == ("True", 0), done.stderr


async def test_the_cog_of_the_readme(extension: Write, tmp_path: Path) -> None:
    """Its cog is loaded, and what its command runs into is answered once."""
    name = extension("readmes_weather", blocks()[0])
    async with running(tmp_path, bot={"extensions": (name,)}) as world:
        assert world.bot.extensions_loaded.failed == {}
        reply = await world.say(world.guild.add_member("pingu"), "!weather Rome")
    assert reply.embeds[0]["title"] == "Something went wrong"

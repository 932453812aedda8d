"""The README's code works as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fakes.world import running

if TYPE_CHECKING:
    from tests.core.conftest import Write

README = Path(__file__).parents[2] / "README.md"


async def test_the_cog_of_the_readme(extension: Write, tmp_path: Path) -> None:
    """Its cog is loaded, and what its command runs into is answered once."""
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    name = extension("readmes_weather", code)
    async with running(tmp_path, bot={"extensions": (name,)}) as world:
        assert world.bot.extensions_loaded.failed == {}
        reply = await world.say(world.guild.add_member("pingu"), "!weather Rome")
    assert reply.embeds[0]["title"] == "Something went wrong"

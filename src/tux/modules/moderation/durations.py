"""``2d12h`` → a time span, as moderators write it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from discord.ext import commands
from pytimeparse2 import parse

if TYPE_CHECKING:
    Base = commands.Converter[timedelta]
else:
    Base = commands.Converter

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=3650)


class Duration(Base):
    """A time span from a minute to ten years."""

    async def convert(self, _ctx: commands.Context[Any], argument: str) -> timedelta:
        """Read ``30m``, ``2d12h``, ``1 week``.

        Raises:
            commands.BadArgument: it is none, or too short or too long.
        """
        # A bare number is a reason's first word more often than seconds.
        seconds = None if argument.strip().isdigit() else parse(argument)
        if not isinstance(seconds, int | float):
            raise commands.BadArgument(f"`{argument[:50]}` is no duration. Say `30m` or `2d12h`.")
        if not SHORTEST.total_seconds() <= seconds <= LONGEST.total_seconds():
            raise commands.BadArgument("A duration is between a minute and ten years.")
        return timedelta(seconds=seconds)

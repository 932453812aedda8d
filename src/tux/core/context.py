"""The context that every command of the bot gets."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from discord.ext import commands

if TYPE_CHECKING:
    import discord

    from tux.core.bot import Tux  # noqa: F401  # the base class's parameter


class TuxContext(commands.Context["Tux"]):
    """Answers with a reference to the command, and remembers that it did."""

    answered_at: float | None = None
    """When it last answered, on the monotonic clock."""

    async def send(self, content: str | None = None, **options: Any) -> discord.Message:
        """Answer; to a message as a reply, so that people see what is answered to whom."""
        if self.interaction is None and options.get("reference") is None:
            options["reference"] = self.message.to_reference(fail_if_not_exists=False)
            options.setdefault("mention_author", False)
        message = await super().send(content, **options)
        self.answered_at = time.monotonic()
        return message

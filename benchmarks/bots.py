"""A real bot that is logged in nowhere, and messages as the gateway sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord.ext import commands

if TYPE_CHECKING:
    from collections.abc import Sequence

PREFIX = "!"
BOT_ID, GUILD_ID, CHANNEL_ID, MEMBER_ID = 1001, 2001, 3001, 4001
FIRST_MESSAGE_ID = 5001


class OfflineBot(commands.Bot):
    """Runs commands, and leaves what they raise to whoever watches."""

    def __init__(self) -> None:
        super().__init__(PREFIX, help_command=None, intents=discord.Intents.all())

    async def on_command_error(self, ctx: Any, error: Exception) -> None:
        """Say nothing: the default prints a traceback, which costs more than all that is measured."""


async def bot_with(cog: commands.Cog) -> OfflineBot:
    """Make a bot that knows itself, one guild and one cog."""
    bot = OfflineBot()
    # What `login` does before its first request.
    await bot._async_setup_hook()
    state = bot._connection
    state.user = discord.ClientUser(state=state, data=_user(BOT_ID, is_bot=True))
    state._add_guild(discord.Guild(data=_guild(), state=state))
    await bot.add_cog(cog)
    return bot


async def contexts(bot: OfflineBot, words: Sequence[str]) -> list[commands.Context[OfflineBot]]:
    """Let a member write commands, and make of each message what `on_message` makes of it."""
    state = bot._connection
    channel: Any = bot.get_channel(CHANNEL_ID)
    return [
        await bot.get_context(
            discord.Message(state=state, channel=channel, data=_message(number, PREFIX + word))
        )
        for number, word in enumerate(words, FIRST_MESSAGE_ID)
    ]


def _user(number: int, *, is_bot: bool = False) -> Any:
    return {
        "id": str(number),
        "username": f"user{number}",
        "discriminator": "0",
        "global_name": None,
        "avatar": None,
        "bot": is_bot,
    }


def _member(number: int) -> Any:
    return {
        "user": _user(number),
        "roles": [],
        "joined_at": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
    }


def _guild() -> Any:
    channel = {
        "id": str(CHANNEL_ID),
        "type": 0,
        "name": "general",
        "position": 0,
        "permission_overwrites": [],
    }
    return {
        "id": str(GUILD_ID),
        "name": "Guild",
        "owner_id": str(MEMBER_ID),
        "member_count": 2,
        "roles": [],
        "emojis": [],
        "channels": [channel],
        "members": [_member(MEMBER_ID)],
    }


def _message(number: int, content: str) -> Any:
    member = _member(MEMBER_ID)
    return {
        "id": str(number),
        "type": 0,
        "channel_id": str(CHANNEL_ID),
        "guild_id": str(GUILD_ID),
        "author": member.pop("user"),
        "member": member,
        "content": content,
        "timestamp": "2025-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
    }

"""Gateway events, and the intents that a client needs for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tux.simulator.model import Json

GUILDS, MEMBERS, MODERATION, PRESENCES = 1 << 0, 1 << 1, 1 << 2, 1 << 8
GUILD_MESSAGES, GUILD_REACTIONS = 1 << 9, 1 << 10
DIRECT_MESSAGES, DIRECT_REACTIONS = 1 << 12, 1 << 13
"""https://discord.com/developers/docs/topics/gateway#list-of-intents, gateway v10."""

INTENTS = {
    "GUILD_CREATE": GUILDS,
    "GUILD_ROLE_CREATE": GUILDS,
    "GUILD_ROLE_UPDATE": GUILDS,
    "CHANNEL_CREATE": GUILDS,
    "GUILD_MEMBER_ADD": MEMBERS,
    "GUILD_MEMBER_UPDATE": MEMBERS,
    "GUILD_MEMBER_REMOVE": MEMBERS,
    "GUILD_BAN_ADD": MODERATION,
    "GUILD_BAN_REMOVE": MODERATION,
    "MESSAGE_CREATE": GUILD_MESSAGES,
    "MESSAGE_UPDATE": GUILD_MESSAGES,
    "MESSAGE_DELETE": GUILD_MESSAGES,
    "MESSAGE_DELETE_BULK": GUILD_MESSAGES,
    "MESSAGE_REACTION_ADD": GUILD_REACTIONS,
    "MESSAGE_REACTION_REMOVE": GUILD_REACTIONS,
    "MESSAGE_REACTION_REMOVE_ALL": GUILD_REACTIONS,
    "MESSAGE_REACTION_REMOVE_EMOJI": GUILD_REACTIONS,
}
"""Event → intent, for what happens in guilds; events not listed need none."""
DIRECT = {GUILD_MESSAGES: DIRECT_MESSAGES, GUILD_REACTIONS: DIRECT_REACTIONS}
"""Intent for guilds → the one for direct messages."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, before it has a number in a session."""

    name: str
    data: Json
    guild_id: int | None = None

    @property
    def intent(self) -> int:
        """What a client must have asked for; 0 for nothing."""
        needed = INTENTS.get(self.name, 0)
        return DIRECT.get(needed, needed) if self.guild_id is None else needed

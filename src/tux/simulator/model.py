"""Users, roles and channels, and the JSON that Discord describes them with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tux.simulator.guild import Guild
    from tux.simulator.messages import Message

Json = dict[str, Any]

BOT_ID = 190_000_000_000_000_001
OWNER_ID = 190_000_000_000_000_002
"""The same in every local Discord: a client that is still running finds its application again."""

MESSAGES_KEPT = 1000
"""Messages that a channel remembers, so that a long demo does not grow."""
TEXT, DM = 0, 1
"""Channel types."""


def timestamp(seconds: float) -> str:
    """Write Unix seconds as Discord does."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@dataclass(eq=False, slots=True)
class User:
    """An account."""

    id: int
    name: str
    bot: bool = False
    dms_open: bool = True

    def payload(self) -> Json:
        """Describe the account as anybody sees it."""
        return {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0",
            "global_name": None if self.bot else self.name.title(),
            "avatar": None,
            "avatar_decoration_data": None,
            "banner": None,
            "accent_color": None,
            "collectibles": None,
            "primary_guild": None,
            "bot": self.bot,
            "system": False,
            "flags": 0,
            "public_flags": 0,
        }

    def own_payload(self) -> Json:
        """Describe the account as it sees itself."""
        return {
            **self.payload(),
            "mfa_enabled": True,
            "locale": "en-US",
            "verified": True,
            "email": None,
            "premium_type": 0,
        }


class Role:
    """A role of a guild. Setting its position or permissions tells the bot."""

    def __init__(self, role_id: int, name: str, permissions: int, position: int) -> None:
        self.id = role_id
        self.name = name
        self.bot_id: int | None = None
        self.changed: Callable[[Role], None] = lambda _: None
        """Told after each change."""
        self._permissions = permissions
        self._position = position

    @property
    def permissions(self) -> int:
        """What its members may do, as Discord's bits."""
        return self._permissions

    @permissions.setter
    def permissions(self, bits: int) -> None:
        self._permissions = bits
        self.changed(self)

    @property
    def position(self) -> int:
        """How high it stands; 0 is @everyone."""
        return self._position

    @position.setter
    def position(self, height: int) -> None:
        self._position = height
        self.changed(self)

    @property
    def rank(self) -> tuple[int, int]:
        """Compare by this: of two roles in one position the older is the higher."""
        return self._position, -self.id

    def payload(self) -> Json:
        """Describe the role."""
        tags = {} if self.bot_id is None else {"tags": {"bot_id": str(self.bot_id)}}
        return {
            "id": str(self.id),
            "name": self.name,
            "description": None,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "position": self._position,
            "permissions": str(int(self._permissions)),
            "managed": self.bot_id is not None,
            "mentionable": False,
            "flags": 0,
            **tags,
        }


@dataclass(frozen=True, slots=True)
class Overwrite:
    """What a channel allows or denies to one role or one member."""

    target_id: int
    allow: int = 0
    deny: int = 0
    is_member: bool = False

    def payload(self) -> Json:
        """Describe the overwrite."""
        return {
            "id": str(self.target_id),
            "type": int(self.is_member),
            "allow": str(int(self.allow)),
            "deny": str(int(self.deny)),
        }


@dataclass(eq=False, slots=True)
class Channel:
    """A text channel of a guild, or the direct messages with one user."""

    id: int
    name: str = ""
    guild: Guild | None = None
    recipient: User | None = None
    position: int = 0
    overwrites: tuple[Overwrite, ...] = ()
    messages: dict[int, Message] = field(default_factory=dict)
    """The latest ones, oldest first; what only one member sees is not among them."""

    @property
    def mention(self) -> str:
        """Write it as a message does."""
        return f"<#{self.id}>"

    def keep(self, message: Message) -> None:
        """Remember a message, and forget the oldest beyond the limit."""
        self.messages[message.id] = message
        if len(self.messages) > MESSAGES_KEPT:
            del self.messages[next(iter(self.messages))]

    def payload(self) -> Json:
        """Describe the channel."""
        last = next(reversed(self.messages), None)
        common = {"id": str(self.id), "last_message_id": last and str(last), "flags": 0}
        if self.recipient is not None:
            return {**common, "type": DM, "recipients": [self.recipient.payload()]}
        return {
            **common,
            "type": TEXT,
            "guild_id": str(self.guild.id) if self.guild else None,
            "name": self.name,
            "position": self.position,
            "permission_overwrites": [overwrite.payload() for overwrite in self.overwrites],
            "parent_id": None,
            "topic": None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "last_pin_timestamp": None,
        }

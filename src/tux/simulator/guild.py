"""A guild: its roles, members, channels and bans. What is added is told to the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.simulator.events import Event
from tux.simulator.member import Member
from tux.simulator.model import Channel, Json, Overwrite, Role, User, timestamp
from tux.simulator.permissions import EVERYONE, MODERATOR_BOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tux.simulator.state import State


UNUSED: Json = {
    "emojis": [],
    "stickers": [],
    "features": [],
    "icon": None,
    "splash": None,
    "discovery_splash": None,
    "banner": None,
    "description": None,
    "region": "local",
    "afk_channel_id": None,
    "afk_timeout": 300,
    "system_channel_id": None,
    "system_channel_flags": 0,
    "rules_channel_id": None,
    "public_updates_channel_id": None,
    "safety_alerts_channel_id": None,
    "widget_enabled": False,
    "widget_channel_id": None,
    "verification_level": 0,
    "default_message_notifications": 0,
    "explicit_content_filter": 0,
    "mfa_level": 0,
    "nsfw_level": 0,
    "nsfw": False,
    "premium_tier": 0,
    "premium_subscription_count": 0,
    "premium_progress_bar_enabled": False,
    "preferred_locale": "en-US",
    "vanity_url_code": None,
    "application_id": None,
    "max_members": 500_000,
    "max_presences": None,
    "max_video_channel_users": 25,
    "max_stage_video_channel_users": 50,
}
"""Fields of a guild that nothing here ever changes."""


class Guild:
    """A guild with an owner, @everyone, and the bot with a role of its own."""

    def __init__(self, state: State, name: str) -> None:
        self._state = state
        self.id = state.ids.next()
        self.name = name
        self.created = state.clock()
        self.roles: dict[int, Role] = {}
        self.members: dict[int, Member] = {}
        self.channels: dict[int, Channel] = {}
        self.bans: dict[int, str | None] = {}
        """User id → reason."""
        self.default_role = self._keep(Role(self.id, "@everyone", EVERYONE, 0))
        self.bot_role = self._keep(Role(state.ids.next(), "bot", MODERATOR_BOT, 1))
        self.bot_role.bot_id = state.bot.id
        self.owner = self.join(state.owner)
        self.me = self.join(state.bot, [self.bot_role])

    def add_role(self, name: str, permissions: int = 0) -> Role:
        """Make a role that stands above all others."""
        height = max(role.position for role in self.roles.values()) + 1
        role = self._keep(Role(self._state.ids.next(), name, permissions, height))
        self.tell("GUILD_ROLE_CREATE", {"role": role.payload()})
        return role

    def _keep(self, role: Role) -> Role:
        self.roles[role.id] = role
        role.changed = lambda role: self.tell("GUILD_ROLE_UPDATE", {"role": role.payload()})
        return role

    def add_member(self, name: str, roles: Iterable[Role] = (), *, bot: bool = False) -> Member:
        """Let a new account join."""
        return self.join(self._state.add_user(name, bot=bot), roles)

    def join(self, user: User, roles: Iterable[Role] = ()) -> Member:
        """Let an account join, or join again."""
        member = Member(self._state, self, user, roles)
        self.members[user.id] = member
        self.tell("GUILD_MEMBER_ADD", member.payload())
        return member

    def add_text_channel(self, name: str, overwrites: Sequence[Overwrite] = ()) -> Channel:
        """Open a text channel."""
        channel = Channel(
            self._state.ids.next(),
            name,
            guild=self,
            position=len(self.channels),
            overwrites=tuple(overwrites),
        )
        self.channels[channel.id] = self._state.channels[channel.id] = channel
        self.tell("CHANNEL_CREATE", channel.payload())
        return channel

    def remove(self, user: User) -> None:
        """Take a member out, whoever wanted it."""
        if self.members.pop(user.id, None) is not None:
            self.tell("GUILD_MEMBER_REMOVE", {"user": user.payload()})

    def ban(self, user: User, reason: str | None = None) -> None:
        """Ban an account; a second ban changes nothing."""
        if user.id not in self.bans:
            self.bans[user.id] = reason
            self.tell("GUILD_BAN_ADD", {"user": user.payload()})
            self.remove(user)

    def unban(self, user: User) -> None:
        """Lift a ban."""
        if user.id in self.bans:
            del self.bans[user.id]
            self.tell("GUILD_BAN_REMOVE", {"user": user.payload()})

    def tell(self, name: str, data: Json) -> None:
        """Send the bot an event of this guild."""
        self._state.dispatch(Event(name, {"guild_id": str(self.id), **data}, self.id))

    def payload(self) -> Json:
        """Describe the guild as the API does."""
        return {
            "id": str(self.id),
            "name": self.name,
            "owner_id": str(self.owner.id),
            "roles": [role.payload() for role in self.roles.values()],
            **UNUSED,
        }

    def event(self, *, everybody: bool) -> Json:
        """Describe the guild as the gateway does when the bot comes to it.

        Args:
            everybody: list all members, which Discord does for few of them, and only for clients
                that see presences; all others see only themselves and ask for more.
        """
        members = self.members.values() if everybody else [self.me]
        return {
            **self.payload(),
            "joined_at": timestamp(self.created),
            "large": not everybody,
            "unavailable": False,
            "member_count": len(self.members),
            "members": [member.payload() for member in members],
            "channels": [channel.payload() for channel in self.channels.values()],
            "threads": [],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

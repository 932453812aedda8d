"""A REST request as its handler sees it, and the checks that many handlers share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tux.simulator.errors import ApiError, invalid
from tux.simulator.permissions import Permission

if TYPE_CHECKING:
    from tux.simulator.guild import Guild
    from tux.simulator.member import Member
    from tux.simulator.messages import Message
    from tux.simulator.model import Channel, Json, User
    from tux.simulator.state import State


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    state: State
    url: str
    """Base address of the API."""
    method: str
    path: str
    """Route template."""
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    """What the JSON says; an empty dict where there is none."""
    reason: str | None
    """For the audit log."""
    files: tuple[Json, ...] = field(default=())

    def number(self, name: str) -> int:
        """Read an id out of the path."""
        return snowflake(name, self.parameters[name])

    @property
    def fields(self) -> Json:
        """The body, which must be an object."""
        if not isinstance(self.body, dict):
            raise invalid("_", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return {**self.body, "attachments": list(self.files)} if self.files else self.body

    @property
    def guild(self) -> Guild:
        """The guild in the path."""
        guild = self.state.guilds.get(self.number("guild_id"))
        if guild is None:
            raise ApiError(10004)
        return guild

    @property
    def user(self) -> User:
        """The user in the path."""
        user = self.state.users.get(self.number("user_id"))
        if user is None:
            raise ApiError(10013)
        return user

    @property
    def member(self) -> Member:
        """The member in the path."""
        member = self.guild.members.get(self.user.id)
        if member is None:
            raise ApiError(10007)
        return member

    @property
    def channel(self) -> Channel:
        """The channel in the path, which the bot must see."""
        channel = self.state.channels.get(self.number("channel_id"))
        if channel is None:
            raise ApiError(10003)
        if channel.guild is not None:
            allowed = channel.guild.me.permissions_in(channel)
            if not allowed & Permission.VIEW_CHANNEL:
                raise ApiError(50001)
        return channel

    @property
    def message(self) -> Message:
        """The message in the path."""
        message = self.channel.messages.get(self.number("message_id"))
        if message is None:
            raise ApiError(10008)
        return message


Handler = Callable[[Call], Awaitable[object]]
Routes = Mapping[tuple[str, str], Handler]
"""Method and route template → handler; what it returns is sent as JSON, None as 204."""


def snowflake(name: str, text: object) -> int:
    """Read an id, as a string or a number.

    Raises:
        ApiError: 50035, it is none.
    """
    try:
        return int(str(text))
    except ValueError:
        raise invalid(
            name, "NUMBER_TYPE_COERCE", f"Value {str(text)!r} is not snowflake."
        ) from None


def need(guild: Guild, permission: Permission) -> None:
    """Refuse what the bot's roles do not allow."""
    if not guild.me.permissions & permission:
        raise ApiError(50013)


def need_in(channel: Channel, permission: Permission) -> None:
    """Refuse what the bot may not do in a channel; direct messages allow everything here."""
    if channel.guild is not None and not channel.guild.me.permissions_in(channel) & permission:
        raise ApiError(50013)


def need_to_stand_above(guild: Guild, member: Member) -> None:
    """Refuse to act on the owner, and on whoever stands as high as the bot or higher."""
    if member.id == guild.owner.id or member.rank >= guild.me.rank:
        raise ApiError(50013)

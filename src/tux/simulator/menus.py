"""A command from the menu of a member or of a message → the data of its interaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.simulator.commands import MESSAGE_MENU, USER_MENU
from tux.simulator.errors import ImpossibleActError, UnknownCommandError
from tux.simulator.messages import Message
from tux.simulator.model import User
from tux.simulator.replies import Reply, message_of
from tux.simulator.resolved import Resolved

if TYPE_CHECKING:
    from tux.simulator.member import Member
    from tux.simulator.model import Channel, Json
    from tux.simulator.state import State

WORDS = {USER_MENU: "members", MESSAGE_MENU: "messages"}
"""Command type → what has the menu."""


def menu_data(
    state: State, channel: Channel, name: str, target: Member | User | Message | Reply
) -> Json:
    """Build the field ``data`` of a menu command's interaction.

    Raises:
        UnknownCommandError: the bot has synced no such command.
        ImpossibleActError: the command is for the other kind of target, or the message is elsewhere.
    """
    kind = _kind(target)
    place = channel.guild.id if channel.guild else None
    menus = {each: state.commands.usable_in(place, each) for each in WORDS}
    if name not in menus[kind]:
        for other, commands in menus.items():
            if name in commands:
                raise ImpossibleActError(f"{name!r} is for {WORDS[other]}, not for {WORDS[kind]}")
        raise UnknownCommandError(name, [known for each in menus.values() for known in each])
    command = menus[kind][name]
    resolved = Resolved(state, channel.guild)
    number = _point(resolved, channel, target)
    data: Json = {key: command[key] for key in ("id", "name", "type", "guild_id") if key in command}
    return {**data, "target_id": number, **resolved.described()}


def _kind(target: Member | User | Message | Reply) -> int:
    if isinstance(target, Reply | Message):
        return MESSAGE_MENU
    # A member is not imported here, for it is made of this; it is told by its user.
    if isinstance(getattr(target, "user", target), User):
        return USER_MENU
    raise ImpossibleActError(f"{target!r} has no menu")


def _point(resolved: Resolved, channel: Channel, target: Member | User | Message | Reply) -> str:
    if not isinstance(target, Reply | Message):
        return resolved.point(target)
    message = message_of(target)
    if message.channel is not channel:
        raise ImpossibleActError(f"message {message.id} is in another channel")
    return resolved.point_at_message(message)

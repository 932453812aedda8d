"""Reactions: who reacted to a message with what, and the events that tell of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tux.simulator.errors import ApiError
from tux.simulator.model import BOT_ID

if TYPE_CHECKING:
    from tux.simulator.messages import Message
    from tux.simulator.model import Json, User
    from tux.simulator.state import State

CUSTOM = re.compile(r"<?(?:(a)?:)?(\w{2,32}):(\d{15,21})>?")
"""A guild's own emoji, as a message or as a path of the API writes it."""


@dataclass(eq=False, slots=True)
class Reaction:
    """One emoji below a message."""

    emoji: Json
    users: dict[int, User] = field(default_factory=dict)
    """Who chose it, in order."""

    def payload(self) -> Json:
        """Describe the reaction as a message does."""
        count = len(self.users)
        return {
            "emoji": self.emoji,
            "count": count,
            "count_details": {"burst": 0, "normal": count},
            "me": BOT_ID in self.users,
            "me_burst": False,
            "burst_colors": [],
        }


def emoji_of(text: str) -> Json:
    """Describe an emoji.

    Raises:
        ApiError: 10014, it is none.
    """
    custom = CUSTOM.fullmatch(text)
    if custom is not None:
        animated, name, number = custom.groups()
        return {"id": number, "name": name, "animated": animated is not None}
    # Which signs are emojis changes each year; none is ASCII alone, which catches a name.
    if text.isascii():
        raise ApiError(10014)
    return {"id": None, "name": text}


def key_of(emoji: Json) -> str:
    """Tell emojis apart: a guild's own by id, the others by themselves."""
    return str(emoji["id"] or emoji["name"])


def react(state: State, message: Message, user: User, emoji: Json) -> None:
    """Add a reaction; a second one of a user with the same emoji changes nothing."""
    found = message.reactions.setdefault(key_of(emoji), Reaction(emoji))
    if user.id in found.users:
        return
    found.users[user.id] = user
    event = {**_event(message, user, emoji), "message_author_id": str(message.author.id)}
    guild = message.channel.guild
    if guild is not None and user.id in guild.members:
        event["member"] = guild.members[user.id].payload()
    state.tell_in(message.channel, "MESSAGE_REACTION_ADD", event)


def unreact(state: State, message: Message, user: User, emoji: Json) -> None:
    """Take one user's reaction back, where there is one."""
    found = message.reactions.get(key_of(emoji))
    if found is None or found.users.pop(user.id, None) is None:
        return
    if not found.users:
        del message.reactions[key_of(emoji)]
    state.tell_in(message.channel, "MESSAGE_REACTION_REMOVE", _event(message, user, emoji))


def clear(state: State, message: Message, emoji: Json | None = None) -> None:
    """Take everybody's reactions off, with one emoji or with all."""
    about: Json = {"message_id": str(message.id)}
    if emoji is None:
        message.reactions.clear()
        state.tell_in(message.channel, "MESSAGE_REACTION_REMOVE_ALL", about)
    elif message.reactions.pop(key_of(emoji), None) is not None:
        event = {**about, "emoji": emoji}
        state.tell_in(message.channel, "MESSAGE_REACTION_REMOVE_EMOJI", event)


def _event(message: Message, user: User, emoji: Json) -> Json:
    return {
        "user_id": str(user.id),
        "message_id": str(message.id),
        "emoji": emoji,
        "burst": False,
        "type": 0,
    }

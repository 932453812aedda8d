"""Accounts, roles and channels that an interaction points at, described beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.simulator.errors import ImpossibleActError
from tux.simulator.model import Channel, Role, User

if TYPE_CHECKING:
    from tux.simulator.guild import Guild
    from tux.simulator.messages import Message
    from tux.simulator.model import Json
    from tux.simulator.state import State


class Resolved:
    """Collects what is pointed at."""

    def __init__(self, state: State, guild: Guild | None) -> None:
        self._state = state
        self._guild = guild
        self._found: dict[str, Json] = {}

    def point(self, target: object) -> str:
        """Describe a member, user, role, channel, or the id of one, and give its id.

        Raises:
            ImpossibleActError: it is none of these.
        """
        found = self._look_up(target) if isinstance(target, int) else target
        # A member is not imported here, for it is made of this; it is told by its user.
        found = getattr(found, "user", found)
        if isinstance(found, User):
            self._user(found)
        elif isinstance(found, Role):
            self._put("roles", found.id, found.payload())
        elif isinstance(found, Channel):
            self._put("channels", found.id, {**found.payload(), "permissions": "0"})
        else:
            raise ImpossibleActError(f"{target!r} is no member, role or channel here")
        return str(found.id)

    def point_at_message(self, message: Message) -> str:
        """Describe a message, and give its id."""
        self._put("messages", message.id, message.payload())
        return str(message.id)

    def _look_up(self, number: int) -> object:
        places: list[dict[int, User] | dict[int, Role] | dict[int, Channel]] = [self._state.users]
        if self._guild is not None:
            places += [self._guild.roles, self._guild.channels]
        return next((place[number] for place in places if number in place), None)

    def _user(self, user: User) -> None:
        self._put("users", user.id, user.payload())
        member = self._guild.members.get(user.id) if self._guild else None
        if member is not None:
            permissions = {"permissions": str(member.permissions)}
            self._put("members", user.id, {**member.partial_payload(), **permissions})

    def _put(self, kind: str, number: int, payload: Json) -> None:
        self._found.setdefault(kind, {})[str(number)] = payload

    def described(self) -> Json:
        """Give the field ``resolved``, where there is anything in it."""
        return {"resolved": self._found} if self._found else {}

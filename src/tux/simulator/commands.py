"""The application commands that the bot has synced, for all guilds and for single ones."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tux.simulator.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tux.simulator.model import Json
    from tux.simulator.snowflakes import Snowflakes

SLASH, USER_MENU, MESSAGE_MENU = 1, 2, 3
"""Command types, https://discord.com/developers/docs/interactions/application-commands, API v10."""
GUILD, BOT_DM = 0, 1
"""Interaction contexts."""
MOST = {SLASH: 100, USER_MENU: 15, MESSAGE_MENU: 15}
"""Command type → how many one place may have."""
NAME_LENGTH = 32


class CommandBook:
    """Commands by place (a guild's id, or None for all guilds) and id."""

    def __init__(self, application_id: int, ids: Snowflakes) -> None:
        self._application_id = application_id
        self._ids = ids
        self._places: dict[int | None, dict[int, Json]] = {}

    def of(self, place: int | None) -> dict[int, Json]:
        """List the commands of one place."""
        return self._places.setdefault(place, {})

    def replace(self, place: int | None, bodies: Iterable[Json]) -> list[Json]:
        """Take the given commands for all there are; those with a known name keep their ids."""
        wanted = list(bodies)
        kinds = Counter(body.get("type", SLASH) for body in wanted)
        for kind, number in kinds.items():
            if number > (most := MOST.get(kind, 0)):
                raise invalid("_", "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        old = self.of(place)
        ids = {(command["type"], command["name"]): int(command["id"]) for command in old.values()}
        made = [
            self._complete(place, body, ids.get((body.get("type", SLASH), body.get("name"))))
            for body in wanted
        ]
        self._places[place] = {int(command["id"]): command for command in made}
        return made

    def put(self, place: int | None, body: Json) -> Json:
        """Add one command, or replace the one of this name."""
        old = self.of(place)
        same = (
            number
            for number, command in old.items()
            if (command["type"], command["name"]) == (body.get("type", SLASH), body.get("name"))
        )
        command = self._complete(place, body, next(same, None))
        old[int(command["id"])] = command
        return command

    def _complete(self, place: int | None, body: Json, known: int | None) -> Json:
        name = body.get("name")
        if not isinstance(name, str) or not 0 < len(name) <= NAME_LENGTH:
            raise invalid("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 32 in length.")
        return {
            "type": SLASH,
            "description": "",
            "default_member_permissions": None,
            "dm_permission": True,
            "nsfw": False,
            "contexts": None,
            "integration_types": [0],
            **{key: value for key, value in body.items() if value is not None},
            "id": str(known or self._ids.next()),
            "application_id": str(self._application_id),
            "version": str(self._ids.next()),
            **({} if place is None else {"guild_id": str(place)}),
        }

    def usable_in(self, guild_id: int | None, kind: int = SLASH) -> dict[str, Json]:
        """List the commands of a kind that a member finds there; a guild's own come first.

        Args:
            guild_id: of the guild, or None for direct messages with the bot.
            kind: the commands' type.
        """
        context = BOT_DM if guild_id is None else GUILD
        found = [one for one in self.of(None).values() if context in _contexts(one)]
        if guild_id is not None:
            found += self.of(guild_id).values()
        return {command["name"]: command for command in found if command["type"] == kind}


def _contexts(command: Json) -> Sequence[int]:
    """List where a command of all guilds is offered; the older ``dm_permission`` may say it."""
    contexts: Sequence[int] | None = command["contexts"]
    if contexts is not None:
        return contexts
    return [GUILD, BOT_DM] if command["dm_permission"] else [GUILD]

"""Who has asked not to be told of: kept in the database, and in memory for every unit of work to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from tux.database.service import DatabaseService


class OptOuts:
    """Users and guilds of whom telemetry tells nothing.

    A choice counts as soon as the database has it. Another process of the same bot reads it when it
    starts.
    """

    def __init__(self, db: DatabaseService) -> None:
        self._db = db
        self._ids: set[int] = set()

    @property
    def ids(self) -> AbstractSet[int]:
        """Their ids, as they are now: the same set for ever."""
        return self._ids

    async def load(self) -> None:
        """Read who has asked.

        Raises:
            TuxDatabaseError: it cannot be known.
        """
        self._ids |= await self._db.user.untracked_ids() | await self._db.guild.untracked_ids()

    async def set_user(self, user_id: int, *, tracked: bool) -> None:
        """Note what a user wants."""
        await self._db.user.set_tracking(user_id, tracked=tracked)
        self._note(user_id, tracked=tracked)

    async def set_guild(self, guild_id: int, *, tracked: bool) -> None:
        """Note what a guild wants."""
        await self._db.guild.set_tracking(guild_id, tracked=tracked)
        self._note(guild_id, tracked=tracked)

    def _note(self, number: int, *, tracked: bool) -> None:
        if tracked:
            self._ids.discard(number)
        else:
            self._ids.add(number)

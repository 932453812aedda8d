"""One repository a table: what the bot asks of the database, in the bot's words."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import ColumnElement, func, inspect, select
from sqlalchemy import delete as sql_delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import SQLModel, col

from tux.database.errors import told
from tux.database.models import Case, CaseKind, CaseStatus, Guild, User

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

Model = TypeVar("Model", bound=SQLModel)
Filters = ColumnElement[bool] | bool | Sequence[ColumnElement[bool] | bool] | None
"""``Case.user_id == 1``, or several that must all hold. (Type checkers see a ``bool`` there.)"""
NUMBER_TRIES = 20
"""How often a case number that somebody else has just taken is chosen anew."""


class Repository(Generic[Model]):
    """Create, find, change and remove the rows of one table.

    Every method raises ``TuxDatabaseConnectionError`` where the database is away and
    ``TuxDatabaseQueryError`` where it refuses.
    """

    def __init__(self, model: type[Model], sessions: async_sessionmaker[AsyncSession]) -> None:
        self._model = model
        self._sessions = sessions
        self._table = str(model.__tablename__)

    async def create(self, **data: Any) -> Model:
        """Add a row and give it back as stored."""
        row = self._model(**data)
        with told("insert", self._table):
            async with self._sessions.begin() as session:
                session.add(row)
        return row

    async def get(self, row_id: int) -> Model | None:
        """Find a row by its id."""
        with told("select", self._table):
            async with self._sessions() as session:
                return await session.get(self._model, row_id)

    async def get_or_create(self, row_id: int, **data: Any) -> Model:
        """Find a row by its id, or add it; right when two ask at once."""
        found = await self.get(row_id)
        if found is not None:
            return found
        row = self._model(id=row_id, **data)
        with told("insert", self._table):
            try:
                async with self._sessions.begin() as session:
                    session.add(row)
            except IntegrityError:
                # Somebody else was faster; where it is another fault, it comes again here.
                async with self._sessions() as session:
                    return await session.get_one(self._model, row_id)
        return row

    async def find_one(self, filters: Filters = None) -> Model | None:
        """Find the first row that all filters hold for."""
        found = await self.find_all(filters, limit=1)
        return found[0] if found else None

    async def find_all(
        self, filters: Filters = None, *, order_by: Any = None, limit: int | None = None
    ) -> list[Model]:
        """Find the rows that all filters hold for.

        Args:
            filters: an expression such as ``Case.user_id == 1``, or several.
            order_by: a column or expression, ``col(Case.number).desc()`` say; several as a tuple.
            limit: most rows to give.
        """
        query = select(self._model).where(*_conditions(filters))
        if order_by is not None:
            query = query.order_by(*(order_by if isinstance(order_by, tuple) else (order_by,)))
        if limit is not None:
            query = query.limit(limit)
        with told("select", self._table):
            async with self._sessions() as session:
                return list((await session.execute(query)).scalars())

    async def count(self, filters: Filters = None) -> int:
        """Count the rows that all filters hold for."""
        query = select(func.count()).select_from(self._model).where(*_conditions(filters))
        with told("select", self._table):
            async with self._sessions() as session:
                return int((await session.execute(query)).scalar_one())

    async def update(self, row_id: int, **data: Any) -> Model | None:
        """Change a row, and give it back; None where there is none."""
        # Stale is a row that somebody has removed since it was found.
        with told("update", self._table), suppress(StaleDataError):
            async with self._sessions.begin() as session:
                row = await session.get(self._model, row_id)
                if row is not None:
                    row.sqlmodel_update(data)
                return row
        return None

    async def delete(self, row_id: int) -> bool:
        """Remove a row, and tell whether there was one; of many who ask at once, one is told so."""
        return await self._remove(inspect(self._model).primary_key[0] == row_id) > 0

    async def _remove(self, *conditions: ColumnElement[bool]) -> int:
        query = sql_delete(self._model).where(*conditions)
        with told("delete", self._table):
            async with self._sessions.begin() as session:
                return int((await session.execute(query)).rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


Tracked = TypeVar("Tracked", User, Guild)


class TrackedRepository(Repository[Tracked]):
    """Users or guilds, who may ask not to be told of."""

    async def set_tracking(self, row_id: int, *, tracked: bool) -> None:
        """Note whether telemetry may tell of one; right when two ask at once."""
        await self.get_or_create(row_id)
        await self.update(row_id, do_not_track=not tracked)

    async def untracked_ids(self) -> set[int]:
        """Give the ids of all who have asked not to be told of."""
        query = select(col(self._model.id)).where(col(self._model.do_not_track))
        with told("select", self._table):
            async with self._sessions() as session:
                return set((await session.execute(query)).scalars())


class CaseRepository(Repository[Case]):
    """Cases, with a number that counts up in each guild."""

    def __init__(self, model: type[Case], sessions: async_sessionmaker[AsyncSession]) -> None:
        super().__init__(model, sessions)
        # Without it a raid's cases take each other's numbers and use up their tries.
        self._numbering: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def create(self, **data: Any) -> Case:
        """Add a case under the next number of its guild; right when many are added at once."""
        given = dict(data)
        for attempt in range(NUMBER_TRIES):
            try:
                async with self._numbering[given["guild_id"]]:
                    return await self._create_numbered(given)
            except _NumberTakenError:
                # Another process may be numbering the same guild: let it pass.
                await asyncio.sleep(0.005 * attempt)
        return await super().create(**given, number=await self._next_number(given["guild_id"]))

    async def _create_numbered(self, data: dict[str, Any]) -> Case:
        number = await self._next_number(data["guild_id"])
        row = Case(**data, number=number)
        with told("insert", self._table):
            try:
                async with self._sessions.begin() as session:
                    session.add(row)
            except IntegrityError as error:
                if await self.count((Case.guild_id == row.guild_id, Case.number == number)):
                    raise _NumberTakenError from error
                raise
        return row

    async def _next_number(self, guild_id: int) -> int:
        query = select(func.max(Case.number)).where(col(Case.guild_id) == guild_id)
        with told("select", self._table):
            async with self._sessions() as session:
                return ((await session.execute(query)).scalar_one() or 0) + 1

    async def due(
        self, now: datetime, limit: int = 100, *, guild_ids: Sequence[int] | None = None
    ) -> list[Case]:
        """Find the temporary bans whose time is over, longest over first.

        One that is still pending counts: the ban was made, and the database was away afterwards.

        Args:
            now: aware.
            limit: most of them to give.
            guild_ids: of these guilds only.
        """
        here = () if guild_ids is None else (col(Case.guild_id).in_(guild_ids),)
        return await self.find_all(
            (
                Case.kind == CaseKind.TEMPBAN,
                col(Case.status).in_((CaseStatus.ACTIVE, CaseStatus.PENDING)),
                col(Case.expires_at) <= now,
                *here,
            ),
            order_by=col(Case.expires_at),
            limit=limit,
        )

    async def purge(self, before: datetime) -> int:
        """Remove the cases that were closed or voided before a time, and count them."""
        return await self._remove(
            col(Case.status).in_((CaseStatus.CLOSED, CaseStatus.VOID)),
            func.coalesce(Case.closed_at, Case.created_at) < before,
        )


class _NumberTakenError(Exception):
    """Somebody else has just used the number."""


def _conditions(filters: Filters) -> list[Any]:
    if filters is None:
        return []
    return list(filters) if isinstance(filters, Sequence) else [filters]

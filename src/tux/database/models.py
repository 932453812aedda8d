"""The tables, as SQLModel classes. Ids are Discord snowflakes; times are aware and in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, DateTime, Dialect, Text, TypeDecorator, UniqueConstraint
from sqlmodel import Field, SQLModel

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine


def utcnow() -> datetime:
    """Tell the time as the tables keep it."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time on every database: SQLite has no zones and would hand naive ones back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Keep the zone where the database knows zones."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any aware time to UTC; a naive one is a mistake of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a time for the database needs a zone"
            raise ValueError(msg)
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CaseKind(StrEnum):
    """What a moderator did."""

    BAN = "ban"
    TEMPBAN = "tempban"
    UNBAN = "unban"
    KICK = "kick"
    WARN = "warn"


class CaseStatus(StrEnum):
    """How far it got: pending while Discord is asked, void where Discord refused."""

    PENDING = "pending"
    ACTIVE = "active"
    VOID = "void"
    CLOSED = "closed"


class User(SQLModel, table=True):
    """A Discord user that the bot has had to do with."""

    __tablename__ = "users"

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    name: str = Field(default="", max_length=100)
    do_not_track: bool = False
    created_at: datetime = Field(default_factory=utcnow, sa_type=UtcDateTime)


class Guild(SQLModel, table=True):
    """A server, and how it is set up."""

    __tablename__ = "guilds"

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    name: str = Field(default="", max_length=100)
    prefix: str | None = Field(default=None, max_length=10)
    mod_log_channel_id: int | None = Field(default=None, sa_type=BigInteger)
    do_not_track: bool = False
    mod_role_id: int | None = Field(default=None, sa_type=BigInteger)
    joined_at: datetime = Field(default_factory=utcnow, sa_type=UtcDateTime)


class Case(SQLModel, table=True):
    """One act of moderation."""

    __tablename__ = "cases"
    __table_args__ = (UniqueConstraint("guild_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    guild_id: int = Field(sa_type=BigInteger, index=True)
    number: int
    """Counts up from 1 in each guild; this is what moderators call it by."""
    kind: str = Field(max_length=10)
    status: str = Field(default=CaseStatus.ACTIVE.value, max_length=10)
    user_id: int = Field(sa_type=BigInteger, index=True)
    moderator_id: int = Field(sa_type=BigInteger)
    reason: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(default_factory=utcnow, sa_type=UtcDateTime, index=True)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

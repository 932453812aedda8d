"""Create, find, change, count and remove, on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import col

from tux.database.models import Case, CaseKind, CaseStatus, User

if TYPE_CHECKING:
    from tux.database.service import DatabaseService

SNOWFLAKE = 1_234_567_890_123_456_789
NOON = datetime(2024, 5, 17, 12, 30, 15, 123456, tzinfo=UTC)


async def warn(db: DatabaseService, user_id: int, **data: Any) -> Case:
    """Add a case that is like all the others but for what is given."""
    given = {"guild_id": 1, "kind": CaseKind.WARN, "moderator_id": 9, "user_id": user_id}
    return await db.case.create(**{**given, **data})


async def test_what_is_created_is_found_by_its_id(db: DatabaseService) -> None:
    """A row comes back by its id with all that was given, snowflakes whole."""
    created = await db.guild.create(id=SNOWFLAKE, name="Tux 🐧", prefix="?", mod_role_id=SNOWFLAKE)
    found = await db.guild.get(SNOWFLAKE)
    assert found is not None
    assert found.model_dump() == created.model_dump()
    assert (found.name, found.prefix, found.mod_log_channel_id) == ("Tux 🐧", "?", None)


async def test_get_of_nothing_is_none(db: DatabaseService) -> None:
    """An id that is not there is no error."""
    assert await db.user.get(1) is None


async def test_get_or_create_leaves_a_row_as_it_is(db: DatabaseService) -> None:
    """The data of get_or_create is for new rows alone."""
    assert (await db.user.get_or_create(1, name="ada")).name == "ada"
    assert (await db.user.get_or_create(1, name="bob")).name == "ada"
    assert await db.user.count() == 1


async def test_get_or_create_by_many_at_once_makes_one_row(db: DatabaseService) -> None:
    """All who ask for a row at the same time get the same one."""
    names = [f"name-{number}" for number in range(12)]
    users = await asyncio.gather(*(db.user.get_or_create(1, name=name) for name in names))
    assert await db.user.count() == 1
    assert len({user.name for user in users}) == 1


async def test_find_all_by_one_filter(db: DatabaseService) -> None:
    """An expression of the model says which rows are meant."""
    for user_id in (1, 2, 1):
        await warn(db, user_id)
    found = await db.case.find_all(filters=Case.user_id == 1, order_by=Case.number)
    assert [case.number for case in found] == [1, 3]
    assert len(await db.case.find_all()) == 3


async def test_find_all_by_several_filters(db: DatabaseService) -> None:
    """Of several filters, all must hold."""
    await warn(db, 1)
    await warn(db, 1, kind=CaseKind.BAN)
    await warn(db, 2, kind=CaseKind.BAN)
    both = (Case.user_id == 1, Case.kind == CaseKind.BAN)
    assert [case.number for case in await db.case.find_all(filters=both)] == [2]
    assert [case.number for case in await db.case.find_all(filters=list(both))] == [2]


async def test_find_all_in_order_and_not_all(db: DatabaseService) -> None:
    """Rows come in the order that is asked for, and no more than the limit."""
    for user_id in (2, 1, 2, 1):
        await warn(db, user_id)
    newest = await db.case.find_all(order_by=col(Case.number).desc(), limit=2)
    assert [case.number for case in newest] == [4, 3]
    by_user = await db.case.find_all(order_by=(Case.user_id, col(Case.number).desc()))
    assert [case.number for case in by_user] == [4, 2, 3, 1]
    assert await db.case.find_all(limit=0) == []


async def test_find_one(db: DatabaseService) -> None:
    """One row is found, or None."""
    await warn(db, 1, reason="spam")
    found = await db.case.find_one((Case.guild_id == 1, Case.number == 1))
    assert found is not None
    assert found.reason == "spam"
    assert await db.case.find_one(Case.number == 2) is None


async def test_count(db: DatabaseService) -> None:
    """Rows are counted, all or those that the filters hold for."""
    for user_id in (1, 1, 2):
        await warn(db, user_id)
    assert await db.case.count() == 3
    assert await db.case.count(Case.user_id == 1) == 2
    assert await db.case.count((Case.user_id == 1, Case.number == 1)) == 1


async def test_update_changes_what_is_given(db: DatabaseService) -> None:
    """An update changes the named columns, and gives the row as it is now."""
    await db.user.create(id=1, name="ada")
    changed = await db.user.update(1, do_not_track=True)
    assert changed is not None
    assert (changed.name, changed.do_not_track) == ("ada", True)
    found = await db.user.get(1)
    assert found is not None
    assert found.do_not_track is True


async def test_update_of_nothing_is_none(db: DatabaseService) -> None:
    """Changing a row that is not there makes none."""
    assert await db.user.update(1, name="ada") is None
    assert await db.user.count() == 0


async def test_delete_tells_whether_there_was_a_row(db: DatabaseService) -> None:
    """A row is removed once."""
    await db.user.create(id=1)
    assert await db.user.delete(1) is True
    assert await db.user.delete(1) is False
    assert await db.user.count() == 0


async def test_of_many_who_delete_one_was_it(db: DatabaseService) -> None:
    """Where many remove the same row at once, one is told that it did."""
    for user_id in range(5):
        await db.user.create(id=user_id)
        told = await asyncio.gather(*(db.user.delete(user_id) for _ in range(6)))
        assert sorted(told) == [False] * 5 + [True]


async def test_a_given_row_can_be_read_after_its_session(db: DatabaseService) -> None:
    """Rows are whole: reading their columns asks the database nothing."""
    created = await warn(db, 1)
    changed = await db.case.update(created.id or 0, reason="spam")
    await db.close()
    assert changed is not None
    assert (created.number, changed.reason, changed.user_id) == (1, "spam", 1)


async def test_text_is_text(db: DatabaseService) -> None:
    """What members write reaches the table as it is, and is never a statement."""
    reason = "'; DROP TABLE cases; -- \N{PENGUIN} %s :name \\ \n" + "x" * 5000
    await warn(db, 1, reason=reason)
    assert [case.reason for case in await db.case.find_all(Case.reason == reason)] == [reason]


async def test_case_numbers_count_up_in_each_guild(db: DatabaseService) -> None:
    """Each guild's cases begin at 1."""
    cases = [await warn(db, 1, guild_id=guild_id) for guild_id in (1, 1, 2, 1, 2)]
    assert [case.number for case in cases] == [1, 2, 1, 3, 2]


async def test_fifty_cases_at_once_have_fifty_numbers(db: DatabaseService) -> None:
    """Numbers have no gap and no double, however many cases come at once."""
    work = [warn(db, number, guild_id=guild) for number in range(50) for guild in (1, 2)]
    made = await asyncio.gather(*work)
    for guild in (1, 2):
        assert sorted(case.number for case in made if case.guild_id == guild) == [*range(1, 51)]
    kept = await db.case.find_all(Case.guild_id == 1, order_by=Case.number)
    assert [case.number for case in kept] == [*range(1, 51)]


async def test_due(db: DatabaseService) -> None:
    """Due are temporary bans whose time is over, longest over first; also one left pending."""
    hour = timedelta(hours=1)
    ban: dict[str, Any] = {"kind": CaseKind.TEMPBAN}
    await warn(db, 1, **ban, expires_at=NOON - hour)
    await warn(db, 2, **ban, expires_at=NOON + hour)
    await warn(db, 3, **ban, expires_at=NOON - 2 * hour)
    await warn(db, 4, **ban, expires_at=NOON)
    await warn(db, 5, **ban, expires_at=NOON - hour, status=CaseStatus.CLOSED)
    await warn(db, 6, **ban, expires_at=NOON - hour, status=CaseStatus.PENDING)
    await warn(db, 7, kind=CaseKind.BAN, expires_at=NOON - hour)
    await warn(db, 8, **ban)
    assert [case.user_id for case in await db.case.due(NOON)] == [3, 1, 6, 4]
    assert await db.case.due(NOON, guild_ids=[99]) == []
    assert [case.user_id for case in await db.case.due(NOON, limit=1)] == [3]


async def test_purge(db: DatabaseService) -> None:
    """Purged are closed and void cases that ended before the time, and they are counted."""
    day = timedelta(days=1)
    old: dict[str, Any] = {"created_at": NOON - 9 * day}
    await warn(db, 1, **old, status=CaseStatus.CLOSED, closed_at=NOON - day)
    await warn(db, 2, **old, status=CaseStatus.VOID)
    await warn(db, 3, **old, status=CaseStatus.CLOSED, closed_at=NOON + day)
    await warn(db, 4, **old, status=CaseStatus.ACTIVE)
    await warn(db, 5, **old, status=CaseStatus.PENDING)
    await warn(db, 6, created_at=NOON, status=CaseStatus.VOID)
    assert await db.case.purge(NOON) == 2
    kept = await db.case.find_all(order_by=Case.user_id)
    assert [case.user_id for case in kept] == [3, 4, 5, 6]
    assert await db.case.purge(NOON) == 0


async def test_times_come_back_aware_and_in_utc(db: DatabaseService) -> None:
    """A time of any zone comes back as the same moment, in UTC."""
    there = NOON.astimezone(timezone(timedelta(hours=-7)))
    await warn(db, 1, expires_at=there)
    found = await db.case.find_one()
    assert found is not None
    assert found.expires_at is not None
    assert found.expires_at.isoformat() == "2024-05-17T12:30:15.123456+00:00"
    assert found.created_at.utcoffset() == timedelta(0)
    assert found.closed_at is None


async def test_times_are_compared_as_moments(db: DatabaseService) -> None:
    """A filter may name a time in any zone."""
    await warn(db, 1, expires_at=NOON)
    zone = timezone(timedelta(hours=9))
    for moment, expected in ((NOON, 1), (NOON - timedelta(seconds=1), 0)):
        filters = col(Case.expires_at) <= moment.astimezone(zone)
        assert await db.case.count(filters) == expected


async def test_new_rows_know_when_they_were_made(db: DatabaseService) -> None:
    """A row is dated when it is made."""
    before = datetime.now(UTC)
    user = await db.user.create(id=1)
    assert before <= user.created_at <= datetime.now(UTC)
    assert await db.user.count(col(User.created_at) >= before) == 1


@pytest.mark.parametrize("guilds", [1, 3])
async def test_two_bots_on_one_database_share_the_numbers(
    db: DatabaseService, database_url: str, guilds: int
) -> None:
    """Two services that number the same guilds at once leave no gap and no double."""
    other = type(db)(database_url)
    work = [
        warn(service, number, guild_id=number % guilds)
        for number in range(12)
        for service in (db, other)
    ]
    made = await asyncio.gather(*work)
    await other.close()
    for guild in range(guilds):
        numbers = sorted(case.number for case in made if case.guild_id == guild)
        assert numbers == [*range(1, len(numbers) + 1)]


async def test_a_change_of_what_somebody_removes(db: DatabaseService) -> None:
    """Where one changes a row and another removes it, the row is gone and nobody fails."""
    for number in range(15):
        await db.user.create(id=number)
        await asyncio.gather(
            *(db.user.update(number, name=f"name-{turn}") for turn in range(4)),
            db.user.delete(number),
        )
    assert await db.user.count() == 0

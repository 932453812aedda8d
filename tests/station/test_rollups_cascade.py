"""Sums of minutes, half hours and days beside a recount of the rows, at any cut of time."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.killed import said_before_kill
from tests.station.test_store_writes import NOW, event, transaction

from tux.shared.settings import StationSettings
from tux.station.queries import figures, groups, people, steps, tags
from tux.station.queries.ranges import RANGES
from tux.station.rollups import cascade
from tux.station.rollups.cascade import due_at, fold
from tux.station.rollups.periods import DAY, MINUTE, MINUTES_KEPT
from tux.station.store import Store
from tux.station.store.retention import prune
from tux.station.wire.rows import Batch

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from tux.station.queries.ranges import Range

MIDNIGHT: Final = NOW // DAY * DAY
AGES: Final = st.one_of(
    st.floats(-60, 200),  # ahead, in time, or a little late
    st.floats(0, 4 * 3600),
    st.floats(0, 3 * DAY),
)
STEPS: Final = st.one_of(st.just(0.0), st.floats(1, 130), st.floats(0, 2 * 3600))
WRITTEN: Final = st.lists(st.tuples(STEPS, st.lists(AGES, max_size=4)), min_size=1, max_size=8)
TIERS: Final = (("durations", "duration_minutes"), ("sums", "sum_minutes"))
SCRIPT: Final = """
import asyncio, sys
from pathlib import Path
from tests.station.test_store_writes import NOW, event, transaction
from tux.station.rollups import cascade
from tux.station.store import Store
from tux.station.wire.rows import Batch

cascade.AT_ONCE = 20  # less than a minute has
now = NOW
store = Store(Path(sys.argv[1]), clock=lambda: now)
store.open()

async def work():
    global now
    for number in range(100_000):
        now += 20
        then = now - number % 7 * 40
        rows = transaction(number, start=then), event(number, timestamp=then)
        await store.write(Batch(1, rows))
        print(number, flush=True)

asyncio.run(work())
"""


class Told:
    """What was written, to be counted anew."""

    def __init__(self) -> None:
        self.now = MIDNIGHT + 5 * 3600.0
        self.moments: list[float] = []

    def users(self) -> Iterator[tuple[float, str]]:
        return ((moment, f"{number % 3}") for number, moment in enumerate(self.moments))

    async def write(self, store: Store, ages: list[float]) -> None:
        """Write a run and an error for each age, in one commit."""
        rows: list[Any] = []
        for age in ages:
            number, then = len(self.moments), self.now - age
            self.moments.append(then)
            user, size = f"{number % 3}", (("guild.size", f"{number % 2}"),)
            rows.append(transaction(number, start=then, duration=1.5, user_id=user, tags=size))
            rows.append(event(number, timestamp=then, user_id=user))
        await store.write(Batch(1, tuple(rows)))

    def bars(self, span: Range, of: Callable[[list[str]], int] = len) -> list[int]:
        """Count by bar, from the rows."""
        found: dict[int, list[str]] = {}
        for moment, user in self.users():
            found.setdefault(int(min(moment, self.now) // span.bucket), []).append(user)
        starts = (round(start / span.bucket) for start in span.starts(self.now))
        return [of(found.get(number, [])) for number in starts]


def check(connection: sqlite3.Connection, told: Told, span: Range) -> None:
    """Compare whatever is read of the cascade with a recount."""
    now = told.now
    runs = told.bars(span)
    points = figures.durations_over_time(connection, span, now)
    assert [point.count if point else 0 for point in points] == runs
    whole = figures.whole(connection, span, now)
    assert (whole.count if whole else 0) == sum(runs)
    (group,) = groups.commands(connection, span, now) or (None,)
    assert (group.count, group.total) == (sum(runs), 1.5 * sum(runs)) if group else not sum(runs)
    shares = steps.shares_over_time(connection, span, now, "rank")
    milliseconds = sum(steps.whole_shares(shares).values())
    assert milliseconds == pytest.approx(1.5 * sum(runs))
    since = span.since(now)
    values = Counter(n % 2 for n, moment in enumerate(told.moments) if moment >= since)
    found = [
        value.runs for tag in tags.tags(connection, span, now, "guild.size") for value in tag.values
    ]
    assert sorted(found) == sorted(values.values())
    hit = people.affected(connection, span, now)
    users = Counter(user for moment, user in told.users() if moment >= since)
    assert {one.user_id: one.errors for one in hit} == users
    met = people.affected_over_time(connection, span, now)
    assert met == told.bars(span, lambda of: len(set(of)))


@pytest.mark.parametrize("at_once", [1, cascade.AT_ONCE])
@settings(max_examples=40, deadline=None)
@given(written=WRITTEN)
def test_sums_are_those_of_the_rows(at_once: int, written: list[tuple[float, list[float]]]) -> None:
    """Late, ahead, folded or not, remembered or not: each range gives what a recount gives."""

    async def work(store: Store, told: Told) -> None:
        for step, ages in written:
            told.now += step
            await told.write(store, ages)
            for name in ("15m", "1h", "24h", "7d", "30d"):
                with store.read() as connection:
                    check(connection, told, RANGES[name])

    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(cascade, "AT_ONCE", at_once)
        told = Told()
        store = Store(Path(folder) / "station.db", clock=lambda: told.now)
        store.open()
        try:
            asyncio.run(work(store, told))
        finally:
            store.close()


@pytest.mark.parametrize("at_once", [1, cascade.AT_ONCE])
@pytest.mark.parametrize("boundary", [12 * 3600, DAY])
async def test_figures_go_on_beyond_half_hours_and_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int, boundary: int
) -> None:
    """What is remembered of times that are over stays right while their last minutes are folded."""
    monkeypatch.setattr(cascade, "AT_ONCE", at_once)
    told = Told()
    store = Store(tmp_path / "station.db", clock=lambda: told.now)
    store.open()
    told.now = MIDNIGHT + boundary - 240.0
    for step in range(16):
        told.now += 40
        await told.write(store, [0.0, 100.0] if step % 3 else [])
        for span in RANGES.values():
            with store.read() as connection:
                check(connection, told, span)
    store.close()


async def test_an_error_that_comes_late_is_read(tmp_path: Path) -> None:
    """Who met an error some hours ago is known at the next look, though no run came with it."""
    store = Store(tmp_path / "station.db", clock=lambda: MIDNIGHT + 20 * 3600.0)
    store.open()
    for number in range(3):
        then = store.clock() - number * 3600
        await store.write(Batch(1, (event(number, timestamp=then, user_id=f"{number}"),)))
        with store.read() as connection:
            met = people.affected_over_time(connection, RANGES["24h"], store.clock())
        assert sum(met) == number + 1
    store.close()


async def test_a_fold_changes_no_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, between and after the folds of some minutes the figures are the same."""
    monkeypatch.setattr(cascade, "AT_ONCE", 1)
    told = Told()
    store = Store(tmp_path / "station.db", clock=lambda: told.now)
    store.open()
    for _ in range(40):
        told.now += 25
        await told.write(store, [0.0, 30.0])
    told.now = later = told.now + 600  # nothing arrives meanwhile
    while True:
        for span in RANGES.values():
            with store.read() as connection:
                check(connection, told, span)
        assert_whole(store)
        cut = await store.change(lambda connection: fold(connection, later))
        if cut.folded == due_at(later):
            break
    store.close()


async def test_a_wide_minute_is_folded_some_series_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No commit folds more than some rows of it, and what comes late meanwhile counts once."""
    monkeypatch.setattr(cascade, "AT_ONCE", 10)
    now = NOW // MINUTE * MINUTE
    store = Store(tmp_path / "station.db", clock=lambda: now)
    store.open()
    named = [f"command {number}" for number in range(40)]

    async def write(first: int, names: list[str], start: float) -> None:
        rows = enumerate(names, first)
        made = (transaction(number, name=name, start=start) for number, name in rows)
        await store.write(Batch(1, tuple(made)))

    def folded(connection: sqlite3.Connection) -> int:
        changes = connection.total_changes
        fold(connection, now)
        return connection.total_changes - changes

    await write(0, named, now)
    now += 10 * MINUTE
    steps = 0
    while changes := await store.change(folded):
        # So many of each of two tables, and the last series whole, into two tiers.
        assert changes <= 2 * 2 * 12 + 2
        assert_whole(store)
        steps += 1
        if steps == 3:
            await write(100, named, now - 10 * MINUTE)
            assert_whole(store)
        for span in RANGES.values():
            with store.read() as connection:
                found = groups.commands(connection, span, now)
            assert {(one.name, one.count) for one in found} == {
                (name, 1 + (steps >= 3)) for name in named
            }
    assert steps > 5
    store.close()


async def test_what_is_committed_late_is_read_all_the_same(tmp_path: Path) -> None:
    """A commit that began before a half hour was over changes what readers remember of it."""
    told = Told()
    told.now -= 1.0
    store = Store(tmp_path / "station.db", clock=lambda: told.now)
    store.open()
    begun = told.now
    for moment in (begun, begun + 2, begun, begun + 2):
        told.now = moment
        if moment == begun:
            await told.write(store, [0.0])
            continue
        for span in RANGES.values():
            with store.read() as connection:
                check(connection, told, span)
    store.close()


async def test_minutes_go_and_only_those_that_are_folded(tmp_path: Path) -> None:
    """Minutes are kept for some hours, longer where they are in no half hour yet."""
    told = Told()
    store = Store(tmp_path / "station.db", clock=lambda: told.now)
    store.open()
    await told.write(store, [0.0, 0.0])
    told.now += (MINUTES_KEPT + 10) * MINUTE
    removed = await prune(store, StationSettings(), told.now)
    assert removed["duration_minutes"] == removed["sum_minutes"] == removed["hit_minutes"] == 0
    await told.write(store, [60.0])
    await told.write(store, [60.0])
    removed = await prune(store, StationSettings(), told.now)
    assert removed["duration_minutes"] > 0
    assert removed["hit_minutes"] == 2
    with store.read() as connection:
        check(connection, told, RANGES["24h"])
        check(connection, told, RANGES["1h"])
    store.close()


async def test_what_comes_for_minutes_that_wait_long_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A minute older than those that are kept, and in no half hour yet, takes what comes for it."""
    monkeypatch.setattr(cascade, "AT_ONCE", 1)
    told = Told()
    store = Store(tmp_path / "station.db", clock=lambda: told.now)
    store.open()
    for _ in range(3):
        await told.write(store, [0.0])
        told.now += MINUTE
    age = (MINUTES_KEPT + 10) * MINUTE
    told.now += age
    await told.write(store, [age + MINUTE])
    with store.read() as connection:
        check(connection, told, RANGES["24h"])
    assert_whole(store)
    store.close()


async def test_a_kill_leaves_sums_whole(tmp_path: Path) -> None:
    """Of a station that is killed while it folds minutes, no run is counted twice or not at all."""
    path = tmp_path / "station.db"
    said = await said_before_kill(SCRIPT, str(path))
    store = Store(path, clock=lambda: NOW + 10 * DAY)
    store.open()
    assert_whole(store)
    with store.read() as connection:
        (kept,) = connection.execute("SELECT count(*) FROM transactions").fetchone()
        (folded,) = connection.execute("SELECT until FROM folded").fetchone()
    assert kept >= said
    assert folded > NOW // MINUTE
    store.close()


def assert_whole(store: Store) -> None:
    """Compare each tier, with the minutes that are not in it, with the rows."""
    with store.read() as connection:

        def one(query: str) -> Any:
            return connection.execute(query).fetchone()[0]

        runs = one("SELECT count(*) FROM transactions")
        steps = one("SELECT count(*) FROM spans")
        for tier in (0, 1):
            told = {
                kind: one(
                    f"SELECT total(runs) FROM (SELECT runs, series_id FROM {tiers} WHERE tier = {tier} "
                    f"UNION ALL SELECT runs, series_id FROM {minutes} "
                    "JOIN folded WHERE (period, series_id) > (until, series)) "
                    f"JOIN series ON series.id = series_id WHERE kind = '{kind}'"
                )
                for tiers, minutes in TIERS
                for kind in (
                    ("transaction", "commands", "db") if tiers == "durations" else ("tag",)
                )
            }
            assert told["transaction"] == told["commands"] == runs
            assert told["db"] == steps
            assert told["tag"] % runs == 0
            errors = one(
                f"SELECT total(events) FROM (SELECT events FROM user_hits WHERE tier = {tier} "
                "UNION ALL SELECT events FROM hit_minutes "
                "WHERE period >= (SELECT until FROM folded))"
            )
            assert errors == one("SELECT count(*) FROM events WHERE user_id IS NOT NULL")

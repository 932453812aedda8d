"""Keys of projects: several, revocable, each with its rate."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.station.conftest import station_at
from tests.station.test_server_requests import EVENT, is_refusal

from tux.station.store.projects import create_key, create_project, projects_of, revoke_key

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from tests.station.conftest import Answer, StationUnderTest


async def send(station: StationUnderTest, key: str, project: int = 1) -> Answer:
    headers = {"X-Sentry-Auth": f"Sentry sentry_key={key}"}
    return await station.request("POST", f"/api/{project}/envelope/", data=EVENT, headers=headers)


async def test_keys_come_and_go_while_the_station_runs(
    station: StationUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new key opens its own project only, and a revoked one nothing; the pages tell a live one."""
    monkeypatch.setattr("tux.station.store.file.FRESH_SECONDS", 0.0)
    store, first = station.station.store, station.key
    other = await store.change(partial(create_project, name="other", now=1.0))
    second = await store.change(
        partial(create_key, project=1, label="second", per_minute=None, now=2.0)
    )
    others = (await store.change(projects_of))[other].public_key
    assert (await send(station, second)).status == 200
    assert (await send(station, others, other)).status == 200
    assert (await send(station, second, other)).status == 403
    assert (await send(station, others)).status == 403
    assert await store.change(partial(revoke_key, public_key=first, now=3.0))
    assert not await store.change(partial(revoke_key, public_key=first, now=3.0))
    assert (await send(station, first)).status == 403
    assert (await send(station, second)).status == 200
    assert second in store.dsn(station.url)
    assert {row["project_id"] for row in station.rows("SELECT * FROM events")} == {1, other}


async def test_a_station_without_keys_makes_one_at_its_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever revokes the last key reads so on the page, and a new start has a DSN again."""
    monkeypatch.setattr("tux.station.store.file.FRESH_SECONDS", 0.0)
    async with station_at(tmp_path / "station.db") as station:
        await station.send_event(message="Broken")
        first = station.key
        revoking = partial(revoke_key, public_key=first, now=1.0)
        assert await station.station.store.change(revoking)
        assert (await send(station, first)).status == 403
        page = (await station.get("/")).body.decode()
        assert "No key opens this station any more" in page
        assert "//@" not in page
    async with station_at(tmp_path / "station.db") as station:
        assert station.key not in {"", first}
        assert (await send(station, station.key)).status == 200
        assert (await send(station, first)).status == 403


async def test_a_key_that_sends_too_much_is_told_and_counted(tmp_path: Path) -> None:
    """Past its rate a key is told how long to wait, in Sentry's words; what it sent is counted."""
    async with station_at(tmp_path / "station.db", key_rate=3) as station:
        now = station.station.store.clock()
        station.station.store.clock = lambda: now
        answers = [await send(station, station.key) for _ in range(5)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
        assert is_refusal(answers[-1])
        assert answers[-1].headers["Retry-After"] == "20"
        assert answers[-1].headers["X-Sentry-Rate-Limits"] == "20::key:key_quota"
        (lost,) = station.rows("SELECT origin, category, reason, quantity FROM discards")
        assert tuple(lost.values()) == ("station", "error", "key_quota", 2)
        free = await station.station.store.change(
            partial(create_key, project=1, label="free", per_minute=0, now=0.0)
        )
        station.station.store._projects_read = -9.0
        assert [(await send(station, free)).status for _ in range(5)] == [200] * 5
        station.station.store.clock = lambda: now + 20
        assert (await send(station, station.key)).status == 200

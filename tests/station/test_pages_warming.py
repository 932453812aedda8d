"""Pages are looked at before anybody does."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

import pytest
from loguru import logger

from tux.station.pages import views_overview, warming

if TYPE_CHECKING:
    from tests.station.conftest import StationUnderTest


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else has to have their turn here."""
    monkeypatch.setattr(warming, "PAUSE_SECONDS", 0.0)


@pytest.mark.parametrize(
    "path",
    [
        *(f"/?range={span}" for span in ("24h", "7d", "30d")),
        *("/transactions/?sort=slowest&range=7d", "/errors/?range=30d", "/users/", "/tags/"),
        *("/queries/?range=7d", "/hosts/?range=30d", "/operations/", "/releases/?range=7d"),
    ],
)
async def test_the_first_look_finds_all_in_memory(station: StationUnderTest, path: str) -> None:
    """After it has been prepared, a look at a long range asks for nothing that is over."""
    await station.send_transaction()
    await station.send_event(message="gone wrong", level="error", tags={"command": "ban"})
    memory, watched = station.station.store._memory, station.station.alerts.definitions
    await warming.warm(station.station.store, watched)
    prepared = len(memory)
    assert prepared
    assert (await station.get(path)).status == 200
    assert len(memory) == prepared


async def test_an_empty_station_is_prepared_too(station: StationUnderTest) -> None:
    """Where nothing has come yet, no page fails."""
    lines = list[str]()
    number = logger.add(lines.append, filter="tux.station.pages")
    await warming.warm(station.station.store, station.station.alerts.definitions)
    logger.remove(number)
    assert not lines


async def test_what_comes_in_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next page waits for as long as much comes in."""
    slept, commits = (
        list[float](),
        itertools.chain([0, 500, 500, 900, 900, 901], itertools.repeat(0)),
    )

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    await warming._stand_back(lambda: next(commits), 0.25)
    assert slept == [0.25] * 3


async def test_a_fault_does_not_end_the_station(
    station: StationUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the page cannot be made, whoever opens it is answered by itself."""

    def fail(*_: object, **_more: object) -> None:
        raise RuntimeError("no")

    under = station.station
    with monkeypatch.context() as changed:
        changed.setattr(views_overview, "overview", fail)
        await warming.warm(under.store, under.alerts.definitions)
    assert len(under.store._memory) == 0
    assert (await station.get("/?range=30d")).status == 200

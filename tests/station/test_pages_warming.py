"""The first page is looked at before anybody does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tux.station.pages import warming

if TYPE_CHECKING:
    from tests.station.conftest import StationUnderTest


@pytest.mark.parametrize("span", ["24h", "7d", "30d"])
async def test_the_first_look_finds_all_in_memory(station: StationUnderTest, span: str) -> None:
    """After it has been prepared, a look at a long range asks for nothing that is over."""
    await station.send_transaction()
    await station.send_event(message="gone wrong", level="error")
    memory, watched = station.station.store._memory, station.station.alerts.definitions
    await asyncio.to_thread(warming.warm, station.station.store, watched)
    prepared = len(memory)
    assert prepared
    assert (await station.get(f"/?range={span}")).status == 200
    assert len(memory) == prepared


async def test_a_fault_does_not_end_the_station(
    station: StationUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the page cannot be made, whoever opens it is answered by itself."""

    def fail(*_: object, **_more: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(warming, "overview", fail)
    under = station.station
    await asyncio.to_thread(warming.warm, under.store, under.alerts.definitions)
    assert len(under.store._memory) == 0
    assert (await station.get("/?range=30d")).status == 200

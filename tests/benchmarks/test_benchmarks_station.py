"""The benchmark of the station runs from end to end, however little it is given."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from benchmarks.station_load import Size, load
from benchmarks.station_pages import RANGES, measure, sending, serving

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.long
def test_pages_are_measured_while_more_comes_in(tmp_path: Path) -> None:
    """A small month is loaded whole, and every page answers at every range."""
    path = tmp_path / "station.db"
    load(path, Size().divided(1000), time.time())
    with closing(sqlite3.connect(path)) as file:
        counts = [
            file.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("transactions", "events", "logs")
        ]
    assert counts == [1000, 100, 200]
    with serving(path) as served, sending(served.dsn, 50.0) as sent:
        found, megabytes = measure(served, 1)
    assert set(found["overview"].took) == set(RANGES)
    assert all(values for page in found.values() for values in page.took.values())
    assert megabytes > 0
    assert sent["rate"] > 0

"""The first page shows what is declared."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest
from tests.station.conftest import station_at

from tux.station.alerting.watching import Watch
from tux.station.queries.ranges import RANGES
from tux.station.queries.watched import by_tag, over_time, whole
from tux.watch.loading import load_definitions
from tux.watch.sources import SOURCES, SourceName

if TYPE_CHECKING:
    from pathlib import Path

    from tests.station.conftest import StationUnderTest

OWN = """
[watch.widgets.languages]
title = "Who speaks what"
source = "commands"
aggregates = ["count", "failure_rate"]
by = "locale"
display = "bar"
[watch.widgets.hosts]
title = "Hosts"
source = "calls"
aggregates = ["p95"]
by = "server.address"
display = "table"
[watch.widgets.strange]
title = "Strange"
source = "queries"
aggregates = ["count"]
by = "locale"
"""


async def fill(station: StationUnderTest) -> None:
    """Send two commands, a loop, and an error."""
    now = station.station.store.clock()
    call = {
        "span_id": "2" * 16,
        "op": "http.client",
        "description": "GET https://xkcd.com/1",
        "start_timestamp": now - 0.1,
        "timestamp": now,
    }
    for name, op, size, status in (
        ("ban", "command.slash", "1-99", "internal_error"),
        ("rank", "command.slash", "100-999", "ok"),
        ("clean", "task.loop", "1-99", "ok"),
    ):
        trace = {"trace_id": "1" * 32, "span_id": "3" * 16, "op": op, "status": status}
        await station.send_transaction(
            transaction=name,
            contexts={"trace": trace},
            tags={"guild.size": size, "locale": f"{name}-speak", "command": name},
            spans=[call],
            user={"id": "7"},
            release="tux@1",
        )
    await station.send_event(
        message="Broken", level="error", user={"id": "7"}, release="tux@1", tags={"command": "ban"}
    )


async def test_a_widget_of_ones_own_is_shown(tmp_path: Path) -> None:
    """What tux.toml declares stands on the first page, with its figures and where it leads."""
    file = tmp_path / "tux.toml"
    file.write_text(OWN)
    watch = Watch(definitions=load_definitions(file))
    async with station_at(tmp_path / "station.db", watch) as station:
        await fill(station)
        page = unescape((await station.get("/")).body.decode())
    for text in ("Who speaks what", "ban-speak", "100 % failed", "Hosts", "/hosts/?host=xkcd.com"):
        assert text in page, text
    assert "clean-speak" not in page.split("Who speaks what")[1].split("Hosts")[0]
    assert "Database queries are not counted by locale here; Sentry can." in page
    assert "Error frequency by command" in page


@pytest.mark.parametrize("name", RANGES)
async def test_what_is_declared_has_figures(station: StationUnderTest, name: str) -> None:
    """Every source is measured as a whole, over time and by what is asked for."""
    await fill(station)
    span, now = RANGES[name], station.station.store.clock()
    counts: dict[SourceName, int] = {}
    with station.station.store.read() as connection:
        for source in SOURCES:
            counts[source] = whole(connection, source, span, now).count
            bars = sum(bar.count for bar in over_time(connection, source, span, now) if bar)
            assert bars == counts[source]
        sizes = dict(by_tag(connection, "commands", "guild.size", span, now) or ())
        errors = dict(by_tag(connection, "errors", "command", span, now) or ())
        releases = dict(by_tag(connection, "errors", "release", span, now) or ())
    assert counts == {
        "errors": 1,
        "database_errors": 0,
        "commands": 2,
        "operations": 6,
        "queries": 0,
        "calls": 3,
    }
    assert {size: found.count for size, found in sizes.items()} == {"1-99": 1, "100-999": 1}
    assert sizes["1-99"].failure_rate == 1
    assert sizes["1-99"].users == 1
    assert sizes["1-99"].p95 == pytest.approx(250, rel=0.03)
    assert (errors["ban"].count, errors["ban"].users) == (1, 1)
    assert list(releases) == ["tux@1"]


@pytest.mark.parametrize("name", RANGES)
async def test_the_first_page_tells_sampled_runs_from_all(
    station: StationUnderTest, name: str
) -> None:
    """A rate says of how many sampled runs it is, and beside it how many ran by the bot's metric."""
    await fill(station)
    now = station.station.store.clock()
    page = unescape((await station.get(f"/?range={name}")).body.decode())
    assert "1 of 2 sampled runs<" in page
    runs = [
        {
            "timestamp": now - 1 - number,
            "type": "distribution",
            "name": "command.duration",
            "unit": "millisecond",
            "value": 10.0,
            "attributes": {"command": {"value": "ban", "type": "string"}},
        }
        for number in range(55)
    ]
    await station.send(({"type": "trace_metric", "item_count": 55}, {"items": runs}))
    page = unescape((await station.get(f"/?range={name}")).body.decode())
    assert "1 of 2 sampled runs, 55 ran<" in page
    # A hundred and more hours ago is outside of the shorter ones.
    old = [{**runs[0], "timestamp": now - 100 * 3600}]
    await station.send(({"type": "trace_metric", "item_count": 1}, {"items": old}))
    page = unescape((await station.get(f"/?range={name}")).body.decode())
    assert f"{56 if RANGES[name].seconds > 100 * 3600 else 55} ran<" in page

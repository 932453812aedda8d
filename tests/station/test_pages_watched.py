"""The first page shows what is declared."""

from __future__ import annotations

from functools import partial
from html import unescape
from typing import TYPE_CHECKING

import pytest
from tests.fakes.measured import measured
from tests.station.conftest import station_at

from tux.station.alerting.watching import Watch
from tux.station.queries.ranges import RANGES
from tux.station.queries.watched import by_tag, over_time, whole
from tux.station.store.decided import HourRow, save_hour
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
async def test_the_first_page_is_of_all_runs(station: StationUnderTest, name: str) -> None:
    """Where a bot tells of each run figures are of all; what samples alone know says so."""
    await fill(station)
    now = station.station.store.clock()
    page = unescape((await station.get(f"/?range={name}")).body.decode())
    assert "1 of 2 runs<" in page
    assert "3 in all<" in page
    assert "sampled" not in page
    runs = [(1.0 + number, 10.0, "" if number else "internal_error") for number in range(55)]
    ban, rank = measured(now, "ban", *runs), measured(now, "rank", (1.0, 5.0, ""))
    await station.send(({"type": "trace_metric"}, {"items": [*ban, *rank]}))
    page = unescape((await station.get(f"/?range={name}")).body.decode())
    assert "1 of 56 runs<" in page
    assert "3 sampled<" in page
    assert "by guild.size: 2 of 56 commands sampled<" in page
    assert "Users are of sampled runs only: 2 of the 56 commands that ran. Errors are all." in page


async def test_what_ran_before_it_was_measured(station: StationUnderTest) -> None:
    """Where more is sampled than measured, the metric's sums tell how much more ran."""
    await fill(station)
    hour = int(station.station.store.clock() // 3600)
    values = ("command.duration", "distribution", "millisecond", hour, 40, 400.0, 1.0, 20.0)
    await station.station.store.change(partial(save_hour, project=1, row=HourRow(*values)))
    page = unescape((await station.get("/")).body.decode())
    assert "1 of 2 sampled runs, 40 ran<" in page
    assert "Counts, failures, durations and users are of sampled runs only: 2 of the 40" in page


ONLY = "of sampled runs only: 2 of the 56 commands that ran."
PARTIAL = {
    "/transactions/": f"Users of commands are {ONLY} All other work",
    "/transactions/?name=ban": "where the time goes are of sampled runs only: 1 of the 55 commands",
    **dict.fromkeys(
        ("/operations/", "/queries/", "/hosts/", "/hosts/?host=xkcd.com"), f"Figures are {ONLY}"
    ),
    **dict.fromkeys(("/tags/", "/releases/"), f"Runs are {ONLY} Errors are all."),
}


@pytest.mark.parametrize("path", PARTIAL)
async def test_pages_say_of_what_they_are(station: StationUnderTest, path: str) -> None:
    """What is of samples says of how many, and where all are sampled nothing is said."""
    await fill(station)
    now = station.station.store.clock()
    trace = {"trace_id": "1" * 32, "span_id": "3" * 16, "op": "task.loop", "status": "ok"}
    times = {"start_timestamp": now - 0.1, "timestamp": now}
    query = {"span_id": "2" * 16, "op": "db", "description": "SELECT 1", **times}
    await station.send_transaction(transaction="tidy", contexts={"trace": trace}, spans=[query])
    assert "sampled" not in unescape((await station.get(path)).body.decode())
    now = station.station.store.clock()
    runs = [(1.0 + number, 10.0, "") for number in range(55)]
    items = [*measured(now, "ban", *runs), *measured(now, "rank", (1.0, 5.0, ""))]
    await station.send(({"type": "trace_metric"}, {"items": items}))
    assert PARTIAL[path] in unescape((await station.get(path)).body.decode())


async def test_the_api_is_of_all_runs(station: StationUnderTest) -> None:
    """Figures are of what ran, and beside them stands how much of it is sampled."""
    await fill(station)
    now = station.station.store.clock()
    runs = [(1.0 + number, 10.0, "" if number else "internal_error") for number in range(55)]
    await station.send(({"type": "trace_metric"}, {"items": measured(now, "ban", *runs)}))
    found = (await station.get("/api/v1/overview")).json
    assert found["sampling"] == {"sampled": 2, "ran": 56, "is_measured": True}
    assert {
        one["name"]: (one["count"], one["failures"], one["sampled"]) for one in found["commands"]
    } == {
        "ban": (55, 1, 1),
        "rank": (1, 0, 1),
    }
    for path in ("operations", "queries", "hosts", "releases", "tags", "transactions"):
        assert (await station.get(f"/api/v1/{path}")).json["sampling"] == found["sampling"]
    of_one = (await station.get("/api/v1/transactions?name=ban")).json["sampling"]
    assert of_one == {"sampled": 1, "ran": 55, "is_measured": True}


async def test_what_nobody_knows_is_no_zero(station: StationUnderTest) -> None:
    """Of runs of which none was sampled no page claims that nobody ran them."""
    now = station.station.store.clock()
    await station.send(({"type": "trace_metric"}, {"items": measured(now, "ban", (1.0, 5.0, ""))}))
    await station.send_event(message="Broken", user={"id": "7"}, tags={"command": "ban"})
    for path in ("/", "/transactions/"):
        page = unescape((await station.get(path)).body.decode())
        assert '<td class="n">1</td>' in page
        assert '<td class="n"><span class="quiet">\N{EN DASH}</span></td>' in page
    assert "1 user<" in unescape((await station.get("/")).body.decode())
    page = unescape((await station.get("/transactions/?name=ban")).body.decode())
    assert '<dt>Users</dt><dd><span class="quiet">\N{EN DASH}</span></dd>' in page
    assert "No single run of this time is kept." in page

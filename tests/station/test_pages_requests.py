"""The pages and the data over plain HTTP."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.station.conftest import StationUnderTest

PAGES = ("/", "/issues/", "/transactions/", "/logs/", "/monitors/")
CHARTS = ("errors", "durations", "runs", "shares")


@pytest.mark.parametrize("path", PAGES)
async def test_an_empty_station_has_pages(station: StationUnderTest, path: str) -> None:
    """Every page is there before anything has arrived, and forbids script."""
    answer = await station.get(path)
    assert answer.status == 200
    assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", CHARTS)
async def test_charts_hold_no_script(station: StationUnderTest, name: str) -> None:
    """A chart is a picture: no script, nothing from elsewhere, of nothing too."""
    await station.send_event(exception={"values": [{"type": "KeyError"}]}, tags={"command": "a"})
    await station.send_transaction()
    for query in ("", "?range=15m", "?range=30d", "?range=nonsense", "?name=%3Cscript%3E"):
        answer = await station.get(f"/charts/{name}.svg{query}")
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("image/svg+xml")
        assert b"<script" not in answer.body
        assert b"href=" not in answer.body


@pytest.mark.parametrize(
    "path",
    [
        "/issues/99/",
        "/issues/9999999999999999999/",
        f"/events/{'0' * 32}/",
        "/events/../../etc/passwd/",
        f"/events/{'0' * 32}/json",
        "/traces/nothing/",
        "/nowhere",
        "/static/../server.py",
    ],
)
async def test_what_is_not_there_says_so(station: StationUnderTest, path: str) -> None:
    """An unknown address is a page that says where to go on."""
    answer = await station.get(path)
    assert answer.status == 404
    assert b"There is nothing here" in answer.body


@pytest.mark.parametrize(
    "event",
    [
        {"exception": "text"},
        {"exception": {"values": [None, 3, {"type": {"a": 1}, "stacktrace": {"frames": 7}}]}},
        {"exception": {"values": [{"stacktrace": {"frames": [{"vars": [1], "lineno": "x"}]}}]}},
        {"breadcrumbs": {"values": "x"}},
        {"breadcrumbs": [{"timestamp": "never", "data": []}]},
        {"contexts": {"a": None, "b": [1], "c": "x"}, "user": "me", "extra": 3},
        {"message": {"formatted": ["x"]}, "tags": [["a"], 3, ["b", None]]},
        {"logentry": {"message": 7}},
    ],
)
async def test_an_event_of_a_wrong_shape_has_a_page(
    station: StationUnderTest, event: dict[str, Any]
) -> None:
    """Whatever an event holds, its page is shown."""
    event_id = await station.send_event(**event)
    assert (await station.get(f"/events/{event_id}/")).status == 200
    assert (await station.get("/issues/1/")).status == 200
    assert (await station.get("/")).status == 200


async def test_the_raw_event_is_json(station: StationUnderTest) -> None:
    """An event is given as it was received, as JSON that no browser takes for a page."""
    event_id = await station.send_event(message="<script>")
    answer = await station.get(f"/events/{event_id}/json")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json["message"] == "<script>"


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}],
)
async def test_another_site_changes_nothing(
    station: StationUnderTest, headers: dict[str, str]
) -> None:
    """A form of another site is refused."""
    await station.send_event(message="x")
    answer = await station.request(
        "POST", "/issues/1/", data={"status": "resolved"}, headers=headers
    )
    assert answer.status == 403
    assert station.value("SELECT status FROM issues") == "unresolved"


async def test_a_form_with_nonsense_is_refused(station: StationUnderTest) -> None:
    """A status that is none is refused, and an issue that is none is not there."""
    await station.send_event(message="x")
    answer = await station.request("POST", "/issues/1/", data={"status": "gone"})
    assert answer.status == 400
    answer = await station.request("POST", "/issues/7/", data={"status": "resolved"})
    assert answer.status == 404


async def test_issues_are_searched_and_paged(station: StationUnderTest) -> None:
    """Words find issues, whole pages follow each other, and odd page numbers are the first."""
    for number in range(55):
        name = f"Kind{number:02}Error"
        await station.send_event(exception={"values": [{"type": name, "value": "x"}]})
    first = (await station.get("/issues/")).body.decode()
    second = (await station.get("/issues/?page=2")).body.decode()
    assert first.count("ind") > second.count("ind") > 0
    assert "older" in first
    assert "newer" in second
    found = (await station.get("/issues/?query=kind07error")).body.decode()
    assert found.count('href="/issues/') - found.count('href="/issues/?') == 2
    for page in ("0", "-1", "x", "999999999999"):
        assert (await station.get(f"/issues/?page={page}")).status == 200


async def test_data_lists_what_is_kept(station: StationUnderTest) -> None:
    """The data routes give counts, events and transactions, the newest first."""
    event_id = await station.send_event(
        message="x", tags={"command": "ban"}, user={"id": "7"}, level="warning"
    )
    transaction_id = await station.send_transaction(tags=[["command", "ban"]], user={"id": "7"})
    counts = (await station.get("/data/counts")).json
    assert (counts["events"], counts["transactions"], counts["check_ins"]) == (1, 1, 0)
    (event,) = (await station.get("/data/events")).json
    assert (event["event_id"], event["user_id"]) == (event_id, "7")
    assert event["tags"]["command"] == "ban"
    (row,) = (await station.get("/data/transactions")).json
    assert (row["event_id"], row["tags"]) == (transaction_id, {"command": "ban"})
    assert row["duration"] == pytest.approx(250, abs=1)
    later = time.time() + 60
    assert (await station.get(f"/data/events?since={later}")).json == []


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=1000000", "since=x", "since=nan"])
async def test_data_refuses_nonsense(station: StationUnderTest, query: str) -> None:
    """A bound that is none is refused with a reason."""
    answer = await station.get(f"/data/events?{query}")
    assert answer.status == 400
    assert "limit" in answer.json["detail"]


async def test_a_trace_of_circles_is_shown(station: StationUnderTest) -> None:
    """Spans that call themselves their parents are shown, once each or not at all."""
    trace_id, span_id = uuid.uuid4().hex, "a" * 16
    spans = [
        {"trace_id": trace_id, "span_id": one, "parent_span_id": other, "op": "x",
         "start_timestamp": time.time() - 1, "timestamp": time.time()}
        for one, other in (("b" * 16, "c" * 16), ("c" * 16, "b" * 16), (span_id, span_id))
    ]  # fmt: skip
    trace = {"trace_id": trace_id, "span_id": span_id, "op": "command"}
    await station.send_transaction(contexts={"trace": trace}, spans=spans)
    assert (await station.get(f"/traces/{trace_id}/")).status == 200

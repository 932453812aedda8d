"""The API says what it gives, and gives what it says, over real HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from tests.station.test_keeping_files import fill

from tux.station.api.endpoints import CHANGES, endpoints
from tux.station.pages.routes import VIEWS

if TYPE_CHECKING:
    from tests.station.conftest import Answer, StationUnderTest

OF_PAGES = {
    "/": "/overview",
    "/events/{event:[0-9a-f]{32}}/text": "/events/{event}",
    "/events/{event:[0-9a-f]{32}}/envelope": "/events/{event}",
    "/events/{event:[0-9a-f]{32}}/json": "/events/{event}",
    "/issues/{issue:[0-9]{1,18}}/": "/issues/{issue}",
    "/events/{event:[0-9a-f]{32}}/": "/events/{event}",
    "/traces/{trace:[0-9a-f]{32}}/": "/traces/{trace}",
}


async def described(station: StationUnderTest) -> dict[str, Any]:
    answer = await station.get("/api/v1/openapi.json")
    assert answer.status == 200
    found: dict[str, Any] = answer.json
    return found


def assert_as_described(document: dict[str, Any], path: str, method: str, answer: Answer) -> None:
    """Hold an answer against the schema that the document has for its status."""
    responses = document["paths"][f"/api/v1{path}"][method]["responses"]
    schema = responses[str(answer.status)]["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": document["components"]}).validate(answer.json)


async def test_the_document_is_openapi(station: StationUnderTest) -> None:
    """The document is valid, and has every address, each with its own operation."""
    document = await described(station)
    validate(document)
    reads = endpoints(station.settings)
    assert set(document["paths"]) == {f"/api/v1{one.path}" for one in (*reads, *CHANGES)}
    names = [one.name for one in (*reads, *CHANGES)]
    assert len(names) == len(set(names))


async def test_every_page_is_there_as_data(station: StationUnderTest) -> None:
    """What a person can see, a program can ask for."""
    known = {one.path for one in endpoints(station.settings)}
    pages = {OF_PAGES.get(page, page.rstrip("/")) for page in VIEWS}
    assert pages <= known


async def test_answers_are_as_described(station: StationUnderTest) -> None:
    """Every address gives what its schema says, with every range and word, full and empty."""
    document = await described(station)
    for is_full in (False, True):
        places: dict[str, str] = {}
        if is_full:
            event_id = await fill(station)
            await station.send_event(exception=[{"type": "E", "value": "x"}], release="2")
            trace = station.value("SELECT trace_id FROM transactions WHERE name = 'ban'")
            places = {"issue": "1", "event": event_id, "trace": trace}
        for one in endpoints(station.settings):
            path = one.path
            for name in one.places:
                path = path.replace(f"{{{name}}}", places.get(name, "0" * 32)[:32])
            path = path.replace("0" * 32, "9" * 18) if "issue}" in one.path else path
            words = [
                f"?{word.name}={quote(choice)}"
                for word in one.parameters
                for choice in (word.choices or ("1" if word.is_number else "x",))
            ]
            for query in ("", *words):
                answer = await station.get(f"/api/v1{path}{query}")
                assert answer.status == (404 if one.places and not is_full else 200), path
                assert_as_described(document, one.path, "get", answer)


async def test_the_facts_are_those_of_the_pages(station: StationUnderTest) -> None:
    """Issues, events, runs and logs have what was sent."""
    event_id = await fill(station)
    (issue,) = (await station.get("/api/v1/issues?query=hell")).json["issues"]
    assert (issue["title"], issue["times_seen"], issue["users"]) == ("hellö 🐧", 1, 1)
    detail = (await station.get(f"/api/v1/issues/{issue['id']}")).json
    assert detail["event"]["event_id"] == event_id
    assert detail["event"]["payload"]["user"] == {"id": "7"}
    assert detail["feedback"][0]["message"] == "it broke"
    runs = (await station.get("/api/v1/transactions?name=ban")).json["runs"]
    assert [run["name"] for run in runs] == ["ban"]
    trace = (await station.get(f"/api/v1/traces/{runs[0]['trace_id']}")).json
    assert {step["name"] for step in trace["waterfall"]["steps"]} == {"ban", "SELECT 1"}
    assert (await station.get("/api/v1/logs?level=error")).json["logs"] == []
    assert (await station.get("/api/v1/logs?level=info")).json["logs"][0]["body"] == "ready"
    storage = (await station.get("/api/v1/storage")).json
    assert {kind["kind"]: kind["rows"] for kind in storage["kinds"]}["Transactions"] == 2
    (dropped,) = (await station.get("/api/v1/dropped")).json["dropped"]
    assert (dropped["origin"], dropped["quantity"]) == ("client", 2)


async def test_a_program_resolves(station: StationUnderTest) -> None:
    """An issue is changed with JSON, which no form of a page elsewhere can send."""
    await station.send_event(message="m")
    document = await described(station)
    json_type = {"Content-Type": "application/json"}

    async def put(body: bytes, path: str = "/api/v1/issues/1", **headers: str) -> Answer:
        return await station.request("PUT", path, data=body, headers={**json_type, **headers})

    done = await put(b'{"status": "resolved"}')
    assert (done.status, done.json["issue"]["status"]) == (200, "resolved")
    assert_as_described(document, "/issues/{issue}", "put", done)
    for body in (
        b"",
        b"[]",
        b'{"status": 7}',
        b'{"status": "gone"}',
        b"[" * 4000,
        b'{"status": "ignored", "events": 0}',
    ):
        assert_as_described(document, "/issues/{issue}", "put", wrong := await put(body))
        assert wrong.status == 400
    ignored = await put(b'{"status": "ignored", "events": 10}')
    assert (ignored.json["issue"]["status"], ignored.json["issue"]["ignored_count"]) == (
        "ignored",
        11,
    )
    assert (await put(b'{"status": "resolved"}', "/api/v1/issues/9")).status == 404
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await put(b'{"status": "unresolved"}', **headers)).status == 403
    form = {"Content-Type": "text/plain"}
    assert (await put(b'{"status": "unresolved"}', **form)).status == 403
    assert station.value("SELECT status FROM issues") == "ignored"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/issues?status=odd", 400),
        ("/api/v1/issues?page=0x1", 400),
        ("/api/v1/issues?stauts=all", 400),
        ("/api/v1/overview?range=2h", 400),
        (f"/api/v1/logs?query={'x' * 201}", 400),
        ("/api/v1/issues?query=timesSeen:%3Ex", 400),
        ("/api/v1/nothing", 404),
        ("/api/v1/", 404),
        ("/api/v1/issues/12345678901234567890", 404),
        ("/api/v1/events/xyz", 404),
    ],
)
async def test_what_is_wrong_is_told(station: StationUnderTest, path: str, status: int) -> None:
    """An unknown word or address is an answer in the form of all refusals."""
    answer = await station.get(path)
    assert answer.status == status
    assert set(answer.json) == {"detail", "causes"}

"""Whatever is sent or looked for: no 5xx, no hang, no growth, over real HTTP."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.station.conftest import envelope_of

from tux.station.digesting import CALM, CALM_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

HANGS = 20.0
"""Seconds after which an answer does not come any more."""
GROWTH = 60e6
"""Bytes that caches may take; an event that leaks is many times that."""
RUNS = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NOW = time.time()
TRACE = {"trace_id": "a" * 32, "span_id": "b" * 16}
SPAN = {**TRACE, "name": "x", "start_timestamp": NOW, "end_timestamp": NOW, "is_segment": True}
ITEMS: dict[str, Any] = {
    "event": {"message": "m", "exception": [{"type": "E", "stacktrace": {"frames": [{}]}}]},
    "transaction": {"start_timestamp": NOW - 1, "timestamp": NOW, "contexts": {"trace": TRACE}},
    "feedback": {"contexts": {"feedback": {"message": "m"}}},
    "session": {"sid": "c" * 32, "started": NOW, "status": "exited"},
    "sessions": {"aggregates": [{"started": NOW, "exited": 1}], "attrs": {"release": "r"}},
    "check_in": {"check_in_id": "d" * 32, "monitor_slug": "s", "status": "ok"},
    "log": {"items": [{"timestamp": NOW, "level": "info", "body": "b"}]},
    "trace_metric": {"items": [{"timestamp": NOW, "type": "counter", "name": "n", "value": 1}]},
    "span": {"items": [SPAN]},
    "client_report": {"discarded_events": [{"category": "error", "reason": "r", "quantity": 1}]},
    "user_report": {"event_id": "e" * 32, "comments": "c"},
}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
JSON = st.recursive(
    SCALARS,
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=9), one),
    max_leaves=12,
)
KEYS = st.sampled_from(
    [
        *("exception", "message", "logentry", "tags", "user", "contexts", "breadcrumbs", "spans"),
        *("fingerprint", "timestamp", "start_timestamp", "release", "level", "request", "extra"),
        *("event_id", "items", "transaction", "modules", "sdk", "attrs", "aggregates", "threads"),
    ]
)
WORDS = st.sampled_from(
    [
        *(
            "is:",
            "is:unresolved",
            "release:latest",
            "age:-24h",
            "timesSeen:>",
            "!",
            "has:",
            "[a,b]",
        ),
        *('"', "*", ":", "(", ")", "level:[", "user.id:", "OR", "AND", "lastSeen:+", "%", "\\"),
    ]
)


@dataclass
class Server:
    """A station in a process of its own."""

    dsn: str
    process: psutil.Process

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        url = urlsplit(self.dsn)
        assert url.hostname
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=HANGS)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def send(self, body: bytes, **headers: str) -> int:
        key = f"Sentry sentry_key={urlsplit(self.dsn).username}"
        status, said = self.ask(
            "POST", "/api/1/envelope/", body, **{"X-Sentry-Auth": key, **headers}
        )
        assert status < 500, said
        return status


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A station that must end as it began: alive, and hardly larger."""
    path: Path = tmp_path_factory.mktemp("fuzz") / "station.db"
    environment = {**os.environ, "STATION_PATH": str(path), "STATION_KEY_RATE": "0"}
    with subprocess.Popen(
        [sys.executable, "-m", "tux", "station", "--port", "0", "--child"],
        env=environment,
        cwd=path.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        announced = json.loads(process.stdout.readline())
        running = Server(announced["dsn"], psutil.Process(process.pid))
        for _ in range(30):
            for kind, payload in ITEMS.items():
                running.send(envelope_of(({"type": kind}, payload)))
            for page in ("/", "/issues/", "/issues/1/", "/transactions/", "/logs/?query=b"):
                running.ask("GET", page)
        time.sleep((CALM + CALM_SECOND) / CALM_SECOND)
        before = running.process.memory_info().rss
        yield running
        for page in ("/", "/issues/", "/transactions/", "/logs/", "/monitors/", "/metrics/"):
            assert running.ask("GET", page)[0] == 200, page
        assert running.process.memory_info().rss - before < GROWTH
        process.terminate()


@given(st.sampled_from(sorted(ITEMS)), st.dictionaries(KEYS, JSON, max_size=5), JSON)
@RUNS
def test_any_content_is_answered(
    server: Server, kind: str, changes: dict[str, Any], header: Any
) -> None:
    """Items of every type with any values in their known places are kept or refused."""
    payload = {**ITEMS[kind], **changes}
    item = {"type": kind, "filename": header}
    if kind == "span":
        item["content_type"] = "application/vnd.sentry.items.span.v2+json"
    event_id = uuid.uuid4().hex
    time.sleep(2 / CALM_SECOND)  # in a rush it would be answered before it is read
    status = server.send(envelope_of((item, payload), headers={"event_id": event_id}))
    assert status in {200, 400, 413}
    if status == 200 and kind in {"event", "transaction"}:
        pages = {"event": f"/events/{event_id}/", "transaction": "/transactions/"}
        assert server.ask("GET", pages[kind])[0] == 200


@given(st.sampled_from(sorted(ITEMS)), st.data())
@RUNS
def test_any_bytes_are_answered(server: Server, kind: str, data: st.DataObject) -> None:
    """An envelope that is cut, turned and stuffed is kept or refused."""
    body = bytearray(envelope_of(({"type": kind}, ITEMS[kind]), headers={"event_id": "f" * 32}))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(body)))
        until = data.draw(st.integers(place, min(len(body), place + 20)))
        body[place:until] = data.draw(st.binary(max_size=12))
    encoding = data.draw(st.sampled_from(["", "gzip", "br", "deflate", "zstd"]))
    headers = {"Content-Encoding": encoding} if encoding else {}
    assert server.send(bytes(body), **headers) in {200, 400, 403, 413, 415}


@given(st.lists(WORDS | st.text(max_size=12), max_size=6).map(" ".join))
@RUNS
def test_any_search_is_answered(server: Server, query: str) -> None:
    """Whatever is typed, the page is there; the API tells what is wrong with it."""
    asked = quote(query.encode("utf-8", "replace"))
    for path in ("/issues/", "/logs/"):
        status, said = server.ask("GET", f"{path}?status=all&query={asked}")
        assert status == 200, said
    assert server.ask("GET", f"/api/v1/issues?query={asked}")[0] in {200, 400}

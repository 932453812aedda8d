"""What the station answers to good, wrong and hostile requests, over real HTTP."""

from __future__ import annotations

import asyncio
import base64
import gzip
import io
import json
import socket
import zlib
from functools import partial
from typing import TYPE_CHECKING, Any

import brotli  # type: ignore[import-untyped]  # ships no types
import pytest
from tests.station.conftest import envelope_of

from tux.station.wire.limits import BODY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.station.conftest import Answer, StationUnderTest

ID = "9ec79c33ec9942ab8353589fcb2e04dc"
EVENT = envelope_of(({"type": "event"}, {"message": "hello"}), headers={"event_id": ID})
WRONG = "0" * 32
TWO_LENGTHS = (
    b"POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
)
KEPT = ("events", "issues", "transactions", "spans", "sessions", "check_ins", "logs", "feedback")


def is_empty(station: StationUnderTest) -> bool:
    return not any(station.value(f"SELECT count(*) FROM {table}") for table in KEPT)


def is_refusal(answer: Answer) -> bool:
    """Tell whether an answer has the form that clients of Sentry know, and no traceback."""
    return (
        set(answer.json) == {"detail", "causes"}
        and isinstance(answer.json["detail"], str)
        and isinstance(answer.json["causes"], list)
        and answer.json["detail"] in answer.headers["X-Sentry-Error"]
        and b"Traceback" not in answer.body
    )


@pytest.mark.parametrize("path", ["/api/1/envelope/", "/api/1/envelope"])
async def test_an_envelope_is_answered_with_its_id(station: StationUnderTest, path: str) -> None:
    """Both spellings of the path take an envelope, and neither redirects."""
    answer = await station.send_raw(EVENT, path)
    assert (answer.status, answer.json) == (200, {"id": ID})
    assert station.value("SELECT event_id FROM events") == ID


@pytest.mark.parametrize("path", ["/api/1/store/", "/api/1/store"])
async def test_the_old_store_endpoint_takes_an_event(station: StationUnderTest, path: str) -> None:
    """A bare event is kept as one that came in an envelope."""
    answer = await station.send_raw(json.dumps({"event_id": ID, "message": "x"}).encode(), path)
    assert (answer.status, answer.json) == (200, {"id": ID})
    assert station.value("SELECT title FROM issues") == "x"


async def test_an_event_without_an_id_is_given_one(station: StationUnderTest) -> None:
    """The id that the client is told is the one that is kept."""
    answer = await station.send_raw(b'{"message":"x"}', "/api/1/store/")
    assert station.value("SELECT event_id FROM events") == answer.json["id"]


async def test_an_envelope_without_items_is_fine(station: StationUnderTest) -> None:
    """Only headers are an envelope, too."""
    answer = await station.send_raw(b"{}")
    assert (answer.status, answer.json) == (200, {})


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


CREDENTIALS: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("", {"X-Sentry-Auth": "Sentry sentry_version=7, sentry_key={key}, sentry_client=x/1"}, {}),
    ("", {"X-Sentry-Auth": "sentry sentry_key={key},sentry_timestamp=1.5"}, {}),
    ("", {"Authorization": "Sentry sentry_key={key}, sentry_version=7"}, {}),
    ("", {"Authorization": "basic"}, {}),
    ("?sentry_key={key}&sentry_version=7&sentry_client=sentry.javascript.node%2F11", {}, {}),
    ("", {}, {"dsn": "http://{key}@127.0.0.1:1/1"}),
    ("", {}, {"dsn": "http://{key}:secret@example.org/prefix/1"}),
]


async def ask(
    station: StationUnderTest, key: str, given: tuple[str, dict[str, str], dict[str, Any]]
) -> Answer:
    query, headers, inside = given
    headers = {name: value.replace("{key}", key) for name, value in headers.items()}
    if headers.get("Authorization") == "basic":
        headers["Authorization"] = basic(key)
    inside = {name: value.replace("{key}", key) for name, value in inside.items()}
    body = envelope_of(({"type": "event"}, {"message": "hello"}), headers=inside)
    path = "/api/1/envelope/" + query.replace("{key}", key)
    return await station.request("POST", path, data=body, headers=headers)


@pytest.mark.parametrize("given", CREDENTIALS)
async def test_the_key_may_come_in_any_place(
    station: StationUnderTest, given: tuple[str, dict[str, str], dict[str, Any]]
) -> None:
    """The right key opens and a wrong one does not, wherever clients put it."""
    assert (await ask(station, WRONG, given)).status == 403
    assert is_empty(station)
    assert (await ask(station, station.key, given)).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Sentry-Auth": ""},
        {"X-Sentry-Auth": "Sentry"},
        {"X-Sentry-Auth": "Sentry sentry_key="},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic %%%"},
    ],
)
@pytest.mark.parametrize("endpoint", ["envelope", "store"])
async def test_a_missing_key_is_told_so(
    station: StationUnderTest, endpoint: str, headers: dict[str, str]
) -> None:
    """Without a key nothing is kept."""
    answer = await station.request("POST", f"/api/1/{endpoint}/", data=EVENT, headers=headers)
    assert answer.status == 401
    assert is_refusal(answer)
    assert is_empty(station)


@pytest.mark.parametrize(
    ("path", "inside", "status"),
    [
        ("/api/2/envelope/", {}, 403),
        ("/api/999999999999999999/envelope/", {}, 403),
        ("/api/" + "9" * 3000 + "/envelope/", {}, 400),
        ("/api/x/envelope/", {}, 400),
        ("/api/%D9%A1/envelope/", {}, 400),
        ("/api/1/envelope/", {"dsn": "http://{key}@127.0.0.1/2"}, 403),
        ("/api/1/envelope/", {"dsn": f"http://{WRONG}@127.0.0.1/1"}, 403),
        ("/api/1/envelope/", {"dsn": "http://[/1"}, 400),
        ("/api/1/envelope/", {"dsn": "nonsense"}, 400),
        ("/api/1/envelope/?sentry_key=" + WRONG, {}, 403),
    ],
)
async def test_another_project_is_refused(
    station: StationUnderTest, path: str, inside: dict[str, str], status: int
) -> None:
    """Path, keys and the envelope's DSN must all name the same project."""
    inside = {name: value.replace("{key}", station.key) for name, value in inside.items()}
    body = envelope_of(({"type": "event"}, {"message": "hello"}), headers=inside)
    answer = await station.send_raw(body, path)
    assert answer.status == status
    assert is_refusal(answer)
    assert is_empty(station)


async def test_a_later_protocol_is_refused(station: StationUnderTest) -> None:
    """A version that does not exist yet may mean anything."""
    for version in ("9", "x", "9" * 5000, ""):
        auth = f"Sentry sentry_key={station.key}, sentry_version={version}"
        answer = await station.send_raw(EVENT, headers={"X-Sentry-Auth": auth})
        assert answer.status == 400, version


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("gzip", lambda body: gzip.compress(body[:20]) + gzip.compress(body[20:])),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("identity", bytes),
    ],
)
async def test_compressed_bodies_are_read(
    station: StationUnderTest, encoding: str, encode: Any
) -> None:
    """All encodings that the SDKs use are read, also in chunks."""
    body = encode(EVENT)

    async def chunks() -> Any:
        for start in range(0, len(body), 7):
            yield body[start : start + 7]

    for data in (body, chunks()):
        answer = await station.send_raw(data, headers={"Content-Encoding": encoding})
        assert (answer.status, answer.json) == (200, {"id": ID})
    assert station.value("SELECT count(*) FROM events") == 1


@pytest.mark.parametrize("encoding", ["zstd", "gzip, gzip", "compress", "x" * 1000])
async def test_other_encodings_are_named(station: StationUnderTest, encoding: str) -> None:
    """An encoding that is not read is answered with those that are."""
    answer = await station.send_raw(EVENT, headers={"Content-Encoding": encoding})
    assert answer.status == 415
    assert "gzip" in answer.json["causes"][0]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
@pytest.mark.parametrize(
    "body",
    [b"", b"\x00", b"hello" * 100, gzip.compress(EVENT)[:-9], zlib.compress(EVENT)[:-5]],
    ids=["empty", "nul", "plain", "cut gzip", "cut zlib"],
)
async def test_broken_compression_is_refused(
    station: StationUnderTest, encoding: str, body: bytes
) -> None:
    """What cannot be decompressed whole is not kept in part."""
    answer = await station.send_raw(body, headers={"Content-Encoding": encoding})
    assert answer.status == 400
    assert is_refusal(answer)
    assert is_empty(station)


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", partial(brotli.compress, quality=5)),
    ],
)
async def test_a_bomb_is_stopped(station: StationUnderTest, encoding: str, encode: Any) -> None:
    """A small body that inflates to much is given up at the limit."""
    bomb = encode(b"\n" * (BODY + BODY // 4))
    assert len(bomb) < 100_000
    answer = await station.send_raw(bomb, headers={"Content-Encoding": encoding})
    assert answer.status == 413
    assert is_refusal(answer)
    assert (await station.get("/health")).status == 200


async def test_a_large_body_is_refused_before_it_is_read(station: StationUnderTest) -> None:
    """The announced length is enough to say no."""
    answer = await station.send_raw(io.BytesIO(b"x" * (BODY + 1)))
    assert answer.status == 413
    assert is_refusal(answer)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"a":NaN}',
        b'{"a":1e5000, "b":-Infinity}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\xff\xfe"}',
        b"\x00" * 50,
        b"[" * 200_000,
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b'{"event_id":"../../../etc/passwd"}',
        b'{"event_id":"' + b"a" * 100_000 + b'"}',
        b'{"event_id":[]}',
        '{"message":"x"}'.encode("utf-16"),
    ],
)
@pytest.mark.parametrize("path", ["/api/1/envelope/", "/api/1/store/"])
async def test_hostile_events_are_refused(
    station: StationUnderTest, path: str, payload: bytes
) -> None:
    """An event that makes no sense is told so, and nothing of it is kept."""
    body = payload if "store" in path else envelope_of(({"type": "event"}, payload))
    answer = await station.send_raw(body, path)
    assert answer.status == 400
    assert is_refusal(answer)
    assert is_empty(station)
    assert (await station.send_raw(EVENT)).status == 200


@pytest.mark.parametrize(
    "event",
    [
        {"message": "\x00\ud800\u202e</script>"},
        {"message": {"formatted": ["x"]}, "logentry": 7},
        {"exception": {"values": [None, 7, {"type": None}, {"stacktrace": {"frames": [0, {}]}}]}},
        {"exception": [{"type": "E", "stacktrace": {"frames": [{"function": 7, "lineno": "x"}]}}]},
        {"tags": [["a", 1], ["b"], None, [[], {}], ["c", None]], "user": [], "contexts": "x"},
        {"tags": {"k" * 1000: "v" * 100_000}, "user": {"id": 10**300}},
        {"timestamp": "9999-12-31T23:59:59Z", "release": {}, "environment": 10**400},
        {"timestamp": -(10**300), "fingerprint": "not a list", "level": "loud"},
        {"fingerprint": [None, {}, "", "{{ default }}"], "breadcrumbs": 7},
        {"contexts": {"trace": {"trace_id": "x" * 32, "span_id": 7}}},
    ],
)
async def test_odd_events_are_kept(station: StationUnderTest, event: dict[str, Any]) -> None:
    """Parts of a wrong type cost that part only."""
    await station.send_event(**event)
    assert station.value("SELECT count(*) FROM events") == 1


async def test_one_bad_item_does_not_take_the_others_along(station: StationUnderTest) -> None:
    """In a mixed envelope the good items are kept and the others counted, by category."""
    answer = await station.send(
        ({"type": "event"}, {"message": "hello"}),
        ({"type": "session"}, b"not json"),
        ({"type": "attachment", "filename": "../../x"}, b"bytes"),
        ({"type": "unheard_of"}, b"bytes"),
    )
    assert answer.status == 200
    assert station.value("SELECT count(*) FROM events") == 1
    lost = station.rows("SELECT origin, category, reason, quantity FROM discards ORDER BY category")
    assert [tuple(row.values()) for row in lost] == [
        ("station", "attachment", "unsupported", 1),
        ("station", "default", "unsupported", 1),
        ("station", "session", "invalid", 1),
    ]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:8765", 200),
        ("LOCALHOST", 200),
        ("[::1]:80", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost:80:evil.example", 421),
        ("evil.example:127.0.0.1", 421),
        ("", 421),
    ],
)
@pytest.mark.parametrize("path", ["/health", "/api/1/envelope/", "/nowhere"])
async def test_other_hosts_are_refused_everywhere(
    station: StationUnderTest, host: str, status: int, path: str
) -> None:
    """A page that rebinds its name to this machine gets nothing from any route."""
    answer = await station.get(path, headers={"Host": host})
    assert (answer.status == 421) == (status == 421)


@pytest.mark.parametrize("path", ["/health", "/nowhere", "/api/1/envelope/", "/api/1/minidump/"])
async def test_every_answer_has_the_security_headers(station: StationUnderTest, path: str) -> None:
    """The browser is told to run our own file and nothing else, whatever the answer."""
    headers = (await station.get(path)).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; script-src 's")
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"POST /api/1/envelope/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        TWO_LENGTHS,
        b"\x00\xff\x16\x03\x01 nonsense\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_broken_http_leaves_the_station_alive(station: StationUnderTest, raw: bytes) -> None:
    """What is hardly HTTP is refused without a word about the inside."""
    port = int(station.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    status = int(answer.split()[1])
    assert 400 <= status < 500
    assert b"Traceback" not in answer
    assert b"root:" not in answer
    assert (await station.get("/health")).json == {"ok": True}


async def test_a_client_that_leaves_is_no_fault(station: StationUnderTest) -> None:
    """A body cut off in the middle is not kept, and the next client is served."""
    port = int(station.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as client:
        head = (
            "POST /api/1/envelope/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
            f"X-Sentry-Auth: Sentry sentry_key={station.key}\r\n\r\n"
        )
        client.sendall(head.encode() + EVENT)
    assert (await station.send_event(message="next")) is not None
    assert station.value("SELECT count(*) FROM events") == 1


async def test_events_of_200_clients_at_once_are_all_kept(station: StationUnderTest) -> None:
    """Many clients at once share commits, and none of their events is lost or doubled."""
    ids = await asyncio.gather(
        *(station.send_event(message="busy", user={"id": str(number)}) for number in range(200))
    )
    await station.read_all()
    rows = station.rows("SELECT event_id, user_id FROM events")
    assert {row["event_id"] for row in rows} == set(ids)
    assert {row["user_id"] for row in rows} == {str(number) for number in range(200)}
    assert station.value("SELECT times_seen FROM issues") == 200


async def test_the_file_is_only_for_its_owner(station: StationUnderTest, tmp_path: Path) -> None:
    """Nobody else on the machine reads the events."""
    await station.send_event(message="private")
    folder = tmp_path / "data"
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700

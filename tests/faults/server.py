"""A receiver on loopback that goes wrong as it is told, byte by byte, or hands on to a station."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from tests.fakes.receiver import KEY, items_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NO_LINGER = struct.pack("ii", 1, 0)
"""Makes a socket be reset when it is closed."""
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@dataclass(frozen=True)
class Answer:
    """What a request gets; with neither a status nor bytes, the connection is closed."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    """Sent as they are, in place of an answer; the connection is closed after them."""
    takes: bool = False
    """Whether the envelope is kept, whatever is answered."""
    reset: str = ""
    """Reset the connection ``before`` the body is read, or ``after`` it."""
    hangs: bool = False
    """Say nothing until the server lets go, and close then."""

    @property
    def bytes(self) -> bytes:
        """The answer on the wire."""
        if self.raw is not None or self.status is None:
            return self.raw or b""
        lines = [f"HTTP/1.1 {self.status} Said", "Content-Length: 2"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", "{}"]).encode()


TAKE = Answer(200, takes=True)


class Request:
    """An envelope that comes; its body is read when it is asked for."""

    def __init__(self, number: int, stream: BinaryIO, length: int) -> None:
        self.number = number
        self._stream = stream
        self._length = length

    @cached_property
    def body(self) -> bytes:
        """The envelope, inflated."""
        body = self._stream.read(self._length)
        if len(body) < self._length:
            raise ConnectionResetError("the client was quicker")
        return gzip.decompress(body)

    @property
    def types(self) -> set[str]:
        """Types of its items."""
        return {item.type for item in items_of(self.body)}


class FaultServer:
    """Answers each request as `plan` says.

    Args:
        station: DSN of a real station that is handed what is taken, and answers for it.
    """

    def __init__(self, station: str | None = None) -> None:
        self.plan: Callable[[Request], Answer] = lambda _: TAKE
        self.requests = 0
        self.envelopes: list[bytes] = []
        self._station = urlsplit(station) if station else None
        self._lock = threading.Lock()
        self._let_go = threading.Event()
        self._connections: set[socket.socket] = set()
        self._socket = self._bound(0)
        self.port: int = self._socket.getsockname()[1]

    @property
    def dsn(self) -> str:
        """Where to send."""
        station = self._station
        key, project = (station.username, station.path) if station else (KEY, "/42")
        return f"http://{key}@127.0.0.1:{self.port}{project}"

    def come(self) -> None:
        """Take connections from now on."""
        self._socket.listen(64)
        threading.Thread(target=self._accept, args=(self._socket,), daemon=True).start()

    def leave(self) -> None:
        """Refuse connections from now on, and reset those there are; the port stays ours."""
        listening = self._socket
        self._socket = self._bound(self.port)
        # Only a shutdown wakes the thread that waits in `accept`.
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for connection in list(self._connections):
            # Its thread wakes, and closes it; or has done so.
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
                connection.shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        """Close what hangs."""
        self._let_go.set()

    def close(self) -> None:
        """End for good."""
        self.let_go()
        self.leave()
        self._socket.close()

    @property
    def arrived(self) -> Counter[str]:
        """Event id → how often its envelope was taken."""
        with self._lock:
            headers = [json.loads(body.partition(b"\n")[0]) for body in self.envelopes]
        return Counter(header["event_id"] for header in headers if "event_id" in header)

    @property
    def lost(self) -> Counter[tuple[str, str]]:
        """(category, reason) → quantity; a report that came twice counts once."""
        with self._lock:
            bodies = list(self.envelopes)
        reports = {
            # The SDK's own reports have no id.
            json.loads(body.partition(b"\n")[0]).get("event_id", number): item.json
            for number, body in enumerate(bodies)
            for item in items_of(body)
            if item.type == "client_report"
        }
        counts: Counter[tuple[str, str]] = Counter()
        for report in reports.values():
            for entry in report["discarded_events"]:
                counts[entry["category"], entry["reason"]] += entry["quantity"]
        return counts

    @property
    def sessions(self) -> list[Any]:
        """States of sessions, in order."""
        with self._lock:
            bodies = list(self.envelopes)
        return [item.json for body in bodies for item in items_of(body) if item.type == "session"]

    @staticmethod
    def _bound(port: int) -> socket.socket:
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(("127.0.0.1", port))
        return bound

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                while self._serve_one(connection, stream):
                    pass
        except OSError:
            # The other side, or `leave`, was quicker.
            pass
        finally:
            self._connections.discard(connection)

    def _serve_one(self, connection: socket.socket, stream: BinaryIO) -> bool:
        """Answer one request; tell whether the connection goes on."""
        if not stream.readline():
            return False
        headers = _headers(stream)
        with self._lock:
            self.requests += 1
            number = self.requests
        request = Request(number, stream, int(headers["content-length"]))
        answer = self.plan(request)
        if answer.reset != "before":
            answer = self._handed_on(request, answer)
        return self._answer(connection, answer)

    def _handed_on(self, request: Request, answer: Answer) -> Answer:
        body = request.body
        if not answer.takes:
            return answer
        if self._station is not None:
            status = self._post(body)
            if not 200 <= status < 300:
                return Answer(status)
        with self._lock:
            self.envelopes.append(body)
        return answer

    def _answer(self, connection: socket.socket, answer: Answer) -> bool:
        if answer.hangs:
            self._let_go.wait()
        if answer.reset:
            _reset(connection)
            return False
        connection.sendall(OK if answer == TAKE else answer.bytes)
        return answer.status is not None

    def _post(self, body: bytes) -> int:
        assert self._station is not None
        assert self._station.hostname is not None
        connection = HTTPConnection(self._station.hostname, self._station.port or 80)
        auth = {"X-Sentry-Auth": f"Sentry sentry_key={self._station.username}, sentry_version=7"}
        connection.request("POST", f"/api{self._station.path}/envelope/", body, auth)
        status = connection.getresponse().status
        connection.close()
        return status


def _headers(stream: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    while (line := stream.readline().strip()) != b"":
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return headers


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    connection.close()

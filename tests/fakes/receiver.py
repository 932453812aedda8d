"""A receiver of Sentry envelopes on loopback that does as it is told."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEY = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Reply:
    """What the receiver does with one request."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    reset: bool = False
    """Reset the connection instead of answering."""
    takes: bool = False
    """Keep the envelope although the status says otherwise."""


@dataclass(frozen=True)
class Item:
    """One item of an envelope."""

    type: str
    headers: dict[str, Any]
    payload: bytes

    @property
    def json(self) -> Any:
        """The payload as data."""
        return json.loads(self.payload)


def items_of(body: bytes) -> list[Item]:
    """Take an envelope apart."""
    _, _, rest = body.partition(b"\n")
    items = []
    while rest:
        line, _, rest = rest.partition(b"\n")
        headers = json.loads(line)
        length = headers["length"]
        items.append(Item(headers["type"], headers, rest[:length]))
        rest = rest[length + 1 :]
    return items


class Receiver:
    """Answers `script` reply by reply, then `otherwise`; keeps what it answered 2xx to."""

    def __init__(self) -> None:
        self.script: list[Reply] = []
        self.otherwise = Reply()
        self.requests = 0
        self.bodies: list[bytes] = []
        self.envelope_headers: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.auth: list[str] = []
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    @property
    def dsn(self) -> str:
        """Where to send."""
        return f"http://{KEY}@127.0.0.1:{self.port}/42"

    def start(self) -> None:
        """Listen, after the first time on the same port again."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                receiver._handle(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request: object, client_address: object) -> None:
                """A client that went away is no news."""

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def stop(self) -> None:
        """Stop listening; connections are refused from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            # Kept connections end at their next request: see `_handle`.

    def reserve(self) -> None:
        """Choose a port without listening on it."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def items(self) -> list[Item]:
        """All items that arrived, in order."""
        with self._lock:
            return [item for body in self.bodies for item in items_of(body)]

    def of(self, type_: str) -> list[Any]:
        """Payloads of one type of item, as data."""
        return [item.json for item in self.items if item.type == type_]

    @property
    def messages(self) -> list[str]:
        """What the error events say."""
        return [
            event["message"]
            if isinstance(event.get("message"), str)
            else event.get("logentry", {}).get("message", "")
            for event in self.of("event")
        ]

    @property
    def lost(self) -> dict[tuple[str, str], int]:
        """(category, reason) → quantity, as the client reports tell."""
        counts: dict[tuple[str, str], int] = {}
        for report in self.of("client_report"):
            for entry in report["discarded_events"]:
                key = entry["category"], entry["reason"]
                counts[key] = counts.get(key, 0) + entry["quantity"]
        return counts

    def _handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if self._server is None:
            request.close_connection = True
            self._reset(request.connection)
            return
        with self._lock:
            self.requests += 1
            reply = self.script.pop(0) if self.script else self.otherwise
        time.sleep(reply.delay)
        if reply.takes or (not reply.reset and 200 <= reply.status < 300):
            with self._lock:
                self.bodies.append(body)
                self.envelope_headers.append(json.loads(body.partition(b"\n")[0]))
                self.paths.append(request.path)
                self.auth.append(request.headers["X-Sentry-Auth"])
        if reply.reset:
            request.close_connection = True
            self._reset(request.connection)
            return
        request.send_response(reply.status)
        for name, value in reply.headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", "2")
        request.end_headers()
        request.wfile.write(b"{}")

    @staticmethod
    def _reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


def wait_until(condition: Callable[[], bool], timeout: float = 30.0) -> bool:
    """Wait for something that another thread does; tell whether it came true."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()

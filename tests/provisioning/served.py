"""The fake over HTTP, on a port of this machine, and the line cut where a test says."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from tests.provisioning.fake_routes import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.provisioning.fake_sentry import FakeSentry


class Line:
    """What lies between the client and the fake."""

    def __init__(self) -> None:
        self.url = ""
        self.left: int | None = None
        """Requests that still pass; None for all."""
        self.does_last: bool = False
        """Whether the one that finds no line is still done, and only its answer is lost."""
        self.html: bool = False
        self.junk: tuple[int, bytes] | None = None
        """Requests that are answered as they should be, and what all later ones are answered."""

    def cut_after(self, count: int, *, does_last: bool) -> None:
        self.left, self.does_last = count, does_last

    def mend(self) -> None:
        self.left = None


class Handler(BaseHTTPRequestHandler):
    """Passes a request on to the fake, as far as the line lets it."""

    protocol_version = "HTTP/1.1"
    # Head and body in one packet: two would wait for each other.
    wbufsize = 1 << 20

    def __init__(self, fake: FakeSentry, line: Line, *args: Any) -> None:
        self._fake, self._line = fake, line
        super().__init__(*args)

    def handle_one(self) -> None:
        asked, line = self._asked(), self._line
        if line.left is not None:
            line.left -= 1
            if line.left < 0:
                if line.left == -1 and line.does_last:
                    self._fake.answer(asked)
                self.close_connection = True
                return
        status, done, headers = self._fake.answer(asked)
        text = b"" if done is None else json.dumps(done).encode()
        kind = "application/json"
        if line.html:
            status, text, kind = 200, b"<html>Log in</html>", "text/html"
        if line.junk is not None:
            good, junk = line.junk
            line.junk = good - 1, junk
            status, text = (status, text) if good > 0 else (200, junk)
        self.send_response(status)
        for name, value in {**headers, "Content-Type": kind}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = handle_one  # noqa: N815  # http.server's names

    def _asked(self) -> Asked:
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        url = urlsplit(self.path)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        path = url.path.removeprefix("/api/0/")
        return Asked(self.command, path, dict(parse_qsl(url.query)), body, token)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its signature
        pass


@contextmanager
def served(fake: FakeSentry) -> Iterator[Line]:
    """Serve a fake for as long as the block runs."""
    line = Line()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, fake, line))
    server.daemon_threads = True
    line.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield line
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

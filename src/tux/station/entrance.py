"""The short way in for envelopes: what router, middlewares and headers take is a third of each one's time.

It lets pass what is as clients write it, and is as strict as ``guard``: the same host, the same
receiver, the same refusals, the same headers. Everything else goes the long way.
"""

from __future__ import annotations

import re
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Final

from aiohttp import HttpVersion11, web

from tux.station.errors import RequestRefusedError
from tux.station.guards import (
    SECURITY_HEADERS,
    SERVER,
    failure,
    is_host_ours,
    refusal,
    set_security_headers,
)
from tux.station.receiving import content_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.abc import AbstractStreamWriter

    from tux.station.access.places import Places
    from tux.station.receiving import Receiver

_PATH: Final = re.compile(r"/api/([0-9]{1,18})/envelope/?")


def short_cut(runner: web.AppRunner, receiver: Receiver, places: Places) -> None:
    """Let a server that is set up look for envelopes before it looks for routes."""
    if (server := runner.server) is not None:
        server.request_handler = Entrance(receiver, places, server.request_handler).handle


class Entrance:
    """Handles every request of a server: envelopes here, the rest as its application does."""

    def __init__(
        self,
        receiver: Receiver,
        places: Places,
        routed: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
    ) -> None:
        self._receiver = receiver
        self._places = places
        self._routed = routed
        self._second, self._head = 0, b""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request."""
        project_id = self._project_of(request)
        if project_id is None:
            return await self._routed(request)
        try:
            content = content_of(await self._receiver.take(request, project_id))
        except RequestRefusedError as error:
            response = refusal(error)
        except Exception as error:  # noqa: BLE001  # as in `guard`: a client never sees a traceback
            response = failure(_PATH.pattern, error)
        else:
            return Answer(b"%bContent-Length: %d\r\n\r\n%b" % (self._now(), len(content), content))
        await set_security_headers(request, response)
        return response

    def _project_of(self, request: web.BaseRequest) -> str | None:
        """Name the project of an envelope that has arrived as a whole; None for any other request."""
        found = _PATH.fullmatch(request.raw_path)
        is_usual = (
            found is not None
            and request.method == "POST"
            and request.version == HttpVersion11
            and request.keep_alive
            and request.content.is_eof()
            and "Expect" not in request.headers
            and is_host_ours(request, self._places)
        )
        return found[1] if found is not None and is_usual else None

    def _now(self) -> bytes:
        """Give the first lines of an answer, which tell the second."""
        second = int(time.time())
        if second != self._second:
            headers = {
                "Content-Type": "application/json",
                **SECURITY_HEADERS,
                "Server": SERVER,
                "Date": formatdate(second, usegmt=True),
            }
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            self._second, self._head = second, f"HTTP/1.1 200 OK\r\n{lines}".encode("ascii")
        return self._head


class Answer(web.StreamResponse):
    """An answer whose lines are written already; the connection stays open."""

    def __init__(self, written: bytes) -> None:
        super().__init__()
        self._written = written
        self._writer: AbstractStreamWriter | None = None

    @property
    def keep_alive(self) -> bool:
        """Tell that more may come."""
        return True

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        """Remember where to write."""
        self._writer = request.writer
        return self._writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Write it, in one piece."""
        if self._writer is not None:
            await self._writer.write_eof(self._written + data)

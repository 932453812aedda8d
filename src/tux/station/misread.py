"""Answers to what never becomes a request of the application. aiohttp's own quote what came."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from aiohttp import http_exceptions, web

from tux.station.errors import (
    AddressTooLongError,
    HeadersTooLargeError,
    MalformedError,
    RequestRefusedError,
)
from tux.station.guards import SECURITY_HEADERS, SERVER, failure, refusal, refusal_of

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_LINE: Final = 64 * 1024
"""Bytes that are read of a first line. The guard refuses shorter addresses already, with a page."""
LONGEST_FIELD: Final = 8190
"""Of a header. That it is another number tells which of the two was too long."""
_BROKEN: Final = 500
# aiohttp logs what it cannot parse, with a traceback that quotes it: anybody who reaches the port
# could write into our log. What our own code does wrong is logged by `guard`.
_SILENT: Final = logging.Logger("tux.station.http", logging.CRITICAL + 1)  # noqa: LOG001  # not to be shared


def protocols_of(server: web.Server) -> Callable[[], asyncio.Protocol]:
    """Make what gives each connection of a server a protocol, which answers in our words."""
    return partial(
        _Connection,
        server,
        loop=asyncio.get_running_loop(),
        access_log=None,  # type: ignore[arg-type]  # as its own runner may be given
        logger=_SILENT,
        # Bodies are inflated by us: under a limit, and with an honest answer to other encodings.
        auto_decompress=False,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_FIELD,
    )


class _Connection(web.RequestHandler):
    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = _BROKEN,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  # quotes what came
    ) -> web.StreamResponse:
        """Say what is wrong, and nothing of what came; the connection ends."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        if status < _BROKEN:
            response = refusal(_fault_of(exc))
        else:
            response = failure("a request", exc if isinstance(exc, Exception) else TimeoutError())
        return _guarded(response)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> Any:
        """Send an answer; one that aiohttp made before the application was asked is told in our words."""
        if isinstance(resp, web.HTTPException) and (fault := refusal_of(resp)) is not None:
            resp = _guarded(refusal(fault))
        return await super().finish_response(request, resp, start_time)


def _fault_of(error: BaseException | None) -> RequestRefusedError:
    if not isinstance(error, http_exceptions.LineTooLong):
        return MalformedError("this is no HTTP request that can be read")
    return AddressTooLongError() if LONGEST_LINE in error.args else HeadersTooLargeError()


def _guarded(response: web.Response) -> web.Response:
    response.headers.update({**SECURITY_HEADERS, "Server": SERVER})
    response.force_close()
    return response

"""Stands on the way to the station and looks through every byte for the secrets in use."""

from __future__ import annotations

import re
import time
from collections import deque
from contextlib import asynccontextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from tux.demo.ledger import Row
from tux.shared.sightings import sightings
from tux.station.errors import RequestRefusedError
from tux.station.wire.inflate import Body
from tux.station.wire.limits import BODY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from tux.shared.sightings import Sighting

LAG_SECONDS: Final = 5.0
"""Until what has passed is looked at: a token may be told after the error that it could be in."""
TOKENS: Final = 300
"""Of interactions: those of the last minutes, as all of a long demo would take too long to look for."""
# Sentry's protocol has the DSN's public key in the header of an envelope's trace; nowhere else may
# it stand.
_PUBLIC_KEY: Final = re.compile(rb'"public_key" ?: ?"[0-9a-f]{32}"')
_HEADERS: Final = ("X-Sentry-Auth", "Content-Type", "Content-Encoding", "User-Agent")
_ANSWERED: Final = ("X-Sentry-Rate-Limits", "Retry-After", "Content-Type", "Date")


class Lookout:
    """What has passed, the secrets that must not have been in it, and where they were.

    Args:
        secrets: name → value.
        clock: tells monotonic seconds.
    """

    def __init__(
        self, secrets: dict[str, str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.bytes = 0
        """How much has been looked through."""
        self.seen: set[Sighting] = set()
        self._secrets = secrets
        self._tokens: deque[tuple[str, str]] = deque(maxlen=TOKENS)
        self._told = 0
        self._clock = clock
        self._passed: deque[tuple[float, bytes]] = deque()
        self._lock = Lock()

    def tell(self, tokens: Iterable[str]) -> None:
        """Look for the tokens of interactions, too."""
        for token in tokens:
            self._told += 1
            self._tokens.append((f"interaction token {self._told}", token))

    def take(self, encoding: str, body: bytes) -> None:
        """Keep what passes until it is looked at."""
        self._passed.append((self._clock(), _plain(encoding, body)))

    def look(self, *, at_all: bool = False) -> None:
        """Look through what has passed some time ago, or through all of it. For any thread."""
        until = self._clock() - (0.0 if at_all else LAG_SECONDS)
        found: list[bytes] = []
        with self._lock:
            while self._passed and self._passed[0][0] <= until:
                found.append(self._passed.popleft()[1])
            content = _PUBLIC_KEY.sub(b"", b"\n".join(found))
            self.seen.update(sightings(content, self._secrets | dict(self._tokens)))
            self.bytes += sum(map(len, found))

    def row(self) -> Row:
        """Say in a line of the closing table what was seen."""
        return Row(
            "secrets on the way",
            len(self._secrets) + self._told,
            len(self.seen),
            not self.seen and self.bytes > 0,
            ", ".join(f"{one.name} ({one.form})" for one in sorted(self.seen, key=str))
            or f"{self.bytes / 1e6:.1f} MB looked through",
            ("in use", "seen"),
        )


@asynccontextmanager
async def watched(dsn: str, lookout: Lookout) -> AsyncIterator[str]:
    """Pass on what is sent to a DSN, and show it to the lookout; gives the DSN to send to instead."""
    there = urlsplit(dsn)
    base = f"{there.scheme}://{there.hostname}:{there.port}"

    async with aiohttp.ClientSession(auto_decompress=False) as client:

        async def passing(request: web.Request) -> web.Response:
            body = await request.read()
            lookout.take(request.headers.get("Content-Encoding", ""), body)
            headers = {name: request.headers[name] for name in _HEADERS if name in request.headers}
            try:
                async with client.post(base + request.path_qs, data=body, headers=headers) as said:
                    kept = {name: said.headers[name] for name in _ANSWERED if name in said.headers}
                    return web.Response(status=said.status, body=await said.read(), headers=kept)
            except aiohttp.ClientError:
                # The station is being started again: the bot keeps what it has.
                raise web.HTTPBadGateway from None

        app = web.Application(client_max_size=BODY)
        app.router.add_post("/{path:.*}", passing)
        runner = web.AppRunner(app, access_log=None, auto_decompress=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            port = runner.addresses[0][1]
            yield f"{there.scheme}://{there.username}@127.0.0.1:{port}{there.path}"
        finally:
            await runner.cleanup()


def _plain(encoding: str, content: bytes) -> bytes:
    body = Body(encoding, BODY)
    try:
        body.feed(content)
        return body.finish()
    except RequestRefusedError:
        return content

"""Send what the station keeps to another receiver: once each, from where it stopped."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx
from loguru import logger

from tux.shared.exceptions import TuxConfigurationError, TuxServiceError
from tux.station.forwarding.sources import SOURCES, framed, parcels
from tux.station.forwarding.waits import Waits

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable

    from tux.station.forwarding.sources import Parcel
    from tux.station.store import Store

ATTEMPTS: Final = 8
"""Of one envelope while the receiver fails; the waits between them double, two minutes in all."""
NOT_ALLOWED: Final = frozenset({401, 403, 404})
TOO_MANY: Final = 429
FAILS: Final = 500


@dataclass(frozen=True, slots=True)
class Target:
    """Another receiver."""

    url: str
    public_key: str

    @property
    def name(self) -> str:
        """What stands for it in our file: no secret."""
        return hashlib.sha256(f"{self.url} {self.public_key}".encode()).hexdigest()[:32]


@dataclass(slots=True)
class Forwarded:
    """What came of it so far."""

    sent: int = 0
    refused: int = 0
    """By the receiver, for good: too large, too old, of a kind that it does not know."""


def target_of(dsn: str) -> Target:
    """Read a DSN.

    Raises:
        TuxConfigurationError: it is none; the DSN is not told.
    """
    try:
        url = urlsplit(dsn)
        port = f":{url.port}" if url.port else ""
        path, _, project = url.path.rpartition("/")
    except ValueError:
        url, port, path, project = urlsplit(""), "", "", ""
    if url.scheme not in {"http", "https"} or not (url.username and url.hostname and project):
        raise TuxConfigurationError("--dsn", "It is like https://key@host/1.")
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    return Target(f"{url.scheme}://{host}{port}{path}/api/{project}/envelope/", url.username)


class Forwarder:
    """Sends parcels, as fast as the receiver takes them."""

    def __init__(
        self,
        store: Store,
        target: Target,
        http: httpx.AsyncClient,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        tell: Callable[[str], object] = logger.warning,
    ) -> None:
        self._store, self._target, self._http, self._sleep = store, target, http, sleep
        self._tell, self._is_away = tell, False
        self._waits = Waits()
        self.done = Forwarded()

    async def run(self, project: int) -> Forwarded:
        """Send everything of a project that was not sent to this target yet.

        Raises:
            TuxServiceError: the receiver refuses the key or does not answer; the next run goes on
                from there.
        """
        for source in SOURCES:
            place = f"{self._target.name} {project} {source}"
            after = await self._store.change(partial(_place, place=place))
            while some := await asyncio.to_thread(self._next, source, after, project):
                for parcel in some:
                    if parcel.envelope.items:
                        await self._send(parcel)
                    after = parcel.number
                    await self._store.change(partial(_mark, place=place, number=after))
        return self.done

    def _next(self, source: str, after: int, project: int) -> list[Parcel]:
        with self._store.read() as connection:
            return parcels(connection, source, after, project)

    async def _send(self, parcel: Parcel) -> None:
        failed = 0
        while failed < ATTEMPTS:
            while wait := self._waits.wait(parcel.categories, self._store.clock()):
                await self._sleep(wait)
            status = await self._post(parcel)
            if status in NOT_ALLOWED:
                raise TuxServiceError("the other receiver", f"it answers the DSN with {status}")
            if status == TOO_MANY:
                self._wait_for("takes no more now")
                continue
            if status is not None and status < FAILS:
                self._is_away = False
                self.done.sent += status == httpx.codes.OK
                self.done.refused += status != httpx.codes.OK
                return
            failed += 1
            self._wait_for("is away" if status is None else f"answers {status}")
            await self._sleep(2.0 ** (failed - 1))
        raise TuxServiceError("the other receiver", "it does not answer; run this again later")

    def _wait_for(self, state: str) -> None:
        """Say once why nothing goes on, until something is taken again."""
        if not self._is_away:
            self._tell(f"{urlsplit(self._target.url).netloc} {state}, waiting")
        self._is_away = True

    async def _post(self, parcel: Parcel) -> int | None:
        """Send once; None where no answer came."""
        body = framed(parcel.envelope, self._target.public_key, self._store.clock())
        key = f"sentry_key={self._target.public_key}"
        headers = {
            "X-Sentry-Auth": f"Sentry sentry_version=7, sentry_client=tux-forward/1, {key}",
            "Content-Type": "application/x-sentry-envelope",
            "Content-Encoding": "gzip",
        }
        content = await asyncio.to_thread(gzip.compress, body, 6)
        try:
            answer = await self._http.post(self._target.url, content=content, headers=headers)
        except httpx.TransportError:
            return None
        self._waits.heard(answer.status_code, answer.headers, self._store.clock())
        return answer.status_code


def _place(connection: sqlite3.Connection, place: str) -> int:
    row = connection.execute("SELECT number FROM forwarded WHERE place = ?", (place,)).fetchone()
    return int(row[0]) if row else 0


def _mark(connection: sqlite3.Connection, place: str, number: int) -> None:
    connection.execute("INSERT OR REPLACE INTO forwarded VALUES (?, ?)", (place, number))

"""A real station on a free port of loopback, and real clients for it."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import sys
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import sentry_sdk
from yarl import URL

from tux.shared.settings import StationSettings
from tux.station.server import Station, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tux.station.alerting.watching import Watch

SDK_PREAMBLE = """
import os, sentry_sdk
sentry_sdk.init(
    dsn=os.environ["SENTRY_DSN"],
    auto_enabling_integrations=False,
    **eval(os.environ["OPTIONS"]),
)
"""


def envelope_of(*items: tuple[dict[str, Any], Any], headers: dict[str, Any] | None = None) -> bytes:
    """Frame items as an envelope: each is its headers and its payload (JSON, text or bytes)."""
    lines = [json.dumps(headers or {}).encode()]
    for item_headers, payload in items:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        lines += [json.dumps({"length": len(body), **item_headers}).encode(), body]
    return b"\n".join(lines)


@dataclass(frozen=True)
class Answer:
    """What the station said."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class StationUnderTest:
    """A station, and what a client and a test need of it."""

    station: Station
    http: aiohttp.ClientSession
    settings: StationSettings

    @property
    def url(self) -> str:
        return self.station.url

    @property
    def dsn(self) -> str:
        return self.station.dsn

    @property
    def key(self) -> str:
        return self.station.store.project().public_key

    async def request(self, method: str, path: str, **options: Any) -> Answer:
        """Ask over real HTTP; the path is sent as it is written."""
        url = URL(self.url + path, encoded=True)
        async with self.http.request(method, url, allow_redirects=False, **options) as answer:
            return Answer(answer.status, await answer.read(), dict(answer.headers))

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.request("GET", path, **options)

    async def press(
        self,
        path: str,
        on: str = "/issues/1/",
        headers: dict[str, str] | None = None,
        **fields: Any,
    ) -> Answer:
        """Post a form, with the token that a page has in its forms."""
        page = (await self.get(on, headers=headers)).body.decode()
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
        token = found[1] if found else ""
        return await self.request("POST", path, data={"csrf": token, **fields}, headers=headers)

    async def send_raw(
        self, body: Any, path: str = "/api/1/envelope/", headers: dict[str, str] | None = None
    ) -> Answer:
        """Post bytes, or what yields them, with the right key."""
        auth = {"X-Sentry-Auth": f"Sentry sentry_key={self.key}, sentry_version=7"}
        return await self.request("POST", path, data=body, headers={**auth, **(headers or {})})

    async def send(
        self, *items: tuple[dict[str, Any], Any], headers: dict[str, Any] | None = None
    ) -> Answer:
        """Post items as one gzipped envelope, as the SDK does."""
        body = gzip.compress(envelope_of(*items, headers=headers))
        return await self.send_raw(body, headers={"Content-Encoding": "gzip"})

    async def send_event(self, **fields: Any) -> str:
        """Send one event that is stored for sure; returns its id."""
        event_id = fields.pop("event_id", None) or uuid.uuid4().hex
        event = {"event_id": event_id, "platform": "python", **fields}
        answer = await self.send(({"type": "event"}, event), headers={"event_id": event_id})
        assert answer.status == 200, answer.body
        return str(event_id)

    async def send_transaction(self, **fields: Any) -> str:
        """Send one transaction that is stored for sure; returns its id."""
        event_id = fields.pop("event_id", None) or uuid.uuid4().hex
        now = self.station.store.clock()
        trace = {"trace_id": uuid.uuid4().hex, "span_id": uuid.uuid4().hex[:16], "op": "command"}
        event = {
            "event_id": event_id,
            "type": "transaction",
            "transaction": "ban",
            "start_timestamp": now - 0.25,
            "timestamp": now,
            "contexts": {"trace": trace},
            **fields,
        }
        answer = await self.send(({"type": "transaction"}, event), headers={"event_id": event_id})
        assert answer.status == 200, answer.body
        return str(event_id)

    async def read_all(self) -> None:
        """Wait until all that was answered in a rush has become rows."""
        async with asyncio.timeout(60):
            while self.value("SELECT count(*) FROM inbox"):  # noqa: ASYNC110  # a file has no events
                await asyncio.sleep(0.02)

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Ask the file."""
        with self.station.store.read() as connection:
            return [dict(row) for row in connection.execute(query, parameters)]

    def value(self, query: str, *parameters: Any) -> Any:
        """Ask the file for one value."""
        return next(iter(self.rows(query, *parameters)[0].values()))

    async def run_sdk(self, script: str, **options: Any) -> None:
        """Run a script with ``sentry_sdk`` initialised for this station, in its own process."""
        environment = {**os.environ, "SENTRY_DSN": self.dsn, "OPTIONS": repr(options)}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", f"{SDK_PREAMBLE}\n{script}\nsentry_sdk.flush(10)"),
            env=environment,
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()

    async def use_client(self, use: Callable[[sentry_sdk.Scope], Any], **options: Any) -> Any:
        """Let ``use`` capture into a scope whose real client sends to this station."""

        def work() -> Any:
            client = sentry_sdk.Client(dsn=self.dsn, auto_enabling_integrations=False, **options)
            with sentry_sdk.isolation_scope() as scope:
                scope.set_client(client)
                result = use(scope)
            client.close(timeout=10)
            return result

        return await asyncio.to_thread(work)


@asynccontextmanager
async def station_at(
    path: Path, watch: Watch | None = None, **options: Any
) -> AsyncIterator[StationUnderTest]:
    """Serve a station that keeps its data at ``path``, with these settings."""
    settings = StationSettings(port=0, path=path, **options)
    jar = aiohttp.CookieJar(unsafe=True)  # keeps those of addresses without a name, too
    async with serving(settings, watch) as station, aiohttp.ClientSession(cookie_jar=jar) as http:
        yield StationUnderTest(station, http, settings)


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[StationUnderTest]:
    """A station that is being served, empty."""
    async with station_at(tmp_path / "data" / "station.db") as running:
        yield running

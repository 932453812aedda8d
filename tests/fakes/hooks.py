"""Somebody else's servers, real ones on loopback: what takes webhooks, and what takes mail."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass
class Posted:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Hooks:
    """A receiver of webhooks, which can be told how to answer."""

    url: str = ""
    posted: list[Posted] = field(default_factory=list)
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.posted.append(Posted(request.path_qs, dict(request.headers), body))
        self.came.set()
        if self.hangs:
            await asyncio.sleep(3600)
        return web.Response(status=self.status, headers=self.headers)


@asynccontextmanager
async def hooks() -> AsyncIterator[Hooks]:
    """Take whatever is posted."""
    taken = Hooks()
    app = web.Application()
    app.router.add_post("/{path:.*}", taken._take)
    app.router.add_get("/{path:.*}", taken._take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    taken.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield taken
    finally:
        await runner.cleanup()


@dataclass
class Mails:
    """A mail server, and what it took."""

    port: int = 0
    taken: list[Envelope] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    answer: str = "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, mail: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        self.taken.append(mail)
        return self.answer

    def authenticate(self, *arguments: Any) -> AuthResult:
        given = arguments[-1]
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login, given.password))
        return AuthResult(success=True)


@asynccontextmanager
async def mails() -> AsyncIterator[Mails]:
    """Take mail at a free port, without TLS."""
    taken = Mails()

    def protocol() -> SMTP:
        return SMTP(
            taken,
            hostname="mail.invalid",
            authenticator=taken.authenticate,
            auth_require_tls=False,
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    taken.port = server.sockets[0].getsockname()[1]
    try:
        yield taken
    finally:
        server.close()
        await server.wait_closed()

"""The local Discord: gateway and REST on loopback, for an unmodified discord.py 2.7 client."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING, Self

from aiohttp import web

from tux.simulator.gateway import Gateway
from tux.simulator.rate_limits import RateLimit
from tux.simulator.rest import BASE, Request, Rest
from tux.simulator.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from tux.simulator.member import Member
    from tux.simulator.messages import Message
    from tux.simulator.model import User

HEARTBEAT_SECONDS = 41.25


class LocalDiscord:
    """A Discord of one's own, open while the ``async with`` block lasts.

    Args:
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        clock: tells the Unix seconds that ids and deadlines are made from.
        heartbeat_seconds: how often a client must be heard.
        rate_limit: what each bucket of the REST API allows.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        clock: Callable[[], float] = time.time,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        rate_limit: RateLimit | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._state = State(clock)
        self._gateway = Gateway(self._state, heartbeat_seconds)
        self._rest = Rest(self._state, rate_limit or RateLimit())
        self._runner: web.AppRunner | None = None
        self.token = secrets.token_hex(32)
        self.faults = self._rest.faults
        self.owner = self._state.owner
        """The application's owner, who owns the guilds too."""
        self.add_guild = self._state.add_guild
        self.reply_to = self._state.replies.first
        self.replies_to = self._state.replies.all
        self.bot_user = self._state.bot

    @property
    def token(self) -> str:
        """The bot's token; no other is let in."""
        return self._rest.token

    @token.setter
    def token(self, token: str) -> None:
        self._rest.token = self._gateway.token = token

    @property
    def port(self) -> int:
        """The port in use; 0 before the block is entered where a free one was asked for."""
        return self._port

    @property
    def api_url(self) -> str:
        """Base address of the REST API."""
        return f"http://{self._host}:{self._port}{BASE}"

    @property
    def gateway_url(self) -> str:
        """Address of the gateway."""
        return f"ws://{self._host}:{self._port}/gateway"

    @property
    def requests(self) -> Sequence[Request]:
        """The latest REST requests, oldest first."""
        return tuple(self._rest.requests)

    @property
    def interaction_tokens(self) -> tuple[str, ...]:
        """The tokens that the bot may answer interactions with, the oldest first."""
        return tuple(self._state.interactions)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/gateway", self._gateway.handle)
        self._rest.add_to(app)
        # A client that does not close its connections must not hold us up.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, reuse_address=True)
        try:
            await site.start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]
        self._rest.url, self._gateway.url = self.api_url, self.gateway_url
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            self._gateway.close()
            await self._runner.cleanup()

    async def ready(self, timeout: float | None = 10) -> None:  # noqa: ASYNC109  # its error says who was waited for
        """Wait until a bot has identified and was sent its guilds.

        Raises:
            TimeoutError: none came.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._gateway.ready.wait()
        except TimeoutError:
            raise TimeoutError(f"no bot has connected within {timeout} s") from None

    def dms_of(self, user: User | Member) -> list[Message]:
        """List the direct messages between a user and the bot, oldest first."""
        channel = self._state.dms.get(user.id)
        return list(channel.messages.values()) if channel else []

    async def drop_connections(self) -> None:
        """Break all gateway connections, as a failing network does."""
        self._gateway.cut()

    async def request_reconnect(self) -> None:
        """Ask the bot to reconnect and resume (op 7)."""
        self._gateway.ask_to_reconnect()

    async def invalidate_sessions(self, *, resumable: bool = False) -> None:
        """End the bot's sessions (op 9)."""
        self._gateway.invalidate(resumable=resumable)

    async def close_gateway(self, code: int) -> None:
        """Close the gateway connections with a code, such as 4014."""
        self._gateway.close(code)

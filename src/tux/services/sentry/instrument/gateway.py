"""The bot's life: its set-up, each connect to the gateway and each disconnect, and what ends it."""

from __future__ import annotations

import asyncio
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import discord
import sentry_sdk
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.state import AutoShardedConnectionState, ConnectionState

from tux.services.sentry.context import Facts
from tux.services.sentry.health import contained
from tux.services.sentry.instrument.patching import (
    CRASH,
    fail,
    is_watching,
    open_unit,
    unanswered,
    watch,
)
from tux.services.sentry.marks import mark_of
from tux.services.sentry.policy import causes
from tux.services.sentry.policy_rules import OUTAGE, Verdict
from tux.services.sentry.reconnects import RETRIED
from tux.services.sentry.reporting import Details, tell_storms
from tux.services.sentry.units import Unit, pristine_scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from tux.services.sentry.instrument.patching import Method

FLUSH_SECONDS: Final = 2.0
ENDS: Final = (*RETRIED, ReconnectWebSocket)
"""How a connection ends in normal life."""
NO_CLOSE_FRAME: Final = 1006
"""Abnormal closure: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1"""
OUT_OF_REACH: Final = Details(
    handled=False, by_code=False, verdict=Verdict.WARNING, fingerprint=OUTAGE
)


def install() -> None:
    """Watch how a bot logs in, connects, reads from the gateway, and ends."""
    watch(discord.Client, "login")(_login)
    # The one with shards has a `connect` of its own that does not call the other.
    for client in (discord.Client, discord.AutoShardedClient):
        watch(client, "connect")(_connect)
    _watch_from_client()
    _watch_poll_event()
    # Parsers are looked up when a bot is built.
    for state in (ConnectionState, AutoShardedConnectionState):
        _count(state, "parse_ready", "gateway.ready", lambda data: data.get("shard", (0,))[0])
        _count(state, "parse_resumed", "gateway.resumed", lambda data: data["__shard_id__"] or 0)


async def _login(original: Method, client: discord.Client, token: str) -> None:
    put_back = _watch_setup(client)
    try:
        await original(client, token)
    except Exception as error:
        await _tell_end(error)
        raise
    finally:
        put_back()


def _watch_setup(client: discord.Client) -> Callable[[], None]:
    """Let the set-up be a unit of work; gives what undoes that.

    On the instance, and only while it logs in: a bot's class or the bot itself may have a hook that
    no patch of ``Client`` sees.
    """
    hook, is_own = client.setup_hook, "setup_hook" in vars(client)

    @wraps(hook)
    async def setup_hook() -> None:
        with open_unit(_unit_of_setup, client) as transaction:
            try:
                await hook()
            except BaseException as error:
                fail(error, transaction, unanswered(error, CRASH))
                raise

    def put_back() -> None:
        if vars(client).get("setup_hook") is not setup_hook:
            return
        if is_own:
            client.setup_hook = hook  # type: ignore[method-assign]  # as it was
        else:
            del client.setup_hook

    # The default one does nothing.
    if getattr(hook, "__func__", None) is not discord.Client.setup_hook:
        with contained():
            client.setup_hook = setup_hook  # type: ignore[method-assign]  # as users do
    return put_back


def _unit_of_setup(client: discord.Client) -> Unit:
    return Unit("bot.setup", "setup_hook", partial(_facts, client))


async def _connect(original: Method, client: discord.Client, **options: Any) -> None:
    # As long as the bot lives: if a command has started it, it has nothing of that command.
    with pristine_scope():
        try:
            await original(client, **options)
        except Exception as error:
            await _tell_end(error)
            raise


async def _tell_end(error: Exception) -> None:
    """Tell what ends the bot, and see it off while there is still somebody to do so."""
    is_outage = isinstance(error, OSError) and not isinstance(error, aiohttp.ClientError)
    fail(error, None, OUT_OF_REACH if is_outage else unanswered(error, CRASH))
    with contained():
        told = mark_of(causes(error))
        if told is not None and told.event_id is not None:
            # A cancellation leaves the thread to itself.
            tell_storms()
            await asyncio.to_thread(sentry_sdk.flush, FLUSH_SECONDS)


def _watch_from_client() -> None:
    original: Any = DiscordWebSocket.from_client.__func__  # type: ignore[attr-defined]  # of a classmethod

    @wraps(original)
    async def from_client(
        cls: type[DiscordWebSocket], client: discord.Client, **options: Any
    ) -> DiscordWebSocket:
        if not is_watching():
            return await original(cls, client, **options)  # type: ignore[no-any-return]  # discord.py's
        again = False
        with contained():
            again = _has_connected(client, options.get("shard_id"))
        with open_unit(_unit_of_connect, client, options) as transaction:
            try:
                socket: DiscordWebSocket = await original(cls, client, **options)
            except Exception as error:
                if not isinstance(error, ENDS):
                    # What the bot itself does before it identifies, say.
                    fail(error, transaction)
                raise
        if again:
            resumed = bool(options.get("resume"))
            _count_one("gateway.reconnects", options.get("shard_id"), resumed=resumed)
        return socket

    patched: Any = classmethod(from_client)  # type: ignore[arg-type]  # `wraps` hides what it wraps
    DiscordWebSocket.from_client = patched  # type: ignore[method-assign]  # the seam


def _has_connected(client: discord.Client, shard_id: int | None) -> bool:
    if isinstance(client, discord.AutoShardedClient):
        return shard_id is not None and client.get_shard(shard_id) is not None
    # discord.py's annotation knows nothing of the time before the first connect.
    return client.ws is not None  # type: ignore[redundant-expr,unused-ignore]


def _unit_of_connect(client: discord.Client, options: dict[str, Any]) -> Unit:
    resumed = bool(options.get("resume"))
    tags = {"shard": str(options.get("shard_id") or 0), "resumed": str(resumed).lower()}
    name = "resume" if resumed else "connect"
    return Unit("gateway", name, partial(_facts, client, tags))


def _facts(client: discord.Client, tags: dict[str, str] | None = None) -> Facts:
    # Several bots may live in one process.
    bot = {"bot_id": str(client.user.id)} if client.user is not None else {}
    return Facts(tags=tags or {}, discord=bot)


def _watch_poll_event() -> None:
    original = DiscordWebSocket.poll_event

    @wraps(original)
    async def poll_event(self: DiscordWebSocket) -> None:
        # Nothing is asked ahead: it runs for every frame that Discord sends.
        try:
            await original(self)
        except Exception as error:
            if is_watching():
                with contained():
                    _tell_disconnect(self, error)
            raise

    DiscordWebSocket.poll_event = poll_event  # type: ignore[method-assign]  # the seam


def _tell_disconnect(socket: DiscordWebSocket, error: Exception) -> None:
    shard_id = socket.shard_id or 0
    if isinstance(error, ENDS):
        code = socket._close_code or socket.socket.close_code  # noqa: SLF001  # as discord.py reads it
        _count_one("gateway.disconnects", shard_id, code=code or NO_CLOSE_FRAME)
        return
    # A fault of discord.py's, or an event as nobody knew it: it ends the bot.
    tags = {"gateway.event": _event_of(error), "shard": str(shard_id)}
    fail(error, None, Details(tags=tags, handled=False, by_code=False))


def _event_of(error: Exception) -> str | None:
    """Name the gateway's event that was read when an error was raised, from discord.py's frame."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_name == "received_message":
            return trace.tb_frame.f_locals.get("event")
        trace = trace.tb_next
    return None


def _count(state: type, name: str, metric: str, shard_of: Callable[[Any], int]) -> None:
    original = getattr(state, name)

    @wraps(original)
    def parse(self: object, data: Any) -> None:
        if is_watching():
            with contained():
                _count_one(metric, shard_of(data))
        original(self, data)

    setattr(state, name, parse)


def _count_one(metric: str, shard_id: int | None, **attributes: object) -> None:
    with contained():
        sentry_sdk.metrics.count(metric, 1, attributes={"shard": shard_id or 0, **attributes})

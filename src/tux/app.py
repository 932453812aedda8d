"""The only builder of the bot: what is made, in which order it starts, and how it stops."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import aiohttp
import discord
from discord.http import Route
from loguru import logger

from tux.core.bot import Tux
from tux.database.errors import may_pass
from tux.database.service import DatabaseService
from tux.services.http_client import http_client
from tux.services.sentry import SentryManager, capture_database_error
from tux.services.sentry.privacy import set_opted_out
from tux.services.sentry.release_health import end_session
from tux.shared.child import STOPPED, say
from tux.shared.exceptions import (
    TuxAPIConnectionError,
    TuxConfigurationError,
    TuxDatabaseConnectionError,
    TuxDatabaseError,
)

if TYPE_CHECKING:
    from tux.core.opt_outs import OptOuts
    from tux.shared.settings import Settings

FLUSH_SECONDS = 2.0
"""Most that a stop waits for what has not been sent; it is on disk, and the next start sends it."""
STOP_SHARE = 0.1
"""Of the seconds for a stop, for the HTTP client and the database, and as much for the flush."""

UNSTARTED = (TuxConfigurationError, TuxAPIConnectionError, TuxDatabaseConnectionError)
"""What keeps the bot from starting and is no failure of its own."""


def token_of(settings: Settings) -> str:
    """Give the bot's token.

    Raises:
        TuxConfigurationError: there is none.
    """
    if settings.discord.token is None:
        raise TuxConfigurationError(
            "DISCORD_TOKEN",
            "Put the bot's token from Discord's developer portal into the environment or .env, "
            "or run `tux demo`, which needs none.",
        )
    return settings.discord.token.get_secret_value()


async def run_bot(settings: Settings, *, announce: bool = False) -> None:
    """Start the bot and run it until it is cancelled.

    Start: telemetry, HTTP client, database, Discord. Stop: the same backwards, so that what fails
    while stopping is still seen.

    Args:
        settings: what to run with.
        announce: say a JSON line on standard output once Discord has let the bot in.

    Raises:
        TuxConfigurationError: a setting keeps the bot from starting; names it.
        TuxDatabaseConnectionError: the database is away; another start may find it.
        TuxAPIConnectionError: Discord cannot be reached; another start may reach it.
    """
    token = token_of(settings)
    sentry = SentryManager()
    sentry.setup(settings)
    http_client.configure(settings.http)
    db = DatabaseService(settings.database.url.get_secret_value())
    ended: BaseException | None = None
    try:
        bot = Tux(settings, db, http_client)
        set_opted_out(bot.opt_outs.ids)
        await _open(db, bot.opt_outs)
        await _run(bot, token, announce=announce)
    except BaseException as error:
        ended = error
        raise
    finally:
        share = settings.bot.shutdown_seconds * STOP_SHARE
        with suppress(TimeoutError):
            async with asyncio.timeout(share):
                await http_client.aclose()
                await db.close()
        _end_session(ended)
        await sentry.flush_async(timeout=min(FLUSH_SECONDS, share))


def _end_session(ended: BaseException | None) -> None:
    """Tell release health how the run ends, while a station beside the bot is still there."""
    if ended is None or isinstance(ended, UNSTARTED) or STOPPED in ended.args:
        end_session()
    elif isinstance(ended, Exception):
        end_session(ended)
    # Else the loop breaks: the interpreter will tell by what.


async def _open(db: DatabaseService, opt_outs: OptOuts) -> None:
    try:
        await db.connect()
        # Who has opted out must be known before anything is told.
        await opt_outs.load()
    except TuxDatabaseError as error:
        capture_database_error(error, operation="connect")
        if may_pass(error):
            hint = f"DATABASE_URL: {error}. Start the database, or mend the address."
            raise TuxDatabaseConnectionError(hint) from error
        raise TuxConfigurationError(
            "DATABASE_URL", f"{error}. Mend the address, or the database; `tux doctor` says more."
        ) from error


async def _run(bot: Tux, token: str, *, announce: bool) -> None:
    bot.add_listener(_teller(bot), "on_connect")
    if announce:
        bot.add_listener(_announcer(bot), "on_ready")
    try:
        async with bot:
            await bot.start(token)
    except discord.LoginFailure as error:
        raise TuxConfigurationError(
            "DISCORD_TOKEN", "Discord refuses it: copy the token anew from the developer portal."
        ) from error
    except discord.PrivilegedIntentsRequired as error:
        raise TuxConfigurationError(
            "DISCORD_TOKEN",
            "The bot may not read members and messages: switch on both privileged intents in "
            "Discord's developer portal.",
        ) from error
    except (aiohttp.ClientConnectionError, TimeoutError) as error:
        raise TuxAPIConnectionError(
            "Discord",
            bot.settings.discord.api_url or Route.BASE,
            "it cannot be reached, look at the connection and try again",
        ) from error


def _teller(bot: Tux) -> discord.utils.MISSING:
    async def on_connect() -> None:
        logger.info("connected to Discord as {}", bot.user)

    return on_connect


def _announcer(bot: Tux) -> discord.utils.MISSING:
    said = asyncio.Event()

    async def on_ready() -> None:
        # Discord says "ready" again after each new session.
        if not said.is_set():
            said.set()
            say({"ready": True, "name": str(bot.user)})

    return on_ready

"""The bot."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import discord
from discord.ext import commands
from loguru import logger

from tux.core.answers import TuxTree, answer_context
from tux.core.context import TuxContext
from tux.core.endpoints import point_at
from tux.core.feedback import FeedbackButton, feedback_limit
from tux.core.loader import Loaded, load_all, own_extensions
from tux.core.opt_outs import OptOuts
from tux.services.sentry import capture_database_error, capture_exception
from tux.shared.exceptions import TuxDatabaseError

if TYPE_CHECKING:
    from tux.database.service import DatabaseService
    from tux.services.http_client import HttpClient
    from tux.shared.settings import Settings

WORK_SHARE = 0.5
"""Of the seconds for a stop, for what members have asked for."""
GOODBYE_SHARE = 0.1
"""Of the seconds for a stop, to close what is open to Discord."""
LOCAL_GUILD_SECONDS = 0.2
"""How long a local Discord may take to send its guilds; the real one needs two seconds."""


class Tux(commands.Bot):
    """A discord.py bot with settings, a database and an HTTP client, all given to it."""

    def __init__(self, settings: Settings, db: DatabaseService, http_client: HttpClient) -> None:
        point_at(settings.discord)
        # It does not speak, so nobody needs to hear that the libraries for voice are not there.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        intents = discord.Intents.default()
        intents.message_content = True
        intents.members = True
        options: dict[str, Any] = {}
        self._is_local = settings.discord.gateway_url is not None
        if self._is_local:
            options["guild_ready_timeout"] = LOCAL_GUILD_SECONDS
        super().__init__(
            command_prefix=_prefixes,
            intents=intents,
            tree_cls=TuxTree,
            owner_ids=set(settings.bot.owner_ids) or None,
            allowed_mentions=discord.AllowedMentions(everyone=False, roles=False),
            **options,
        )
        self.settings = settings
        self.db = db
        self.http_client = http_client
        self.opt_outs = OptOuts(db)
        """Who has asked not to be told of; ``app.py`` has read them."""
        self.extensions_loaded = Loaded()
        """What came of the extensions at the start."""
        self.prefixes: dict[int, str] = {}
        """Guild → prefix, where it has one of its own."""
        self.feedback_limit = feedback_limit()
        """How often each member has said something through the form."""
        self._at_work: set[asyncio.Task[Any]] = set()

    def at_work(self) -> None:
        """Let ``close`` wait for the task that runs now: it serves a member."""
        task = asyncio.current_task()
        if task is not None and task not in self._at_work:
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)

    async def close(self) -> None:
        """Let what members have asked for end, within their share of the time for a stop, and go."""
        seconds = self.settings.bot.shutdown_seconds
        until = time.monotonic() + seconds * WORK_SHARE
        while not self.is_closed() and time.monotonic() < until:
            others = self._at_work - {asyncio.current_task()}
            if not others:
                break
            await asyncio.wait(others, timeout=until - time.monotonic())
        # A gateway that is away does not say goodbye.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds * GOODBYE_SHARE):
                await super().close()

    async def invoke(self, ctx: commands.Context[Any], /) -> None:
        """Run a prefix command."""
        self.at_work()
        await super().invoke(ctx)

    def known_extensions(self) -> list[str]:
        """Name what may be loaded: Tux's own modules, and those that the settings add."""
        return [*own_extensions(), *self.settings.bot.extensions]

    async def setup_hook(self) -> None:
        """Load what the bot can do, and tell Discord of it."""
        self.add_dynamic_items(FeedbackButton)
        self.extensions_loaded = await load_all(self, self.known_extensions())
        await self._load_prefixes()
        try:
            await self.tree.sync()
        except (discord.HTTPException, discord.app_commands.AppCommandError) as error:
            # Prefix commands work all the same.
            capture_exception(error)
            logger.warning("slash commands could not be synced: {}", type(error).__name__)

    async def _load_prefixes(self) -> None:
        try:
            guilds = await self.db.guild.find_all()
        except TuxDatabaseError as error:
            capture_database_error(error)
            logger.warning("prefixes are the default ones: {}", error)
            return
        self.prefixes = {guild.id: guild.prefix for guild in guilds if guild.prefix}

    async def get_context(self, origin: Any, /, *, cls: Any = TuxContext) -> Any:
        """Make the context of a command, by default one of ours."""
        return await super().get_context(origin, cls=cls)

    async def on_command_error(
        self, context: commands.Context[Any], exception: commands.CommandError, /
    ) -> None:
        """Answer a command that failed, each once."""
        self.at_work()
        if context.command is not None and context.command.has_error_handler():
            return
        if context.cog is not None and context.cog.has_error_handler():
            return
        await answer_context(context, exception)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait as Discord's limit on new sessions asks; a local Discord has none."""
        if not self._is_local:
            await super().before_identify_hook(shard_id, initial=initial)
        elif not initial:
            await asyncio.sleep(LOCAL_GUILD_SECONDS)


def _prefixes(bot: Tux, message: discord.Message) -> list[str]:
    guild_id = message.guild.id if message.guild else 0
    prefix = bot.prefixes.get(guild_id, bot.settings.bot.prefix)
    return commands.when_mentioned_or(prefix)(bot, message)

"""One of each kind of what a bot sends, full of secrets: by discord.py, the layer and the SDK."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, cast

import discord
import sentry_sdk
from discord.ext import commands
from sentry_sdk import logger, metrics

from tux.doctor.planted import MESSAGE, USER_ID
from tux.services.sentry import (
    CheckIn,
    add_breadcrumb,
    capture_feedback,
    set_context,
    set_tag,
    start_span,
)
from tux.simulator.model import User
from tux.simulator.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tux.doctor.planted import Planted

_WHEN: Final = 1_767_225_600.0
"""The first of January 2026, UTC."""


class SampleError(Exception):
    """What the sample command ends with."""


class _SampleBot(commands.Bot):
    async def on_command_error(
        self, _context: commands.Context[Any], _error: commands.CommandError, /
    ) -> None:
        """Print no traceback; the error was captured before it came here."""


async def send_samples(secrets: Mapping[str, Planted]) -> None:
    """Let a command run and fail, and capture one of each other kind."""
    texts = {name: one.text for name, one in secrets.items()}
    await _run_command(texts)
    said = "; ".join(texts[name] for name in texts if name != MESSAGE)
    logger.info(
        "a log line: {said}", said=said, attributes={"api_key": texts["API key in a header"]}
    )
    metrics.count("sample", 1, attributes={"address": texts["IP address"]})
    with CheckIn("sample", {"schedule": {"type": "crontab", "value": "0 * * * *"}, "owner": said}):
        pass
    capture_feedback(f"It broke. I am {texts['e-mail address']}, {texts['card number']}.")
    _session(secrets)


async def _run_command(texts: Mapping[str, str]) -> None:
    """Run a real command of a bot that is not connected, with a member's message before it."""
    bot = _SampleBot("!", intents=discord.Intents.all(), help_command=None)
    bot.add_command(_sample_command(texts))
    message = _message(bot._connection, f"!sample {texts[MESSAGE]}")  # noqa: SLF001  # it has no other name
    async with bot:
        await bot.invoke(await bot.get_context(message))


def _message(state: Any, content: str) -> discord.Message:
    """Make what the gateway tells of a message into discord.py's own, for a bot that asked nobody."""
    local = State(lambda: _WHEN)
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    said: Any = local.new_message(channel, User(USER_ID, "pingu"), {"content": content}).event()
    itself: Any = local.bot.own_payload()
    state.user = discord.ClientUser(state=state, data=itself)
    there: Any = discord.Guild(state=state, data=cast("Any", guild.event(everybody=True)))
    return discord.Message(state=state, channel=there.get_channel(channel.id), data=said)


def _sample_command(texts: Mapping[str, str]) -> commands.Command[Any, ..., None]:
    @commands.command(name="sample")
    async def sample(_ctx: commands.Context[Any], *, words: str) -> None:
        """Do what bots do, and fail."""
        password = texts["database password"]
        headers = {
            "Authorization": texts["Discord bot token"],
            "Cookie": texts["session of a web page"],
        }
        add_breadcrumb(texts["webhook token"], category="http", data=headers)
        set_tag("where", texts["IP address"])
        set_context("request", {"headers": headers, "content": words})
        _attach("; ".join(text for name, text in texts.items() if name != MESSAGE))
        with start_span(op="http.client", description=texts["interaction token"]) as span:
            span.set_data("url", texts["webhook token"])
        with start_span(op="db", description=password):
            await asyncio.sleep(0)
        said = "; ".join(text for name, text in texts.items() if name != MESSAGE)
        raise SampleError(said) from ConnectionError(password)

    return sample


def _attach(said: str) -> None:
    """Attach a file to the event that comes."""
    scope = sentry_sdk.get_isolation_scope()
    scope.add_attachment(bytes=said.encode(), filename="notes.txt")


def _session(secrets: Mapping[str, Planted]) -> None:
    scope = sentry_sdk.get_isolation_scope()
    scope.start_session()
    if scope._session is not None:  # noqa: SLF001  # the SDK has no other way to say these
        scope._session.update(ip_address=secrets["IP address"].secret)  # noqa: SLF001  # as above
    scope.end_session()

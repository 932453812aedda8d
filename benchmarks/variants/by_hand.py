"""The SDK, used by hand as its manual has it: each command opens its scope and its transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sentry_sdk
from discord.ext import commands

from benchmarks.failures import raised
from benchmarks.variants.discarding import NOWHERE, DiscardingTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentry_sdk.types import Event, Hint

    from benchmarks.rounds import Plan

capture = sentry_sdk.capture_exception


class Work(commands.Cog):
    """Two commands."""

    @commands.command()
    async def work(self, ctx: commands.Context[Any]) -> None:
        """Work in three parts."""
        await _watched(ctx, _three_parts)

    @commands.command()
    async def fail(self, ctx: commands.Context[Any]) -> None:
        """Fail."""
        await _watched(ctx, _fail)


async def _watched(ctx: commands.Context[Any], act: Callable[[], None]) -> None:
    assert ctx.command and ctx.cog and ctx.guild  # noqa: S101, PT018  # a command of a cog, in a guild
    guild, channel = str(ctx.guild.id), str(ctx.channel.id)
    name = ctx.command.qualified_name
    with sentry_sdk.isolation_scope() as scope:
        scope.set_user({"id": str(ctx.author.id)})
        scope.set_tag("command", name)
        scope.set_tag("cog", ctx.cog.qualified_name)
        scope.set_tag("guild_id", guild)
        scope.set_tag("channel_id", channel)
        scope.set_context(
            "discord",
            {"guild_id": guild, "channel_id": channel, "message_id": str(ctx.message.id)},
        )
        with sentry_sdk.start_transaction(op="command.prefix", name=name, source="task"):
            try:
                act()
            except Exception as error:
                capture(error)
                raise


def _three_parts() -> None:
    with sentry_sdk.start_span(op="db", name="SELECT rank"):
        pass
    with sentry_sdk.start_span(op="http.client", name="GET /comics"):
        pass
    with sentry_sdk.start_span(op="template", name="draw"):
        pass


def _fail() -> None:
    raise raised(1)


def _refuse(_event: Event, _hint: Hint) -> None:
    """Drop it: the way that the SDK has for this."""


def start(plan: Plan) -> None:
    """Start the SDK with its defaults."""
    options: dict[str, Any] = {"before_send": _refuse} if plan.drops else {}
    if plan.dsn is None:
        options["transport"] = DiscardingTransport
    sentry_sdk.init(dsn=plan.dsn or NOWHERE, traces_sample_rate=plan.rate, **options)

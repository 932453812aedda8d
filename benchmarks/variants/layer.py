"""Our layer: nothing in the commands but their spans."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import sentry_sdk
from discord.ext import commands
from pydantic import SecretStr

from benchmarks.failures import raised
from benchmarks.variants.discarding import NOWHERE, DiscardingTransport
from tux.services.sentry import DiscordIntegration, capture_exception, setup, start_span
from tux.services.sentry.flows import TRANSACTIONS
from tux.shared.settings import SentrySettings, Settings

if TYPE_CHECKING:
    from benchmarks.rounds import Plan

MANY = 10**9
NEVER = 1e9
"""Seconds, in which no error of a kind comes free again."""

capture = capture_exception


class Work(commands.Cog):
    """Two commands."""

    @commands.command()
    async def work(self, _ctx: commands.Context[Any]) -> None:
        """Work in three parts."""
        with start_span(op="db", name="SELECT rank"):
            pass
        with start_span(op="http.client", name="GET /comics"):
            pass
        with start_span(op="template", name="draw"):
            pass

    @commands.command()
    async def fail(self, ctx: commands.Context[Any]) -> None:
        """Fail."""
        raise raised(ctx.author.id)


def start(plan: Plan) -> None:
    """Set the whole layer up where there is somebody to send to, else the integration alone."""
    if plan.dsn is None:
        # Millions of commands a day, all in one minute: nothing is held back.
        TRANSACTIONS.widen(NEVER)
        sentry_sdk.init(
            dsn=NOWHERE,
            traces_sample_rate=plan.rate,
            transport=DiscardingTransport,
            integrations=[DiscordIntegration()],
        )
        return
    sentry = SentrySettings(
        dsn=SecretStr(plan.dsn),
        release="tux@benchmark",
        command_sample_rate=plan.rate,
        spool_path=Path(plan.folder),
        **({"limit_burst": 1, "limit_period": NEVER} if plan.drops else {}),
        **(dict.fromkeys(("limit_burst", "limit_total_burst"), MANY) if plan.passes else {}),
    )
    setup(Settings(sentry=sentry))

"""That discord.py tries to reconnect: a log line each time, normal once, a warning when it goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import aiohttp
import discord
import sentry_sdk

from tux.services.sentry.policy_rules import Verdict
from tux.services.sentry.repeats import Repeats
from tux.services.sentry.reporting import Details

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

RETRIED: Final = (
    OSError,
    discord.HTTPException,
    discord.GatewayNotFound,
    discord.ConnectionClosed,
    aiohttp.ClientError,
)
"""After these discord.py connects again by itself; a time-out is an OSError."""
RECONNECTS: Final = {
    ("discord.client", "Attempting a reconnect in %.2fs"): False,
    ("discord.shard", "Attempting a reconnect for shard ID %s in %.2fs"): True,
    ("discord.shard", "Failed to connect for shard_id: %s. Retrying..."): True,
}
"""Logger and text by which discord.py says so; whether the shard is the first argument."""
COPIES: Final = tuple({text.partition("%")[0] for _, text in RECONNECTS})
"""How such lines begin where somebody hands them on to loguru."""
OFTEN: Final = 6
OFTEN_SECONDS: Final = 600.0


class Reconnects:
    """Counts the attempts of each shard."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._repeats = Repeats(OFTEN, OFTEN_SECONDS, clock)

    def judge(self, record: logging.LogRecord) -> Details:
        """Count one more attempt, and say what is done about its error."""
        args = record.args if isinstance(record.args, tuple) else ()
        shard = args[0] if args and RECONNECTS[record.name, record.msg] else 0
        sentry_sdk.metrics.count("gateway.retries", 1, attributes={"shard": shard})
        goes_on = self._repeats.count((record.name, shard))
        return Details(
            tags={"logger": record.name, "shard": str(shard)},
            by_code=False,
            verdict=Verdict.WARNING if goes_on else Verdict.BREADCRUMB,
            fingerprint=("gateway-reconnect",),
        )


def is_reconnect(record: logging.LogRecord, error: BaseException) -> bool:
    """Tell a line by which discord.py says that it will connect again."""
    # Anything may be logged, also what has no hash.
    is_one = isinstance(record.msg, str) and (record.name, record.msg) in RECONNECTS
    return is_one and isinstance(error, RETRIED)


def is_copy_of_reconnect(name: str | None, text: str, error: BaseException) -> bool:
    """Tell a line that came by stdlib logging, where the handler sees it too, and counts it."""
    is_discords = str(name).startswith("discord.")
    return is_discords and text.startswith(COPIES) and isinstance(error, RETRIED)

"""``DiscordIntegration``: what a bot names in its ``sentry_sdk.init``."""

from __future__ import annotations

from typing import Any, Final

import discord
from sentry_sdk.integrations import DidNotEnable, Integration
from sentry_sdk.scope import add_global_event_processor

from tux.services.sentry.attributes import add_attributes, after
from tux.services.sentry.gate import MECHANISM, pass_once
from tux.services.sentry.instrument import (
    commands,
    events,
    extensions,
    gateway,
    interactions,
    loops,
    rest,
    tasks,
    ui,
)
from tux.services.sentry.units import remember_base

OLDEST: Final = (2, 7)
NEWEST: Final = (2, 8)
"""The seams are private names of discord.py; they were looked at in these versions."""


class DiscordIntegration(Integration):
    """Watch commands, interactions, views, listeners, loops and REST calls of any discord.py bot.

    Classes are patched, not instances: cogs that are loaded or reloaded later are watched, too.
    """

    identifier = MECHANISM
    origin = "auto.function.discord"

    @staticmethod
    def setup_once() -> None:
        """Patch discord.py; the SDK calls it once in a process.

        Raises:
            DidNotEnable: this discord.py is too old or too new.
        """
        version = (discord.version_info.major, discord.version_info.minor)
        if not OLDEST <= version < NEWEST:
            raise DidNotEnable(f"discord.py {discord.__version__}: 2.7 is needed")
        remember_base()
        add_global_event_processor(pass_once)
        for seam in (
            commands,
            events,
            extensions,
            gateway,
            interactions,
            loops,
            rest,
            tasks,
            ui,
        ):
            seam.install()

    def setup_once_with_options(self, options: dict[str, Any] | None = None) -> None:
        """Let logs and metrics say for whom they were written; the bot's own hooks come after."""
        for hook in ("before_send_log", "before_send_metric"):
            if options is not None:
                options[hook] = after(add_attributes, options.get(hook))

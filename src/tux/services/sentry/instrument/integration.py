"""``DiscordIntegration``: what a bot names in its ``sentry_sdk.init``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord
from sentry_sdk.integrations import DidNotEnable, Integration
from sentry_sdk.scope import add_global_event_processor
from sentry_sdk.serializer import add_global_repr_processor

from tux.services.sentry.frames import describe_frame
from tux.services.sentry.gate import MECHANISM, pass_once
from tux.services.sentry.instrument import (
    commands,
    dynamic_items,
    events,
    extensions,
    gateway,
    interactions,
    logs,
    loops,
    people,
    rate_limits,
    rest,
    steps,
    tasks,
    ui,
)
from tux.services.sentry.messages import bound_messages
from tux.services.sentry.options import adopt
from tux.services.sentry.policy import set_overrides
from tux.services.sentry.privacy import set_opted_out, set_privacy
from tux.services.sentry.units import ORIGIN, remember_base

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from tux.shared.privacy import PrivacySettings

OLDEST: Final = (2, 7)
NEWEST: Final = (2, 8)
"""The seams are private names of discord.py; they were looked at in these versions."""
SEAMS: Final = (
    commands,
    dynamic_items,
    events,
    extensions,
    gateway,
    interactions,
    logs,
    loops,
    people,
    rate_limits,
    rest,
    steps,
    tasks,
    ui,
)


class DiscordIntegration(Integration):
    """Watch commands, interactions, views, listeners, loops and REST calls of any discord.py bot.

    Classes are patched, not instances: cogs that are loaded or reloaded later are watched, too.
    """

    identifier = MECHANISM
    origin = ORIGIN

    def __init__(
        self,
        *,
        policy: Mapping[str, str] | Mapping[type, str] | None = None,
        privacy: PrivacySettings | None = None,
        opted_out: AbstractSet[int] | None = None,
    ) -> None:
        """Choose what is done about errors, and what of people may leave.

        Args:
            policy: class, or its name, bare or with its module, to ``never``, ``breadcrumb``, ``warning``,
                ``error`` or ``fatal``; it holds instead of the table of ``policy_rules``.
            privacy: what is told of users, what is removed and kept besides the scrubber's rules.
            opted_out: ids of users and guilds of whom nothing may leave. It is asked each time: what the
                bot adds to the set and takes from it counts at once.

        Raises:
            ValueError: a word that is none of these.
        """
        if policy is not None:
            set_overrides(policy)
        if privacy is not None:
            set_privacy(privacy)
        if opted_out is not None:
            set_opted_out(opted_out)

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
        add_global_repr_processor(describe_frame)
        bound_messages()
        for seam in SEAMS:
            seam.install()

    def setup_once_with_options(self, options: dict[str, Any] | None = None) -> None:
        """Add to the options of the first ``sentry_sdk.init``; those of later ones at the login."""
        if options is not None:
            adopt(options)

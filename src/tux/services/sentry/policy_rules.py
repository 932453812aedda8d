"""What an error means, as one table: never sent, a breadcrumb, a warning, an error, or fatal.

The rules are those that bot authors agree on: what a member did wrong is answered, not reported;
what Discord refuses for a reason of its own is a warning; the rest is ours.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import httpx
from discord import app_commands
from discord.ext import commands
from pydantic import ValidationError

from tux.services.sentry.messages import message_of
from tux.shared.exceptions import (
    TuxAPIConnectionError,
    TuxAPIPermissionError,
    TuxAPIResourceNotFoundError,
    TuxConfigurationError,
    TuxError,
    TuxPermissionError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CONVERTER_FAULTS = (ValueError, commands.CommandError, app_commands.AppCommandError)
"""What a converter may raise about the member's words; another cause is a bug in the converter."""
LOST_DM = frozenset({50007, 50278, 90001})
EXPECTED = frozenset({50001, 50013, 50083, 160002, 200000, 30035})
"""Codes of Discord's "no" that a server's own set-up explains."""
VANISHED = frozenset({10003, 10007, 10008, 10013, 10026})
UNAUTHORISED = frozenset({40001, 50014, 50027})


class Verdict(StrEnum):
    """What is done about an error."""

    NEVER = "never"
    BREADCRUMB = "breadcrumb"
    WARNING = "warning"
    ERROR = "error"
    FATAL = "fatal"

    @property
    def is_sent(self) -> bool:
        """Whether an event leaves."""
        # Not by the class, which is slow to give its members: a storm asks thousands of times.
        return self not in AT_HOME


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: the first whose class and condition hold decides."""

    kinds: tuple[type[BaseException], ...]
    verdict: Verdict
    status: str
    """Status of the transaction: https://develop.sentry.dev/sdk/data-model/event-payloads/contexts/#trace-context"""
    codes: frozenset[int] = frozenset()
    """Discord's error codes that it holds for; empty for all."""
    named: str = ""
    """Name of the class or of one of its bases; empty for all."""
    when: Callable[[Any], bool] | None = None
    fingerprint: tuple[str, ...] = ()
    """Groups what has many places and one reason; empty leaves grouping to the receiver."""
    by_command: bool = False
    """Whether each command is a group of its own."""
    by_guild: bool = False
    """Whether it becomes a warning where one server brings it again and again."""

    def may_hold_for(self, kind: type) -> bool:
        """Tell whether errors of a class may be this row's."""
        return issubclass(kind, self.kinds) and (
            not self.named or any(base.__name__ == self.named for base in kind.__mro__)
        )

    @property
    def is_by_class_alone(self) -> bool:
        """Whether it holds for all errors of its classes."""
        return not self.codes and self.when is None


N, B, W, E, F = Verdict
AT_HOME = (N, B)
OUTAGE = ("discord-outage",)
_LIMIT = re.compile("rate[ -]?limit", re.IGNORECASE)


def _is_converter_fault(error: BaseException) -> bool:
    return error.__cause__ is None or isinstance(error.__cause__, CONVERTER_FAULTS)


def _is_speaking_of_a_limit(error: BaseException) -> bool:
    text = message_of(error)[:1000]
    # The expression is slow at what most errors say.
    return "limit" in text.lower() and _LIMIT.search(text) is not None


def _is_of_discord(error: BaseException) -> bool:
    """Tell whether discord.py itself asked, and not a cog that uses aiohttp for something else.

    The frame that called aiohttp last says so; an error that was never raised has none.
    """
    caller, trace = "discord.", error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if not module.startswith(("aiohttp", "asyncio")):
            caller = module
        trace = trace.tb_next
    return caller.startswith("discord.")


RULES: tuple[Rule, ...] = (
    Rule((asyncio.CancelledError, KeyboardInterrupt, SystemExit), N, "cancelled"),
    # What the member typed or may not do.
    Rule((commands.CommandNotFound, commands.DisabledCommand), N, "not_found"),
    Rule((commands.BadArgument,), B, "invalid_argument", when=_is_converter_fault),
    Rule((commands.BadArgument,), E, "internal_error"),
    Rule((commands.UserInputError,), B, "invalid_argument"),
    Rule(
        (
            commands.CommandOnCooldown,
            commands.MaxConcurrencyReached,
            app_commands.CommandOnCooldown,
        ),
        B,
        "resource_exhausted",
    ),
    Rule(
        (
            commands.BotMissingPermissions,
            commands.BotMissingRole,
            commands.BotMissingAnyRole,
            app_commands.BotMissingPermissions,
        ),
        B,
        "failed_precondition",
        by_guild=True,
    ),
    Rule((commands.CheckFailure, app_commands.CheckFailure), B, "permission_denied"),
    Rule((app_commands.TransformerError,), B, "invalid_argument", when=_is_converter_fault),
    Rule((TuxPermissionError,), B, "permission_denied"),
    Rule((TuxAPIResourceNotFoundError,), B, "not_found"),
    Rule((TuxError,), B, "failed_precondition", when=lambda error: error.is_user_fault),
    Rule((ValidationError,), B, "invalid_argument"),
    Rule((Exception,), B, "invalid_argument", named="ValidationError"),
    # Limits of others: nothing is broken.
    Rule((discord.RateLimited,), B, "resource_exhausted"),
    Rule(
        (discord.HTTPException,),
        F,
        "resource_exhausted",
        # discord.py retries every 429 but that of a ban by Cloudflare, which ends the bot's day.
        when=lambda error: error.status == 429,  # noqa: PLR2004  # Too Many Requests
        fingerprint=("cloudflare-ban",),
    ),
    Rule((Exception,), B, "resource_exhausted", named="RateLimitError"),
    Rule((Exception,), B, "resource_exhausted", when=_is_speaking_of_a_limit),
    # Commands of Discord that it and we no longer agree on.
    Rule(
        (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch),
        W,
        "not_found",
        fingerprint=("command-tree-out-of-sync",),
        by_command=True,
    ),
    # Discord's answers.
    Rule((discord.HTTPException,), N, "ok", codes=LOST_DM),
    Rule((discord.HTTPException,), B, "permission_denied", codes=EXPECTED, by_guild=True),
    Rule((discord.NotFound,), B, "not_found", codes=VANISHED),
    Rule(
        (discord.NotFound,),
        W,
        "deadline_exceeded",
        codes=frozenset({10062}),
        fingerprint=("interaction-expired",),
        by_command=True,
    ),
    Rule((discord.InteractionResponded,), E, "already_exists"),
    Rule((discord.HTTPException,), E, "already_exists", codes=frozenset({40060})),
    Rule((discord.HTTPException,), E, "unauthenticated", codes=UNAUTHORISED),
    Rule(
        (discord.HTTPException,),
        E,
        "unauthenticated",
        when=lambda error: error.status == 401,  # noqa: PLR2004  # Unauthorized
    ),
    Rule(
        (discord.HTTPException,),
        E,
        "invalid_argument",
        when=lambda error: error.status == 400,  # noqa: PLR2004  # Bad Request: our payload
    ),
    Rule((discord.NotFound,), E, "not_found"),
    Rule((discord.DiscordServerError,), W, "unavailable", fingerprint=OUTAGE),
    Rule(
        (discord.HTTPException,),
        W,
        "unavailable",
        codes=frozenset({130000}),
        fingerprint=OUTAGE,
    ),
    Rule((discord.GatewayNotFound,), W, "unavailable", fingerprint=OUTAGE),
    Rule((discord.Forbidden,), B, "permission_denied"),
    # The ways in which a bot cannot run at all. Codes: Discord's gateway close codes.
    Rule((discord.LoginFailure, discord.PrivilegedIntentsRequired), F, "unauthenticated"),
    Rule((discord.MissingApplicationID,), F, "failed_precondition"),
    Rule(
        (discord.ConnectionClosed,),
        F,
        "unauthenticated",
        codes=frozenset({4004, 4010, 4011, 4012, 4013, 4014}),
    ),
    Rule((discord.ConnectionClosed, discord.gateway.ReconnectWebSocket), B, "unavailable"),
    Rule((aiohttp.ClientError,), W, "unavailable", when=_is_of_discord, fingerprint=OUTAGE),
    Rule((aiohttp.ClientError,), E, "unavailable"),
    # Extensions and settings.
    Rule(
        (
            commands.ExtensionNotFound,
            commands.ExtensionAlreadyLoaded,
            commands.ExtensionNotLoaded,
            commands.NoEntryPointError,
        ),
        B,
        "not_found",
    ),
    Rule((TuxConfigurationError,), W, "failed_precondition"),
    # External APIs.
    Rule(
        (TuxAPIPermissionError,),
        B,
        "permission_denied",
        # 401 is our own key, which somebody must mend.
        when=lambda error: error.status_code == 403,  # noqa: PLR2004  # Forbidden
    ),
    Rule(
        (httpx.HTTPStatusError,),
        B,
        "resource_exhausted",
        when=lambda error: error.response.status_code == 429,  # noqa: PLR2004  # Too Many Requests
    ),
    Rule((TuxAPIConnectionError,), E, "unavailable"),
    Rule((httpx.TransportError,), E, "unavailable"),
    Rule((BaseException,), E, "internal_error"),
)

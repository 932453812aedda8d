"""What an error means: never sent, a breadcrumb, a warning, an error, or fatal. One table. Pure.

The rules are those that bot authors agree on: what a member did wrong is answered, not reported;
what Discord refuses for a reason of its own is a warning; the rest is ours.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import httpx
from discord import app_commands
from discord.ext import commands
from pydantic import ValidationError
from sentry_sdk.utils import safe_str

from tux.shared.exceptions import (
    TuxAPIConnectionError,
    TuxAPIPermissionError,
    TuxAPIResourceNotFoundError,
    TuxConfigurationError,
    TuxError,
    TuxPermissionError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_CHAIN = 20
"""Causes that are looked at: a chain may be a circle."""
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
        return self not in (Verdict.NEVER, Verdict.BREADCRUMB)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: the first whose class and condition hold decides."""

    kinds: tuple[type[BaseException], ...]
    verdict: Verdict
    status: str
    """Status of the transaction: https://develop.sentry.dev/sdk/data-model/event-payloads/contexts/#trace-context"""
    codes: frozenset[int] = frozenset()
    """Discord's error codes that it holds for; empty for all."""
    when: Callable[[Any], bool] = lambda _: True
    fingerprint: tuple[str, ...] = ()
    """Groups what has many places and one reason; empty leaves grouping to the receiver."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done about one error."""

    verdict: Verdict
    status: str
    root: BaseException
    """The error that decided: what a wrapper holds, or the error itself."""
    fingerprint: tuple[str, ...] = ()


N, B, W, E, F = Verdict
OUTAGE = ("discord-outage",)


def _is_converter_fault(error: BaseException) -> bool:
    return error.__cause__ is None or isinstance(error.__cause__, CONVERTER_FAULTS)


def _is_speaking_of_a_limit(error: BaseException) -> bool:
    text = safe_str(error)[:1000].lower()
    return any(words in text for words in ("rate limit", "rate-limit", "ratelimit"))


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


def _is_named(name: str) -> Callable[[BaseException], bool]:
    # Libraries have validation errors of their own that no common class joins.
    return lambda error: any(kind.__name__ == name for kind in type(error).__mro__)


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
    ),
    Rule((commands.CheckFailure, app_commands.CheckFailure), B, "permission_denied"),
    Rule((app_commands.TransformerError,), B, "invalid_argument", when=_is_converter_fault),
    Rule((TuxPermissionError,), B, "permission_denied"),
    Rule((TuxAPIResourceNotFoundError,), B, "not_found"),
    Rule((TuxError,), B, "failed_precondition", when=lambda error: error.is_user_fault),
    Rule((ValidationError,), B, "invalid_argument"),
    Rule((Exception,), B, "invalid_argument", when=_is_named("ValidationError")),
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
    Rule((Exception,), B, "resource_exhausted", when=_is_named("RateLimitError")),
    Rule((Exception,), B, "resource_exhausted", when=_is_speaking_of_a_limit),
    # Commands of Discord that it and we no longer agree on.
    Rule(
        (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch),
        W,
        "not_found",
        fingerprint=("command-tree-out-of-sync",),
    ),
    # Discord's answers.
    Rule((discord.HTTPException,), N, "ok", codes=LOST_DM),
    Rule((discord.HTTPException,), B, "permission_denied", codes=EXPECTED),
    Rule((discord.NotFound,), B, "not_found", codes=VANISHED),
    Rule(
        (discord.NotFound,),
        W,
        "deadline_exceeded",
        codes=frozenset({10062}),
        fingerprint=("interaction-expired",),
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
        (commands.ExtensionNotFound, commands.ExtensionAlreadyLoaded, commands.ExtensionNotLoaded),
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


def unwrap(error: BaseException) -> BaseException:
    """Find what the wrappers of discord.py hold."""
    for _ in range(MAX_CHAIN):
        inner = read(error, "original")
        # What a flag's converter raised says no more than BadFlagArgument itself.
        if isinstance(error, commands.UserInputError) or not isinstance(inner, BaseException):
            break
        error = inner
    return error


def read(error: BaseException, name: str) -> Any:
    """Read an attribute that an error may have; judging an error never raises another."""
    try:
        return getattr(error, name, None)
    except Exception:  # noqa: BLE001  # a property of somebody's class
        return None


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and everything that it was made of.

    That is ``.original``, ``__cause__`` and the members of a group. Not ``__context__``: a bug in
    the code that handles a member's mistake is a bug.
    """
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < MAX_CHAIN:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [
            inner
            for inner in (read(one, "original"), one.__cause__, *_members(one))
            if isinstance(inner, BaseException)
        ]


def _members(error: BaseException) -> tuple[BaseException, ...]:
    return error.exceptions if isinstance(error, BaseExceptionGroup) else ()


def decide(error: BaseException) -> Decision:
    """Judge an error by its class, through its wrappers and causes.

    The error that the wrappers hold decides. Where no row but the last knows it, a cause that is
    known to be the member's fault decides: ``raise RuntimeError from BadArgument`` is one, too. A
    group is as bad as its worst member.
    """
    root = unwrap(error)
    if isinstance(root, BaseExceptionGroup):
        return _of_group(root)
    decision = _judge(root)
    if decision.verdict is Verdict.ERROR and not isinstance(root, commands.BadArgument):
        for cause in causes(root):
            # A time-out is made from a cancellation, and is none.
            if isinstance(cause, Exception) and not (of_cause := _judge(cause)).verdict.is_sent:
                return of_cause
    return decision


def _of_group(group: BaseExceptionGroup[BaseException]) -> Decision:
    decisions = [decide(member) for member in group.exceptions[:MAX_CHAIN]]
    worst = max(decisions, key=lambda one: list(Verdict).index(one.verdict))
    return replace(worst, root=group) if worst.verdict.is_sent else worst


def _judge(error: BaseException) -> Decision:
    code = read(error, "code")
    for rule in RULES:
        if (
            isinstance(error, rule.kinds)
            and (not rule.codes or (isinstance(code, int) and code in rule.codes))
            and rule.when(error)
        ):
            return Decision(rule.verdict, rule.status, error, rule.fingerprint)
    return Decision(Verdict.ERROR, "internal_error", error)


def is_expected(error: BaseException) -> bool:
    """Tell whether an error stays at home: the person who ran the command is answered kindly."""
    return not decide(error).verdict.is_sent

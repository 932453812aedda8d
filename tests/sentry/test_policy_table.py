"""Every kind of error, built as its library builds it: what is done about it, and the status."""

from __future__ import annotations

import asyncio
import inspect
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import httpx
import pytest
from discord import app_commands
from discord.ext import commands
from pydantic import BaseModel

from tux.services.sentry.policy import causes, decide, is_expected, unwrap
from tux.services.sentry.policy_rules import Verdict
from tux.shared import exceptions as own

if TYPE_CHECKING:
    from collections.abc import Callable

NEVER, BREADCRUMB, WARNING, ERROR, FATAL = Verdict
INVALID, DENIED, BUSY = "invalid_argument", "permission_denied", "resource_exhausted"


def http(
    kind: type[discord.HTTPException], status: int, code: int = 0, text: str = ""
) -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason="no")
    return kind(response, {"code": code, "message": text})


def from_cause(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


def closed(code: int) -> discord.ConnectionClosed:
    return discord.ConnectionClosed(SimpleNamespace(close_code=code), shard_id=0)  # type: ignore[arg-type]  # all that it reads


def transformer(cause: BaseException | None) -> app_commands.TransformerError:
    kind = discord.AppCommandOptionType.string
    error = app_commands.TransformerError("x", kind, SimpleNamespace(_error_display_name="X"))  # type: ignore[arg-type]  # all that it reads
    error.__cause__ = cause
    return error


def api_status(status: int) -> httpx.HTTPStatusError:
    request = httpx.Request("GET", "https://api.example/thing")
    return httpx.HTTPStatusError(
        "refused", request=request, response=httpx.Response(status, request=request)
    )


def pydantic_error() -> Exception:
    class Form(BaseModel):
        age: int

    try:
        Form.model_validate({"age": "old"})
    except ValueError as error:
        return error
    raise AssertionError


class ValidationError(Exception):
    """Of somebody's library."""


class RateLimitError(Exception):
    """Of somebody's library."""


PARAM = commands.Parameter("member", inspect.Parameter.POSITIONAL_OR_KEYWORD)
FLAG = commands.Flag(name="days")
COOLDOWN = commands.Cooldown(1, 60)
PLACE = SimpleNamespace(mention="#general", id=1)
COMMAND = SimpleNamespace(name="ban", qualified_name="ban", callback=SimpleNamespace(__name__="b"))
BAD_TYPE: Any = commands.BadArgument("no number")
BUG = ZeroDivisionError("division by zero")
SOCKET: Any = SimpleNamespace(host="h", port=1, ssl=False)

CASES: list[tuple[BaseException, Verdict, str]] = [
    (commands.CommandNotFound("no such"), NEVER, "not_found"),
    (commands.DisabledCommand("off"), NEVER, "not_found"),
    (asyncio.CancelledError(), NEVER, "cancelled"),
    (KeyboardInterrupt(), NEVER, "cancelled"),
    (SystemExit(0), NEVER, "cancelled"),
    # What the member typed.
    (commands.UserInputError("no"), BREADCRUMB, INVALID),
    (commands.MissingRequiredArgument(PARAM), BREADCRUMB, INVALID),
    (commands.MissingRequiredAttachment(PARAM), BREADCRUMB, INVALID),
    (commands.TooManyArguments("no"), BREADCRUMB, INVALID),
    (commands.BadArgument("no"), BREADCRUMB, INVALID),
    (commands.MemberNotFound("pingu"), BREADCRUMB, INVALID),
    (commands.UserNotFound("pingu"), BREADCRUMB, INVALID),
    (commands.GuildNotFound("x"), BREADCRUMB, INVALID),
    (commands.MessageNotFound("x"), BREADCRUMB, INVALID),
    (commands.ChannelNotFound("x"), BREADCRUMB, INVALID),
    (commands.ChannelNotReadable(PLACE), BREADCRUMB, INVALID),  # type: ignore[arg-type]  # all that it reads
    (commands.ThreadNotFound("x"), BREADCRUMB, INVALID),
    (commands.RoleNotFound("x"), BREADCRUMB, INVALID),
    (commands.EmojiNotFound("x"), BREADCRUMB, INVALID),
    (commands.PartialEmojiConversionFailure("x"), BREADCRUMB, INVALID),
    (commands.GuildStickerNotFound("x"), BREADCRUMB, INVALID),
    (commands.ScheduledEventNotFound("x"), BREADCRUMB, INVALID),
    (commands.BadColourArgument("x"), BREADCRUMB, INVALID),
    (commands.BadInviteArgument("x"), BREADCRUMB, INVALID),
    (commands.BadBoolArgument("x"), BREADCRUMB, INVALID),
    (commands.RangeError(9, 1, 5), BREADCRUMB, INVALID),
    (commands.TooManyFlags(FLAG, ["1", "2"]), BREADCRUMB, INVALID),
    (commands.BadFlagArgument(FLAG, "x", ValueError("x")), BREADCRUMB, INVALID),
    (commands.MissingRequiredFlag(FLAG), BREADCRUMB, INVALID),
    (commands.MissingFlagArgument(FLAG), BREADCRUMB, INVALID),
    (commands.BadUnionArgument(PARAM, (int,), [BAD_TYPE]), BREADCRUMB, INVALID),
    (commands.BadLiteralArgument(PARAM, ("a",), [BAD_TYPE], "b"), BREADCRUMB, INVALID),
    (commands.UnexpectedQuoteError('"'), BREADCRUMB, INVALID),
    (commands.InvalidEndOfQuotedStringError("x"), BREADCRUMB, INVALID),
    (commands.ExpectedClosingQuoteError('"'), BREADCRUMB, INVALID),
    (from_cause(commands.BadArgument("no"), ValueError("x")), BREADCRUMB, INVALID),
    (from_cause(commands.BadArgument("no"), commands.BadArgument("x")), BREADCRUMB, INVALID),
    (from_cause(commands.BadArgument("no"), BUG), ERROR, "internal_error"),
    (commands.ConversionError(commands.MemberConverter(), BUG), ERROR, "internal_error"),
    (transformer(None), BREADCRUMB, INVALID),
    (transformer(BUG), ERROR, "internal_error"),
    (pydantic_error(), BREADCRUMB, INVALID),
    (ValidationError("no"), BREADCRUMB, INVALID),
    (type("Below", (ValidationError,), {})("no"), BREADCRUMB, INVALID),
    # What the member may not do.
    (commands.CheckFailure("no"), BREADCRUMB, DENIED),
    (commands.CheckAnyFailure([], []), BREADCRUMB, DENIED),
    (commands.MissingPermissions(["ban_members"]), BREADCRUMB, DENIED),
    (commands.MissingRole(1), BREADCRUMB, DENIED),
    (commands.MissingAnyRole([1]), BREADCRUMB, DENIED),
    (commands.NotOwner("no"), BREADCRUMB, DENIED),
    (commands.NoPrivateMessage(), BREADCRUMB, DENIED),
    (commands.PrivateMessageOnly(), BREADCRUMB, DENIED),
    (commands.NSFWChannelRequired(PLACE), BREADCRUMB, DENIED),  # type: ignore[arg-type]  # all that it reads
    (app_commands.CheckFailure("no"), BREADCRUMB, DENIED),
    (app_commands.MissingPermissions(["ban_members"]), BREADCRUMB, DENIED),
    (app_commands.MissingRole(1), BREADCRUMB, DENIED),
    (app_commands.MissingAnyRole([1]), BREADCRUMB, DENIED),
    (app_commands.NoPrivateMessage(), BREADCRUMB, DENIED),
    (own.TuxPermissionError("Moderators only."), BREADCRUMB, DENIED),
    (commands.BotMissingPermissions(["ban_members"]), BREADCRUMB, "failed_precondition"),
    (commands.BotMissingRole(1), BREADCRUMB, "failed_precondition"),
    (commands.BotMissingAnyRole([1]), BREADCRUMB, "failed_precondition"),
    (app_commands.BotMissingPermissions(["ban_members"]), BREADCRUMB, "failed_precondition"),
    (commands.CommandOnCooldown(COOLDOWN, 9, commands.BucketType.user), BREADCRUMB, BUSY),
    (commands.MaxConcurrencyReached(1, commands.BucketType.user), BREADCRUMB, BUSY),
    (app_commands.CommandOnCooldown(app_commands.Cooldown(1, 60), 9), BREADCRUMB, BUSY),
    # Discord's answers.
    (http(discord.Forbidden, 403, 50013), BREADCRUMB, DENIED),
    (http(discord.Forbidden, 403, 50001), BREADCRUMB, DENIED),
    (http(discord.Forbidden, 403, 160002), BREADCRUMB, DENIED),
    (http(discord.HTTPException, 400, 50083), BREADCRUMB, DENIED),
    (http(discord.HTTPException, 400, 200000), BREADCRUMB, DENIED),
    (http(discord.HTTPException, 400, 30035), BREADCRUMB, DENIED),
    (http(discord.Forbidden, 403, 50007), NEVER, "ok"),
    (http(discord.Forbidden, 403, 50278), NEVER, "ok"),
    (http(discord.Forbidden, 403, 90001), NEVER, "ok"),
    (http(discord.NotFound, 404, 10008), BREADCRUMB, "not_found"),
    (http(discord.NotFound, 404, 10003), BREADCRUMB, "not_found"),
    (http(discord.NotFound, 404, 10007), BREADCRUMB, "not_found"),
    (http(discord.NotFound, 404, 10013), BREADCRUMB, "not_found"),
    (http(discord.NotFound, 404, 10026), BREADCRUMB, "not_found"),
    (http(discord.NotFound, 404, 10004), ERROR, "not_found"),
    (http(discord.NotFound, 404, 10062), WARNING, "deadline_exceeded"),
    (http(discord.HTTPException, 400, 40060), ERROR, "already_exists"),
    (
        discord.InteractionResponded(SimpleNamespace()),  # type: ignore[arg-type]  # all that it reads
        ERROR,
        "already_exists",
    ),
    (http(discord.HTTPException, 400, 50035), ERROR, INVALID),
    (http(discord.HTTPException, 400, 50006), ERROR, INVALID),
    (http(discord.HTTPException, 401), ERROR, "unauthenticated"),
    (http(discord.HTTPException, 401, 50027), ERROR, "unauthenticated"),
    (http(discord.HTTPException, 401, 50014), ERROR, "unauthenticated"),
    (http(discord.HTTPException, 429, 0, "rate limited"), FATAL, BUSY),
    (discord.RateLimited(9), BREADCRUMB, BUSY),
    (http(discord.DiscordServerError, 503), WARNING, "unavailable"),
    (http(discord.DiscordServerError, 503, 130000), WARNING, "unavailable"),
    (aiohttp.ServerDisconnectedError(), WARNING, "unavailable"),
    (aiohttp.ClientConnectorError(SOCKET, OSError("refused")), WARNING, "unavailable"),
    (discord.GatewayNotFound(), WARNING, "unavailable"),  # type: ignore[no-untyped-call]  # theirs
    # The bot as a whole.
    (discord.LoginFailure("no"), FATAL, "unauthenticated"),
    (discord.PrivilegedIntentsRequired(0), FATAL, "unauthenticated"),
    (discord.MissingApplicationID(), FATAL, "failed_precondition"),
    (closed(4004), FATAL, "unauthenticated"),
    (closed(4013), FATAL, "unauthenticated"),
    (closed(4014), FATAL, "unauthenticated"),
    (closed(4009), BREADCRUMB, "unavailable"),
    (closed(1000), BREADCRUMB, "unavailable"),
    (discord.gateway.ReconnectWebSocket(0), BREADCRUMB, "unavailable"),
    (app_commands.CommandNotFound("ban", []), WARNING, "not_found"),
    (app_commands.CommandSignatureMismatch(COMMAND), WARNING, "not_found"),  # type: ignore[arg-type]  # all that it reads
    (app_commands.CommandAlreadyRegistered("ban", None), ERROR, "internal_error"),
    (app_commands.CommandLimitReached(None, 100), ERROR, "internal_error"),
    (commands.CommandRegistrationError("ban"), ERROR, "internal_error"),
    (commands.ExtensionNotFound("x"), BREADCRUMB, "not_found"),
    (commands.ExtensionAlreadyLoaded("x"), BREADCRUMB, "not_found"),
    (commands.ExtensionNotLoaded("x"), BREADCRUMB, "not_found"),
    (commands.NoEntryPointError("x"), BREADCRUMB, "not_found"),
    (commands.ExtensionFailed("x", BUG), ERROR, "internal_error"),
    (
        commands.ExtensionFailed("x", own.TuxConfigurationError("KEY")),
        WARNING,
        "failed_precondition",
    ),
    (discord.InvalidData("x"), ERROR, "internal_error"),
    (discord.ClientException("x"), ERROR, "internal_error"),
    # Our own, and other APIs.
    (own.TuxError("x"), ERROR, "internal_error"),
    (own.TuxConfigurationError("KEY"), WARNING, "failed_precondition"),
    (own.TuxDatabaseConnectionError("x"), ERROR, "internal_error"),
    (own.TuxServiceError("s", "x"), ERROR, "internal_error"),
    (own.TuxAPIConnectionError("xkcd", "/1"), ERROR, "unavailable"),
    (own.TuxAPIPermissionError("xkcd", "/1", 403), BREADCRUMB, DENIED),
    (own.TuxAPIPermissionError("xkcd", "/1", 401), ERROR, "internal_error"),
    (own.TuxAPIRequestError("xkcd", "/1", 500), ERROR, "internal_error"),
    (own.TuxAPIResourceNotFoundError("xkcd", "/1"), BREADCRUMB, "not_found"),
    (api_status(429), BREADCRUMB, BUSY),
    (api_status(500), ERROR, "internal_error"),
    (http(discord.HTTPException, 503, 130000), WARNING, "unavailable"),
    (httpx.ConnectTimeout("x"), ERROR, "unavailable"),
    (RateLimitError("x"), BREADCRUMB, BUSY),
    (RuntimeError("You are being rate limited."), BREADCRUMB, BUSY),
    (RuntimeError("Rate-Limit reached"), BREADCRUMB, BUSY),
    (RuntimeError("ratelimit exceeded"), BREADCRUMB, BUSY),
    (RuntimeError("at any rate, limits"), ERROR, "internal_error"),
    (BUG, ERROR, "internal_error"),
    (ValueError("x"), ERROR, "internal_error"),
    (TimeoutError(), ERROR, "internal_error"),
]
WRAPPED: dict[str, Callable[[Any], BaseException]] = {
    "bare": lambda error: error,
    "prefix": commands.CommandInvokeError,
    "slash": lambda error: app_commands.CommandInvokeError(COMMAND, error),  # type: ignore[arg-type]  # all that it reads
    "hybrid": lambda error: commands.HybridCommandError(
        app_commands.CommandInvokeError(COMMAND, error)  # type: ignore[arg-type]  # all that it reads
    ),
    "nested": lambda error: commands.CommandInvokeError(commands.CommandInvokeError(error)),
}


@pytest.mark.parametrize("wrapper", WRAPPED)
@pytest.mark.parametrize(
    ("error", "verdict", "status"),
    CASES,
    ids=[f"{number}-{type(case[0]).__name__}" for number, case in enumerate(CASES)],
)
def test_table(error: BaseException, verdict: Verdict, status: str, wrapper: str) -> None:
    """A wrapper changes nothing about what is done with what it holds."""
    decision = decide(WRAPPED[wrapper](error))
    assert (decision.verdict, decision.status) == (verdict, status)


@pytest.mark.parametrize(
    ("error", "verdict", "status"),
    [case for case in CASES if not case[1].is_sent and isinstance(case[0], Exception)],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_cause_that_is_not_sent_decides(
    error: BaseException, verdict: Verdict, status: str
) -> None:
    """What is raised from a member's mistake is that mistake."""
    decision = decide(from_cause(RuntimeError("could not"), from_cause(OSError("no"), error)))
    assert (decision.verdict, decision.status) == (verdict, status)


def test_context_does_not_decide() -> None:
    """A bug in the code that handles a member's mistake is a bug."""
    error = RuntimeError("bug")
    error.__context__ = commands.BadArgument("no")
    assert decide(error).verdict is ERROR


def test_circles_end() -> None:
    """A chain that is a circle is walked once."""
    one, other = RuntimeError("one"), RuntimeError("other")
    one.__cause__, other.__cause__ = other, one
    assert list(causes(one)) == [one, other]
    assert decide(one).verdict is ERROR
    invoke = commands.CommandInvokeError(BUG)
    invoke.original = invoke
    assert unwrap(invoke) is invoke
    first, second = commands.CommandInvokeError(BUG), commands.CommandInvokeError(BUG)
    first.original, second.original = second, first
    assert decide(first).verdict is ERROR


def test_long_chains_end() -> None:
    """A chain of a thousand causes is judged by its first."""
    error: BaseException = RuntimeError("innermost")
    for number in range(1000):
        error = from_cause(RuntimeError(str(number)), error)
    assert decide(error).verdict is ERROR


def test_hostile_errors_are_errors() -> None:
    """A class that cannot even be read is an error, and breaks nothing."""

    class HostileError(Exception):
        @property
        def original(self) -> object:
            raise RuntimeError("no")

        @property
        def code(self) -> object:
            raise RuntimeError("no")

        def __str__(self) -> str:
            raise RuntimeError("no")

    assert decide(HostileError()).verdict is ERROR
    assert list(causes(from_cause(HostileError(), BUG)))[1] is BUG


def test_fingerprints_are_of_kinds() -> None:
    """Outages, bans and expired interactions are one group each, wherever they strike."""
    prints = {
        decide(error).fingerprint
        for error in (http(discord.DiscordServerError, 500), aiohttp.ServerDisconnectedError())
    }
    assert prints == {("discord-outage",)}
    assert decide(http(discord.NotFound, 404, 10062)).fingerprint == ("interaction-expired",)
    assert decide(BUG).fingerprint == ()


def test_user_faults_are_what_is_not_sent() -> None:
    """The bot answers kindly just where nothing is sent."""
    assert is_expected(commands.CommandInvokeError(commands.BadArgument("no")))
    assert not is_expected(commands.CommandInvokeError(BUG))


@pytest.mark.parametrize(
    "error", [own.TuxPermissionError("x"), own.TuxAPIResourceNotFoundError("s", "/")]
)
def test_own_errors_agree_with_the_table(error: own.TuxError) -> None:
    """What says that it is the user's fault is not sent."""
    assert error.is_user_fault
    assert not decide(error).verdict.is_sent

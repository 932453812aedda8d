"""An error of a command → what the member reads. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands
from discord.ext import commands

from tux.services.sentry.policy import causes, decide, is_expected, unwrap
from tux.shared.exceptions import (
    TuxAPIError,
    TuxAPIPermissionError,
    TuxAPIResourceNotFoundError,
    TuxConfigurationError,
    TuxDatabaseConnectionError,
    TuxPermissionError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

NOT_REPORTED: Final = "Not reported: nothing is broken"
MAX_ANSWER: Final = 1000


def _rights(names: list[str]) -> str:
    return ", ".join(name.replace("_", " ").replace("guild", "server") for name in names)


def _of_argument(error: commands.MissingRequiredArgument) -> str:
    return f"`{error.param.displayed_name or error.param.name}` is missing."


def _cooldown(error: commands.CommandOnCooldown | app_commands.CommandOnCooldown) -> str:
    return f"Too fast: try again in {error.retry_after:.0f} s."


TEXTS: Final[tuple[tuple[type[BaseException], Callable[[Any], str]], ...]] = (
    (TuxPermissionError, lambda error: error.rule),
    (TuxAPIResourceNotFoundError, lambda error: f"{error.resource} was not found."),
    (TuxAPIPermissionError, lambda error: f"{error.service} does not let me see that."),
    (TuxAPIError, lambda error: f"{error.service} does not answer as it should. Try again later."),
    (TuxDatabaseConnectionError, lambda _: "The database is away right now. Try again later."),
    (TuxConfigurationError, lambda error: f"`{error.key}` is not set up. {error.hint}"),
    (commands.MissingRequiredArgument, _of_argument),
    (commands.MissingRequiredAttachment, _of_argument),
    (commands.TooManyArguments, lambda _: "That is more than the command takes."),
    (commands.UserNotFound, lambda _: "I know no such user."),
    (commands.MemberNotFound, lambda _: "Nobody of that name is in this server."),
    (commands.UserInputError, lambda error: str(error) or "I do not understand that."),
    (commands.CommandOnCooldown, _cooldown),
    (app_commands.CommandOnCooldown, _cooldown),
    (commands.MaxConcurrencyReached, lambda _: "This is running already. Wait until it ends."),
    (commands.NotOwner, lambda _: "Only the bot's owner may do that."),
    (commands.NoPrivateMessage, lambda _: "That works in a server only."),
    (app_commands.NoPrivateMessage, lambda _: "That works in a server only."),
    (
        commands.MissingPermissions,
        lambda error: f"You may not do that. It needs: {_rights(error.missing_permissions)}.",
    ),
    (
        app_commands.MissingPermissions,
        lambda error: f"You may not do that. It needs: {_rights(error.missing_permissions)}.",
    ),
    (
        commands.BotMissingPermissions,
        lambda error: f"I may not do that here. I need: {_rights(error.missing_permissions)}.",
    ),
    (
        app_commands.BotMissingPermissions,
        lambda error: f"I may not do that here. I need: {_rights(error.missing_permissions)}.",
    ),
    (app_commands.TransformerError, lambda error: f"`{error.value}` is not what I expected."),
    (commands.CheckFailure, lambda _: "You may not do that."),
    (
        app_commands.CommandNotFound,
        lambda _: "This command is not of this version any more. Try again in a minute.",
    ),
    (app_commands.CommandSignatureMismatch, lambda _: "This command has changed. Try it again."),
    (app_commands.CheckFailure, lambda _: "You may not do that."),
    (discord.Forbidden, lambda _: "Discord does not let me do that here."),
    (discord.NotFound, lambda _: "That is not there any more."),
    (discord.DiscordServerError, lambda _: "Discord has trouble right now. Try again later."),
)
"""The first class that fits speaks; an error without a row is answered in general words."""


def answer_to(error: BaseException, event_id: str | None) -> discord.Embed:
    """Write the answer to a command that failed.

    A mistake of the member is told kindly. Anything else is told without details, with the id of
    the event, which the member can quote to whoever runs the bot.
    """
    if is_expected(error):
        text = _text_of(decide(error).root) or "That did not work."
        embed = discord.Embed(
            title="That did not work", description=text[:MAX_ANSWER], colour=discord.Colour.gold()
        )
        return embed.set_footer(text=NOT_REPORTED)
    # A cause may say more than its wrapper: a service that re-raised, say.
    texts = (_text_of(one) for one in causes(unwrap(error)))
    text = next((text for text in texts if text), "The error has been noted.")
    embed = discord.Embed(
        title="Something went wrong", description=text[:MAX_ANSWER], colour=discord.Colour.red()
    )
    return embed.set_footer(text=f"Event ID {event_id}") if event_id else embed


def _text_of(error: BaseException) -> str | None:
    for kind, text in TEXTS:
        if isinstance(error, kind):
            return discord.utils.escape_mentions(text(error))
    return None

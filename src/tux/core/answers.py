"""Telling a member that a command failed: once, and never failing at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands
from loguru import logger

from tux.core.context import TuxContext
from tux.core.errors import answer_to
from tux.core.feedback import button_for
from tux.services.sentry import is_initialized
from tux.services.sentry.marks import Mark, mark_of
from tux.services.sentry.policy import causes, is_expected, unwrap
from tux.services.sentry.reporting import Details, report

if TYPE_CHECKING:
    from tux.core.bot import Tux


async def answer_context(ctx: commands.Context[Any], error: Exception) -> None:
    """Answer a prefix or hybrid command that failed; a word that is no command gets none."""
    if isinstance(error, commands.CommandNotFound):
        return
    event_id = _noted(error, str(ctx.command))
    mark = mark_of(causes(error))
    answered_at = ctx.answered_at if isinstance(ctx, TuxContext) else None
    if _has_answered_itself(mark, answered_at):
        return
    await _say(ctx.send(**_answer(error, event_id)))


class TuxTree(app_commands.CommandTree["Tux"]):
    """The slash commands, with the bot's own answers to errors."""

    async def interaction_check(self, interaction: discord.Interaction[Tux], /) -> bool:
        """Let every interaction pass; here its task begins."""
        interaction.client.at_work()
        return True

    async def on_error(
        self, interaction: discord.Interaction[Tux], error: app_commands.AppCommandError
    ) -> None:
        """Answer a slash command that failed, unless it has a handler of its own."""
        command = interaction.command
        if command is not None and command._has_any_error_handlers():  # noqa: SLF001  # discord.py's own on_error asks so
            return
        name = interaction.command.qualified_name if interaction.command else "an unknown command"
        event_id = _noted(error, name)
        mark, response = mark_of(causes(error)), interaction.response
        # A deferred response is not an answer yet.
        answered = response.type is discord.InteractionResponseType.channel_message
        if mark is not None and mark.by_code and answered:
            return
        answer = _answer(error, event_id)
        if response.is_done():
            await _say(interaction.followup.send(**answer))
        else:
            await _say(response.send_message(**answer))


def _answer(error: Exception, event_id: str | None) -> dict[str, Any]:
    """Give what is sent: below what was reported stands a button to say more."""
    answer = {"embed": answer_to(error, event_id), "ephemeral": True}
    if event_id is None or is_expected(error):
        return answer
    return {**answer, "view": button_for(event_id)}


def _noted(error: Exception, command: str) -> str | None:
    """Report an error, which may have been reported before, and tell it in the log."""
    event_id = report(error, Details(handled=False, by_code=False))
    mark = mark_of(causes(error))
    if mark is not None and mark.verdict.is_sent:
        if is_initialized():
            sent = f"event {event_id}" if event_id else "no event: held back by the limits"
            logger.warning("{} failed: {} ({})", command, type(unwrap(error)).__name__, sent)
        else:
            # Nobody else keeps the traceback.
            logger.opt(exception=error).error("{} failed", command)
    return event_id


def _has_answered_itself(mark: Mark | None, answered_at: float | None) -> bool:
    """Tell whether the command captured the error and then told the member about it."""
    return mark is not None and mark.by_code and answered_at is not None and answered_at >= mark.at


async def _say(answer: Any) -> None:
    try:
        await answer
    except discord.HTTPException as error:
        # The channel is gone, the interaction too old: the error itself is reported already.
        logger.warning("an error could not be answered: {}", type(error).__name__)

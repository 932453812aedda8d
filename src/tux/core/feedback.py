"""The button below "Something went wrong": what a member has to say reaches whoever runs the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

import discord
from discord.ext import commands

from tux.services.sentry import capture_feedback

if TYPE_CHECKING:
    import re

    from tux.core.bot import Tux

MAX_WORDS: Final = 1000
_TIMES, _SECONDS = 3, 60.0
Limit: TypeAlias = commands.CooldownMapping[discord.Interaction[Any]]


def feedback_limit() -> Limit:
    """Make what a bot counts by how often each member has said something."""
    return Limit.from_cooldown(_TIMES, _SECONDS, lambda interaction: interaction.user.id)


class FeedbackForm(discord.ui.Modal, title="Tell us what happened"):
    """Asks for a few words, and sends them with the event that they are about."""

    words: discord.ui.TextInput[Self] = discord.ui.TextInput(
        label="What did you do, and what did you expect?",
        custom_id="words",
        style=discord.TextStyle.paragraph,
        max_length=MAX_WORDS,
    )

    def __init__(self, event_id: str | None = None) -> None:
        # With an id of its own each: discord.py knows forms by it, and two may be open at once.
        super().__init__()
        self._event_id = event_id

    async def on_submit(self, interaction: discord.Interaction[Tux], /) -> None:  # type: ignore[override]  # only our bot opens it
        """Send the words; somebody who sends many is asked to wait."""
        if interaction.client.feedback_limit.update_rate_limit(interaction):
            told = "That was a lot. Try again in a minute."
        elif capture_feedback(self.words.value, associated_event_id=self._event_id):
            told = "Thank you. Whoever runs this bot can read it now."
        else:
            told = "Thank you, but nobody would read it: this bot reports nothing at the moment."
        await interaction.response.send_message(told, ephemeral=True)


class FeedbackButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"tux:feedback:(?P<event>[0-9a-f]{32})"
):
    """Opens the form. The event's id is in the button, so that it outlives a restart."""

    def __init__(self, event_id: str) -> None:
        super().__init__(
            discord.ui.Button(
                label="Tell us what happened",
                style=discord.ButtonStyle.secondary,
                custom_id=f"tux:feedback:{event_id}",
            )
        )
        self._event_id = event_id

    @classmethod
    async def from_custom_id(
        cls,
        _interaction: discord.Interaction[Any],
        _item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """Make the button that somebody has pressed."""
        return cls(match["event"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        await interaction.response.send_modal(FeedbackForm(self._event_id))


def button_for(event_id: str) -> discord.ui.View:
    """Give the button as what goes with a message; nothing of it is remembered."""
    return discord.ui.View(timeout=None).add_item(FeedbackButton(event_id))

"""discord.py, watched: an integration for the official sentry-sdk."""

from tux.services.sentry.instrument.integration import DiscordIntegration

__all__ = ["DiscordIntegration"]

"""Another Discord than the real one: the local Discord of demos and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

if TYPE_CHECKING:
    from tux.shared.settings import DiscordSettings


def point_at(settings: DiscordSettings) -> None:
    """Send the REST calls and the gateway of this process to where the settings say."""
    if settings.api_url is not None:
        Route.BASE = settings.api_url.rstrip("/")
    if settings.gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = URL(settings.gateway_url)

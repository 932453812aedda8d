"""How the bot behaves, and how it asks others."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import field_validator
from pydantic_settings import NoDecode

from tux.shared.section import Positive, Section, listed


class BotSettings(Section):
    """How the bot behaves."""

    prefix: str = "!"
    """What a prefix command begins with."""
    owner_ids: Annotated[tuple[int, ...], NoDecode] = ()
    """User ids that may run the admin commands, comma-separated; by default the bot's owner."""
    extensions: Annotated[tuple[str, ...], NoDecode] = ()
    """Further modules to load after Tux's own, comma-separated."""
    log_level: Literal["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    """Least severe line that the log shows."""
    report_channel_id: int | None = None
    """Channel that members' reports go to."""
    shutdown_seconds: Positive = 10.0
    """Seconds that a clean stop may take."""

    @field_validator("owner_ids", "extensions", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (value,) if isinstance(value, int) else listed(value)


class HttpSettings(Section):
    """The shared client for external HTTP APIs."""

    timeout: Positive = 10.0
    """Seconds that one request may take, all in all."""
    xkcd_url: str = "https://xkcd.com"
    """Base address of the comics that the ``xkcd`` command shows."""

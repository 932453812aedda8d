"""Which project of Sentry is ours, and what ``tux watch apply`` sets there beside the definitions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from tux.shared.section import Section, listed

InboundFilter = Literal[
    "browser-extensions", "filtered-transaction", "legacy-browsers", "localhost", "web-crawlers"
]


class SentryAccount(Section):
    """Where events go, and where ``tux watch`` sets up what is watched.

    The names are sentry-cli's, too. They are checked where they are used: what another tool needs
    must not keep the bot from starting.
    """

    dsn: SecretStr | None = None
    """Where events go. Without it ``tux start`` runs the station beside the bot; with
    ``--no-station`` telemetry is off."""
    org: str | None = None
    """Slug of the organization in Sentry that ``tux watch`` sets up."""
    project: str | None = None
    """Slug of the project in it."""
    url: str = "https://sentry.io"
    """Sentry's own address: another for a self-hosted one, 26.7 or newer."""
    auth_token: SecretStr | None = None
    """Token of an internal integration, for ``tux watch``; docs/sentry.md names its scopes."""


class ProvisioningSettings(Section):
    """What ``tux watch apply`` sets in the project beside monitors, alerts and the dashboard."""

    scrubbing: bool = True
    """Whether Sentry's own scrubbing of the project is set, behind the one of the bot."""
    filters: Annotated[tuple[InboundFilter, ...], NoDecode] = ("localhost",)
    """Inbound filters that are switched on, comma-separated; others stay as they are."""
    key_count: Annotated[int, Field(ge=0)] = 0
    """Events that the client key takes in ``PROVISIONING_KEY_SECONDS``; 0 leaves it as it is."""
    key_seconds: Annotated[int, Field(ge=1, le=86_400)] = 60
    """Seconds that ``PROVISIONING_KEY_COUNT`` is for."""
    team: str | None = None
    """Team of Sentry that stands for every team of the definitions without ``sentry_team``."""
    discord_server: str = ""
    """Which of the Discord servers that Sentry's integration knows, by name, where it knows several."""

    @field_validator("filters", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return listed(value)

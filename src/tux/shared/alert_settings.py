"""Whom the station tells, and where: what ``tux.watch`` leaves open because it is secret or local."""

from __future__ import annotations

import json
from typing import Annotated, Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from tux.shared.section import Positive, Section

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


def _by_team(given: object) -> object:
    """Take one address for every team's, or JSON of team → address."""
    if not isinstance(given, str):
        return given
    if not given.lstrip().startswith("{"):
        return {"*": given}
    try:
        return json.loads(given)
    except ValueError:
        raise ValueError("is no JSON of team and address") from None


Addresses: TypeAlias = Annotated[dict[str, SecretStr], NoDecode, BeforeValidator(_by_team)]


class AlertSettings(Section):
    """Whom the station tells that an alert rule fires. The rules are below ``[watch]``."""

    look_seconds: Positive = 5.0
    """Seconds between two looks at the alert rules."""
    webhook_urls: Addresses = Field(default={})
    """Where alerts are posted as JSON: one address, or JSON of team to address (``*`` is every other
    team)."""
    webhook_secret: SecretStr | None = None
    """Key that posts are signed with (HMAC-SHA256)."""
    discord_urls: Addresses = Field(default={})
    """Discord webhooks that alerts go to: one address, or JSON of team to address."""
    smtp_url: SecretStr | None = None
    """Mail server, ``smtp://user:password@host:587`` (STARTTLS) or ``smtps://…:465``."""
    email_to: Annotated[dict[str, str], NoDecode, BeforeValidator(_by_team)] = Field(default={})
    """Who is mailed, comma-separated: for every team, or JSON of team to addresses."""
    email_from: str = "tux@localhost"
    """Sender of the mails."""

    @field_validator("webhook_urls", "discord_urls")
    @classmethod
    def _web(cls, given: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for team, url in given.items():
            _check(url, ("http", "https"), f"the address for {team}")
        return given

    @field_validator("smtp_url")
    @classmethod
    def _mail(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            _check(given, ("smtp", "smtps"), "the address")
        return given


def _check(url: SecretStr, schemes: tuple[str, ...], what: str) -> None:
    """Refuse what is no address, without a word of it."""
    try:
        parts = urlsplit(url.get_secret_value())
        is_fine = parts.scheme in schemes and parts.hostname and (parts.port or 1)
    except ValueError:
        is_fine = False
    if not is_fine:
        raise ValueError(f"{what} is no {' or '.join(schemes)} URL")

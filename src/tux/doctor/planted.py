"""Secrets that are planted into the samples: made anew each time, and those of the bot's settings."""

from __future__ import annotations

import base64
import json
import secrets
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from tux.shared.settings import Settings

_LETTERS: Final = string.ascii_letters + string.digits
USER_ID: Final = 814023571192053760
"""Of the member in the samples; it is told, as the privacy settings have it."""

MESSAGE: Final = "a member's message"


@dataclass(frozen=True, slots=True)
class Planted:
    """One secret, and the text in which it is brought to a sample."""

    name: str
    secret: str
    """What must not be found in what leaves."""
    text: str


def planted(settings: Settings) -> dict[str, Planted]:
    """Make one of each kind; by its name."""
    token = f"{_base64(str(USER_ID))}.{_random(6)}.{_random(38)}"
    password, key, hook, interaction = _random(18), _random(40), _random(68), _random(120)
    jwt = f"{_base64({'alg': 'HS256'})}.{_base64({'sub': _random(9)})}.{_random(43)}"
    mail, address = (
        f"{_random(9).lower()}@penguins.example",
        f"203.0.113.{secrets.randbelow(200) + 20}",
    )
    words = f"my sister {_random(12)} is ill"
    made = (
        Planted("Discord bot token", token, f"Authorization: Bot {token}"),
        Planted(
            "webhook token", hook, f"POST https://discord.com/api/v10/webhooks/{USER_ID}/{hook}"
        ),
        Planted(
            "interaction token",
            interaction,
            f"/api/v10/interactions/{USER_ID}/{interaction}/callback",
        ),
        Planted("database password", password, f"postgresql://tux:{password}@db.example/tux"),
        Planted("API key in a header", key, f"x-api-key: {key}"),
        Planted("session of a web page", jwt, f"Cookie: session={jwt}"),
        Planted("e-mail address", mail, f"no account for {mail}"),
        Planted("IP address", address, f"refused by {address}"),
        Planted("card number", "4111 1111 1111 1111", "paid with 4111 1111 1111 1111"),
        Planted(MESSAGE, words, words),
    )
    return {one.name: one for one in (*made, *_own(settings))}


def _own(settings: Settings) -> list[Planted]:
    """Plant the bot's real secrets: that they stay at home is what it is about."""
    found: list[Planted] = []
    if settings.discord.token is not None:
        token = settings.discord.token.get_secret_value()
        found.append(Planted("DISCORD_TOKEN", token, f"logging in with {token}"))
    url = settings.database.url.get_secret_value()
    password = urlsplit(url).password
    if password:
        found.append(Planted("password of DATABASE_URL", unquote(password), f"connecting to {url}"))
    return found


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _base64(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

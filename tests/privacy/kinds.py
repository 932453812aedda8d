"""All kinds of secrets and personal data: name → how to make one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.privacy import (
    kinds_credentials,
    kinds_discord,
    kinds_keys,
    kinds_personal,
    kinds_spellings,
)
from tests.privacy.samples import Sample, alone

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

OWN_PASSWORD = 'correct "hörse\\battery/Stäple'
"""With all that is spelled otherwise between quotes."""
OWN_TOKEN = "opaque.value-of-our-own_settings"
SETTINGS = (OWN_TOKEN, f"postgresql+asyncpg://tux:{quote(OWN_PASSWORD, safe='')}@db/tux")
"""Secrets of our own settings; no shape tells them."""


def _own_in_prose(chance: Random) -> Sample:
    return Sample(f"{chance.choice('abc')} tried {OWN_PASSWORD} there", (OWN_PASSWORD,))


KINDS: dict[str, Callable[[Random], Sample]] = {
    **kinds_discord.KINDS,
    **kinds_keys.KINDS,
    **kinds_credentials.KINDS,
    **kinds_personal.KINDS,
    **kinds_spellings.KINDS,
    "own token": alone(lambda _: OWN_TOKEN),
    "own password": _own_in_prose,
}

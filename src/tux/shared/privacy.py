"""The settings of what leaves of people, and what the scrubber removes and keeps besides its rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import SecretStr, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from tux.shared.patterns import compiled
from tux.shared.section import Section, listed

Strings = Annotated[tuple[str, ...], NoDecode]
UserForm = Literal["id", "id+name", "hash"]


class PrivacySettings(Section):
    """What leaves of people, and what the scrubber removes and keeps besides its rules."""

    user: UserForm = "id"
    """What is told of a user: ``id``, ``id+name``, or ``hash``, a keyed hash of the id, by which the
    same person stays one user and nobody without the key can tell who it is."""
    key: SecretStr | None = None
    """Key of the hashes; without it one is made at the first start and kept in ``PRIVACY_KEY_PATH``."""
    key_path: Path = Path("tux-data/privacy.key")
    """File that keeps the key of the hashes, readable by the bot's user only."""
    content: bool = False
    """Whether what members write may leave: message texts, reasons, embeds, and texts in the variables
    of stack traces."""
    names: Strings = ()
    """Further names whose values are removed, in any spelling and also within longer names,
    comma-separated: ``nickname, steam_id``."""
    patterns: Strings = ()
    """Further patterns that are removed from texts, in RE2's syntax: one, or several as JSON. Needs
    google-re2, which comes with Tux where it has wheels."""
    keep_names: Strings = ()
    """Names that say nothing of their values although a rule thinks so, comma-separated."""
    keep_values: Strings = ()
    """Values that are kept although a rule would remove them, comma-separated. Secrets of Tux's own
    settings are removed all the same."""

    @field_validator("names", "keep_names", "keep_values", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return listed(value)

    @field_validator("patterns", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        # A comma is a part of many patterns.
        return listed(value, separator=None)

    @field_validator("patterns")
    @classmethod
    def _can_be_used(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            compiled(value)
        except ValueError as error:
            raise PydanticCustomError("pattern", "{told}", {"told": str(error)}) from None
        return value

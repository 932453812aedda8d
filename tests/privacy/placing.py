"""How a text is brought to a place of an envelope, through the SDK itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sentry_sdk

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Place:
    """One place, and how a text gets there."""

    capture: Callable[[str], None]
    spell: Callable[[str], str] = str
    """How the SDK spells a text there."""
    takes_data: bool = False
    """Whether data may stand there instead of a text."""


PLACES: dict[str, Place] = {}


def place(
    name: str, spell: Callable[[str], str] = str, *, takes_data: bool = False
) -> Callable[[Callable[[str], None]], Callable[[str], None]]:
    """Enter a function that brings a text to a place."""

    def enter(capture: Callable[[str], None]) -> Callable[[str], None]:
        assert name not in PLACES
        PLACES[name] = Place(capture, spell, takes_data)
        return capture

    return enter


def scoped(write: Callable[[sentry_sdk.Scope], object]) -> None:
    """Send a message with what is written to its scope."""
    with sentry_sdk.new_scope() as scope:
        write(scope)
        sentry_sdk.capture_message("x")

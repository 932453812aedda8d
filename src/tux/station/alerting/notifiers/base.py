"""What a notifier is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SecretStr

    from tux.station.alerting.notices import Notice

SECONDS: Final = 10.0
"""Longest time that one attempt may take."""
ALL_TEAMS: Final = "*"


class Notifier(Protocol):
    """Tells one team in one way."""

    async def tell(self, notice: Notice) -> None:
        """Tell it, and return once the receiver has it.

        Raises:
            NotToldError: it did not take it.
        """


@dataclass(frozen=True, slots=True)
class Way:
    """A notifier for one team, and where it leads, in words that hold no secret."""

    place: str
    notifier: Notifier


def of_team(addresses: Mapping[str, SecretStr], team: str) -> str | None:
    """Find a team's address; that of ``*`` is everybody's."""
    found = addresses.get(team, addresses.get(ALL_TEAMS))
    return found.get_secret_value() if found is not None else None

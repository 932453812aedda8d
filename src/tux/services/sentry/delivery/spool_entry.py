"""One envelope that waits, on disk or in memory."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tux.shared.spool_line import NAMED

if TYPE_CHECKING:
    from pathlib import Path

    from tux.services.sentry.delivery.envelopes import Parcel


@dataclass(slots=True, eq=False)
class Entry:
    """One envelope that waits."""

    order: tuple[int, int]
    """Nanoseconds since the epoch and a number: when it was captured."""
    category: str
    id: str
    """The id of the parcel."""
    size: int
    path: Path | None
    """None while it is in memory only."""
    parcel: Parcel | None
    """None while it is on disk."""
    until: float = 0.0
    """Second of the monotonic clock at which it has waited too long."""
    refusals: int = 0
    """How often the receiver answered that it could not take it now."""
    leftover: Path | None = None
    """A file that says the same, to be removed with this."""
    fresh: Parcel | None = None
    """What was written to the file, until that has its name."""

    @property
    def name(self) -> str:
        """The name of its file, now or later."""
        return file_name(self.order, self.category, self.id)

    @property
    def known(self) -> Parcel | None:
        """What need not be read from the file."""
        return self.parcel or self.fresh

    def remove_leftover(self) -> None:
        """Remove what says the same, as far as the disk lets us."""
        if self.leftover is not None:
            with suppress(OSError):
                self.leftover.unlink()
            self.leftover = None


def file_name(order: tuple[int, int], category: str, id_: str) -> str:
    """Name the file of an envelope."""
    return f"{order[0]:020d}-{order[1]:010d}-{category}-{id_}{NAMED}"

"""When a crontab is due. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMED: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
LONGEST: Final = 200
"""Characters."""


@dataclass(frozen=True, slots=True)
class Crontab:
    """A schedule in the words of cron, in a zone of time."""

    words: str
    zone: tzinfo

    def following(self, moment: float) -> float | None:
        """Tell when it is due next after a moment; None where never again."""
        return next(self._from(moment), None)

    def before(self, moment: float, most: int) -> list[float]:
        """List when it was due until a moment, the latest first."""
        return list(islice(self._from(moment, is_backwards=True), most))

    def _from(self, moment: float, *, is_backwards: bool = False) -> Iterator[float]:
        begin = datetime.fromtimestamp(moment, UTC).astimezone(self.zone)
        for due in CronSim(self.words, begin, reverse=is_backwards):
            yield due.timestamp()


def crontab_of(written: str, zone: str) -> Crontab | None:
    """Read a crontab, a foreign client's; None where it is none. A zone that is not known is UTC."""
    words = _NAMED.get(written.strip(), written.strip())
    # What is remembered must not be as long as a client likes.
    return _read(words, zone[:LONGEST]) if len(words) <= LONGEST else None


@lru_cache(500)
def _read(words: str, zone: str) -> Crontab | None:
    try:
        CronSim(words, datetime.now(UTC))
    except CronSimError:
        return None
    return Crontab(words, _zone(zone))


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a file of the system, by a foreign name
        return UTC

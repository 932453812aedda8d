"""500 events of the real SDK on their way over our transport, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sentry_sdk
from tests.fakes.receiver import wait_until

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable

    from tests.fakes.telemetry import Telemetry
    from tests.faults.server import FaultServer

EVENTS = 500
PACE = 0.025
"""Seconds between two events that are paced: 400 of them take the 10 s of an outage."""
DURING = 400
"""Events that are captured while the fault lasts; the rest follows."""


DAY = 86_400
UNITS = {"year": 365 * DAY, "day": DAY, "hour": 3600, "second": 1}


def spoken(seconds: float) -> str:
    """Write a time in the largest unit of which it is a whole number."""
    unit, length = next(one for one in UNITS.items() if seconds % one[1] == 0)
    count = round(seconds / length)
    return f"{count} {unit}{'s' if count > 1 else ''}"


@dataclass(frozen=True)
class Accounts:
    """What was captured, and where it is."""

    captured: frozenset[str]
    arrived: Counter[str]
    lost: Counter[tuple[str, str]]

    @property
    def reported(self) -> int:
        """Events that client reports say were given up."""
        return sum(count for (category, _), count in self.lost.items() if category == "error")

    @property
    def missing(self) -> int:
        """Events of which nobody knows; less than none are counted twice."""
        return len(self.captured) - len(self.captured & set(self.arrived)) - self.reported

    @property
    def duplicates(self) -> int:
        """Arrivals beyond the first of each event."""
        return sum(self.arrived[id_] - 1 for id_ in self.captured if id_ in self.arrived)

    def __str__(self) -> str:
        """Put them in a line."""
        lost = {f"{category}/{reason}": count for (category, reason), count in self.lost.items()}
        return (
            f"{len(self.captured)} captured, {len(self.captured & set(self.arrived))} arrived, "
            f"{self.reported} reported lost {lost or ''}, {self.missing} missing, "
            f"{self.duplicates} twice"
        )


class Stage:
    """The SDK, its spool and a server that goes wrong."""

    def __init__(self, server: FaultServer, telemetry: Telemetry) -> None:
        self.server = server
        self.telemetry = telemetry
        self.captured: set[str] = set()

    def capture(self, count: int, *, pace: float = 0.0) -> None:
        """Capture so many errors; ``pace`` seconds pass after each."""
        for _ in range(count):
            number = len(self.captured)
            id_ = sentry_sdk.capture_message(f"failure {number}", level="error")
            assert id_ is not None
            self.captured.add(id_)
            self.telemetry.time.ahead += pace

    def restart(self) -> None:
        """End this run of the process, and begin the next."""
        self.telemetry.stop()
        self.telemetry.start()

    def accounts(self) -> Accounts:
        """Draw up what the server knows."""
        return Accounts(frozenset(self.captured), self.server.arrived, self.server.lost)

    def settle(self, *, passes: float = 61.0) -> Accounts:
        """Let time pass until every event is accounted for, or nothing more comes."""

        def settled() -> bool:
            self.telemetry.time.ahead += passes
            sentry_sdk.flush(0.05)
            return self.accounts().missing <= 0

        wait_until(settled)
        # What would come twice comes now.
        sentry_sdk.flush(5)
        return self.accounts()

    def check(self, name: str, *, lost: Iterable[tuple[str, str]] = (), twice: bool = False) -> str:
        """Hold that all is accounted for, and say how.

        Args:
            name: of the scenario.
            lost: (category, reason) for which a bound gives events up.
            twice: whether an answer was lost, and an event thus arrives again.
        """
        accounts = self.settle()
        told = f"{name}: {accounts}"
        assert accounts.missing == 0, told
        assert set(accounts.lost) == set(lost), told
        assert twice or accounts.duplicates == 0, told
        assert self.waiting() == 0, f"{told}; {self.waiting()} files are left"
        return told

    def is_drained(self) -> bool:
        """Wait until nothing waits."""

        def drained() -> bool:
            sentry_sdk.flush(0.2)
            return self.waiting() == 0

        return wait_until(drained)

    def waiting(self) -> int:
        """Count the files of the spool that hold an envelope."""
        return len(self.telemetry.waiting())

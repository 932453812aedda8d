"""Runs of commands: those that a bot has measured, or the transactions that are a sample of them.

A bot with Tux's layer tells by a metric of each run how it ended and how long it took, sampled or not;
one with the plain SDK sends transactions only. Of a command and a range those count that know more runs.
Whose runs they were, their tags and their steps are in transactions alone: there a page says how many of
those that ran that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.station.queries.histograms import Histograms, histograms
from tux.station.queries.metrics import told_runs
from tux.station.queries.remembering import once
from tux.station.rollups.outcomes import SUGGESTION, is_command
from tux.station.rollups.tally import COMMANDS, RAN, RAN_COMMAND, TRANSACTION

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from tux.station.queries.ranges import Range
    from tux.station.rollups.histogram import Bucket

NEARLY: Final = 0.9
"""Measured runs are taken where they are so many of the transactions: the newest come some seconds after
theirs, and a process that is killed keeps its last ones."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How much is known of what ran."""

    sampled: int
    """Commands of which there is a transaction: users, tags, traces and steps are of these."""
    ran: int
    """Commands that ran, as far as anything tells."""
    is_measured: bool
    """Whether counts, failures and durations are of all that ran, and not of what was sampled."""

    @property
    def is_partial(self) -> bool:
        """Whether more ran than was sampled."""
        return self.sampled < self.ran


def knows_more(measured: int, sampled: int) -> bool:
    """Tell whether figures are of measured runs, and not of transactions."""
    return measured > 0 and measured >= NEARLY * sampled


@once
def sampling(
    connection: sqlite3.Connection, span: Range, now: float, name: str | None = None
) -> Sampling:
    """Tell how much is known of all commands, or of the one of a name."""
    measured, sampled = _numbers(connection, span, now, name)
    found = work(connection, span, now, name)
    ran = number(_all({key: found[key] for key in found if is_command(key[1])}))
    if knows_more(measured, sampled):
        return Sampling(sampled, ran, is_measured=True)
    told = told_runs(connection, span, now) if name is None else measured
    return Sampling(sampled, max(ran, told), is_measured=False)


def kind_of_bars(
    connection: sqlite3.Connection, span: Range, now: float, name: str | None = None
) -> str:
    """Give the kind of series that a chart of all commands, or of what has a name, is of."""
    if knows_more(*_numbers(connection, span, now, name)):
        return RAN if name is None else RAN_COMMAND
    return COMMANDS if name is None else TRANSACTION


@once
def work(
    connection: sqlite3.Connection, span: Range, now: float, name: str | None = None
) -> Histograms:
    """Add up what ran, command by command from what knows more of it; the rest from transactions.

    What was suggested while somebody typed has the name of its command, and is left out beside its runs.
    """
    found = dict(histograms(connection, span, now, TRANSACTION, name))
    ops: dict[str, list[str]] = {}
    for command, op in found:
        ops.setdefault(command, []).append(op)
    for command, several in ops.items():
        if len(several) > 1:
            found.pop((command, SUGGESTION), None)
    for (command, _), buckets in histograms(connection, span, now, RAN_COMMAND, name).items():
        own = [op for op in ops.get(command, ()) if is_command(op)]
        sampled = number(bucket for op in own for bucket in found[command, op])
        if knows_more(number(buckets), sampled):
            for op in (*own, SUGGESTION):
                found.pop((command, op), None)
            found[command, max(own, default="command")] = buckets
    return found


def number(buckets: Iterable[Sequence[float]]) -> int:
    """Count the runs in buckets."""
    return int(sum(bucket[1] for bucket in buckets))


def _numbers(
    connection: sqlite3.Connection, span: Range, now: float, name: str | None
) -> tuple[int, int]:
    """Count what was measured, and what was sampled."""
    of_all, of_samples = (RAN, COMMANDS) if name is None else (RAN_COMMAND, TRANSACTION)
    measured = histograms(connection, span, now, of_all, name)
    sampled = histograms(connection, span, now, of_samples, name)
    return number(_all(measured)), number(
        _all({key: sampled[key] for key in sampled if name is None or is_command(key[1])})
    )


def _all(found: Histograms) -> Iterable[Bucket]:
    return (bucket for buckets in found.values() for bucket in buckets)

"""What the members did, held against what the station received. Pure: data in, rows out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tux.station.rollups import outcomes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.simulator import Deed


NOTICED_SECONDS = 0.5
"""Until a death is noticed, at most."""


@dataclass(frozen=True, slots=True)
class Received:
    """What the station has."""

    events: Sequence[dict[str, Any]] = ()
    """Rows of ``/data/events``."""
    transactions: Sequence[dict[str, Any]] = ()
    """Rows of ``/data/transactions``."""

    def runs(self) -> list[dict[str, Any]]:
        """Pick the transactions that are runs of commands."""
        return [row for row in self.transactions if row["op"].split(".")[0] == "command"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the closing table."""

    what: str
    done: int
    received: int | None
    """None where the station has nothing to hold against it."""
    agrees: bool
    remark: str = ""
    """How the two are held against each other, or why they differ."""
    words: tuple[str, str] = ("", "")
    """What the two numbers are of; the second is all there is where there is no number."""


@dataclass(slots=True)
class Ledger:
    """Everything that was done, in order, and when one of the three had to be started again."""

    done: list[Deed] = field(default_factory=list)
    restarts: list[float] = field(default_factory=list)
    """Of the bot and of the local Discord, which cut what is under way."""
    station_restarts: list[float] = field(default_factory=list)
    """They cut nothing: what is sent meanwhile waits for the next station."""

    def told(self) -> dict[str, Deed]:
        """Pick the failures whose id a member was told."""
        return {deed.event_id: deed for deed in self.done if deed.event_id}

    def answered(self) -> list[Deed]:
        """Pick what got an answer."""
        return [deed for deed in self.done if deed.outcome != "silent"]

    def unanswered(self) -> list[Deed]:
        """Pick what got none, for which only a restart is an excuse."""
        return [deed for deed in self.done if deed.outcome == "silent"]


def _excused(ledger: Ledger, cut_runs: Sequence[dict[str, Any]]) -> int:
    """Count the runs that a restart may have cut: under way when it came, or never answered."""
    cut = sum(
        any(deed.at <= moment <= deed.at + deed.seconds for moment in ledger.restarts)
        for deed in ledger.answered()
    )
    return cut + len(cut_runs) + (len(ledger.unanswered()) if ledger.restarts else 0)


def _cut(ledger: Ledger, runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pick the runs of which the members may tell nothing: a restart of theirs came in between."""
    return [
        row
        for row in runs
        if any(
            row["start"] <= moment <= row["start"] + row["duration"] / 1000 + NOTICED_SECONDS
            for moment in ledger.restarts
        )
    ]


def compare(ledger: Ledger, received: Received) -> tuple[Row, ...]:
    """Hold both sides against each other.

    Failures must agree to the id: each id that a member was told is an event that names this
    member and this command, and each event of a command was told. Runs must agree in number, save
    those that a restart cut while they were under way.
    """
    answered, told = ledger.answered(), ledger.told()
    runs = received.runs()
    cut_runs = _cut(ledger, runs)
    excused, cut_traces = _excused(ledger, cut_runs), {row["trace_id"] for row in cut_runs}
    events = {
        row["event_id"]: row
        for row in received.events
        if row["tags"].get("command")
        # A run that was cut may fail at its answer, too.
        and (row["event_id"] in told or row.get("trace_id") not in cut_traces)
    }
    matching = [
        deed
        for event_id, deed in told.items()
        if event_id in events
        and events[event_id]["user_id"] == str(deed.member_id)
        and events[event_id]["tags"]["command"] == deed.command
    ]
    failed_runs = [row for row in runs if row["status"] in FAILED]
    failures = [deed for deed in answered if deed.outcome == "failure"]
    hit = {deed.member_id for deed in told.values()}
    hit_received = {events[event_id]["user_id"] for event_id in told if event_id in events}
    unexpected = [deed for deed in answered if deed.outcome != deed.expected]
    note = "one transaction each"
    if excused:
        note += f", save {excused} that a restart cut, which may lack on either side"
    return (
        Row(
            "commands run",
            len(answered),
            len(runs),
            _near(len(answered), len(runs), excused),
            note,
            ("answered", "runs"),
        ),
        Row(
            "failures",
            len(failures),
            len(events),
            len(failures) == len(told) == len(matching) and _near(len(told), len(events), excused),
            "each by its id, member and command",
            ("told", "events"),
        ),
        Row(
            "failed runs",
            len(failures),
            len(failed_runs),
            _near(len(failures), len(failed_runs), excused),
            "by the status of its transaction",
            ("failed", "failed"),
        ),
        Row(
            *("members hit", len(hit), len(hit_received), len(hit) == len(hit_received)),
            "each by its id",
        ),
        Row(
            "mistakes of members",
            sum(deed.outcome == "user_error" for deed in answered),
            None,
            agrees=True,
            remark="answered: no errors of the bot",
            words=("made", "not sent"),
        ),
        Row(
            "not as the script expects",
            len(unexpected),
            None,
            not unexpected or bool(ledger.restarts),
            ", ".join(sorted({f"{deed.command}: {deed.outcome}" for deed in unexpected}))
            or "each command ended as it had to",
        ),
        Row(
            "unanswered",
            len(ledger.unanswered()),
            None,
            not ledger.unanswered() or bool(ledger.restarts),
            "each command got an answer"
            if not ledger.unanswered()
            else "only a restart excuses it",
        ),
    )


# The treasury's driver is an extra, and where it is not installed, that is the bot's fault.
FAILED = frozenset({*outcomes.FAILED, "failed_precondition"})
"""Span statuses that mean that the bot, not the member, is at fault."""


def _near(done: int, received: int, excused: int) -> bool:
    return abs(done - received) <= excused


def by_command(ledger: Ledger, received: Received) -> list[tuple[str, int, int, int, float]]:
    """List command, runs, runs received, failures and median seconds, most used first."""
    names = Counter(deed.command for deed in ledger.answered())
    arrived = Counter(row["name"] for row in received.runs())
    failures = Counter(deed.command for deed in ledger.done if deed.outcome == "failure")
    return [
        (
            name,
            count,
            arrived[name],
            failures[name],
            _median([deed.seconds for deed in ledger.answered() if deed.command == name]),
        )
        for name, count in names.most_common()
    ]


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]

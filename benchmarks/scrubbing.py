"""What it costs to remove secrets, beside the SDK's own scrubber, and how that grows."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from statistics import median
from time import thread_time_ns
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from sentry_sdk.scrubber import EventScrubber
from sentry_sdk.utils import json_dumps
from tests.privacy.hostile import UNITS
from tests.privacy.hostile import repeated as hostile

from benchmarks import events
from benchmarks.table import (
    NONE,
    NOT_JUDGED,
    TIMES,
    Asked,
    Row,
    Table,
    judged,
    ratio,
    spread,
    times,
)
from tux.services.sentry.identities import PrivateScrubber
from tux.services.sentry.privacy import NOBODY, own_rules, set_opted_out, set_privacy
from tux.services.sentry.scrubbing.known import KnownValues
from tux.services.sentry.scrubbing.scrubber import Scrubber
from tux.services.sentry.scrubbing.suspicion import Suspicion
from tux.shared.privacy import PrivacySettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Write = Callable[[Any], object]
    Make = Callable[[dict[str, Any], Random], dict[str, Any]]

SETTINGS = (
    "opaque.value-of-our-own_settings",
    "https://0123456789abcdef0123456789abcdef@sentry.example/1",
    "postgresql+asyncpg://tux:correct-horse-battery@db/tux",
)
OURS, PEER = "our scrubber", "SDK, `EventScrubber(recursive=True)`"
CLEAN, REALISTIC = 50.0, 1_000.0
DEFAULT = PrivacySettings()


@dataclass(frozen=True)
class Case:
    """What is in an event of 20 KB, and what is chosen about people."""

    name: str
    make: Make
    limit: float
    """How many µs it may take."""
    privacy: PrivacySettings = DEFAULT
    opted_out: int = 0
    """How many people have opted out whom no event names."""
    is_named: bool = False
    """Whether the one whom the event is about has opted out, too."""
    has_peer: bool = False


CASES = (
    Case("nothing to remove, texts seen before", events.repeated, CLEAN, has_peer=True),
    Case("nothing to remove, no text seen before", events.unseen, CLEAN, has_peer=True),
    Case("five secrets", events.with_secrets, REALISTIC, has_peer=True),
    Case("nothing to remove, 1,000 opted out", events.unseen, REALISTIC, opted_out=1_000),
    Case("who is named has opted out", events.unseen, REALISTIC, opted_out=1_000, is_named=True),
    Case("users leave as hashes", events.unseen, REALISTIC, PrivacySettings(user="hash", key=SecretStr("k" * 43))),
    Case("three patterns of one's own", events.unseen, REALISTIC, PrivacySettings(patterns=(r"IG-\d{4}", r"igloo \w+", r"(?i)penguin\s+\d+"))),
)  # fmt: skip
MOST_HOSTILE = 5_000.0
MOST_GROWTH = 2.0
NOTE = (
    "In µs of CPU of one thread. Over the SDK's writer: what scrubbing and serialising take together, less "
    "what the SDK's serialising alone takes in the same turn; ours writes with a quicker writer and may be "
    "below zero. Together: the same with nothing taken off, which is what is compared with the SDK's. "
    "The look alone: the search for anything "
    "suspicious in what has been written. Each event of 20 KB is a new one, from a command that failed in "
    "discord.py, with 50 breadcrumbs; ids and times are its own. The SDK's scrubber looks at names only. "
    f"Hostile: {len(UNITS)} texts of 20 KB, each the beginning of a pattern over and over; the slowest. "
    "Growth: what a KB of 1 MB takes, of what one of 20 KB does, without a text that was there before."
)


def run(asked: Asked) -> Table:
    """Measure events, hostile texts and growth."""
    made, count = events.template(), 3 if asked.is_quick else 200
    rows = []
    for case in CASES:
        ours, theirs = _events(case, made, count)
        share = times(ratio(median(ours.together), median(theirs.together)))
        verdict = judged(median(ours.over), case.limit, " µs")
        rows.append(Row(f"{case.name}: {OURS}", (*_figures(ours), share, *verdict)))
        if case.has_peer:
            rows.append(Row(f"{case.name}: {PEER}", (*_figures(theirs), NONE, *NOT_JUDGED)))
    looked = _looks(made, count)
    verdict = judged(median(looked), CLEAN, " µs")
    rows.append(
        Row("nothing to remove, no text seen before: the look alone", (*_alone(looked), *verdict))
    )
    unit, slowest = _slowest(UNITS[::40] if asked.is_quick else UNITS)
    verdict = judged(slowest, MOST_HOSTILE, " µs")
    rows.append(Row(f"hostile, slowest (`{unit!r}`)", (*_alone([slowest]), *verdict)))
    grown = _growth(20_000, 100_000 if asked.is_quick else 1_000_000)
    verdict = judged(grown, MOST_GROWTH, TIMES)
    rows.append(Row("growth", (NONE, NONE, times(grown), NONE, *verdict)))
    columns = ("over the SDK's writer", "middle half", "together", "of the SDK's", "target", "met")
    return Table("Scrubbing", NOTE, columns, rows)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one scrubber took, event by event, in µs."""

    together: list[float] = field(default_factory=list)
    """With serialising."""
    over: list[float] = field(default_factory=list)
    """Less what the SDK's serialising of the same event takes."""


def _figures(taken: Taken) -> tuple[str, str, str]:
    return f"{median(taken.over):.1f}", spread(taken.over), f"{median(taken.together):.1f}"


def _alone(values: list[float]) -> tuple[str, str, str, str]:
    """Write figures from which nothing is taken off."""
    return NONE, spread(values), f"{median(values):.1f}", NONE


@contextmanager
def _chosen(case: Case) -> Iterator[set[int]]:
    """Let the choices of a case hold, and give the set of who has opted out."""
    chance = Random(11)  # noqa: S311  # others than in the events
    gone = {chance.randrange(10**17, 10**18) for _ in range(case.opted_out)}
    set_privacy(case.privacy)
    set_opted_out(gone)
    yield gone
    set_privacy(DEFAULT)
    set_opted_out(NOBODY)


def _events(case: Case, made: dict[str, Any], count: int) -> tuple[Taken, Taken]:
    """Let both look at the same events, in turns; the first few are not counted."""
    chance = Random(7)  # noqa: S311  # the same events each time
    peer = EventScrubber(recursive=True)

    def theirs(event: dict[str, Any]) -> bytes:
        peer.scrub_event(event)  # type: ignore[arg-type]  # the SDK's own type of the same
        return json_dumps(event)

    ours_taken, theirs_taken = Taken(), Taken()
    with _chosen(case) as gone:
        scrubber = PrivateScrubber(SETTINGS, own_rules())
        for number in range(count * 2):
            event = case.make(made, chance)
            named = {int(event["user"]["id"])} if case.is_named else set()
            gone.update(named)
            # The SDK's writes into the event.
            again = copy.deepcopy(event)
            alone = _taken(json_dumps, event)
            ours, others = _taken(scrubber.serialised, event), _taken(theirs, again)
            gone.difference_update(named)
            if number >= count:
                for taken, one in ((ours_taken, ours), (theirs_taken, others)):
                    taken.together.append(one)
                    taken.over.append(one - alone)
    return ours_taken, theirs_taken


def _looks(made: dict[str, Any], count: int) -> list[float]:
    """Look at events as they are written, each after all else that is done with one."""
    chance, taken = Random(13), []  # noqa: S311  # the same events each time
    scrubber, looking = Scrubber(SETTINGS), Suspicion(KnownValues(SETTINGS).blocks, ())
    for _ in range(count * 2):
        event = events.unseen(made, chance)
        json_ = scrubber.serialised(event)
        json_dumps(event)
        taken.append(_taken(looking.is_clean, json_))
    return taken[count:]


def _taken(write: Write, event: Any) -> float:
    began = thread_time_ns()
    write(event)
    return (thread_time_ns() - began) / 1000


def _slowest(units: tuple[str, ...]) -> tuple[str, float]:
    """Look at each three times by a scrubber that has not seen it, and take its best."""
    taken = {
        unit: min(
            _taken(Scrubber(SETTINGS).serialised, {"message": hostile(unit, 20_000)})
            for _ in range(3)
        )
        for unit in units
    }
    unit = max(taken, key=taken.__getitem__)
    return unit, taken[unit]


def _growth(small: int, large: int) -> float:
    def per_kb(size: int) -> float:
        chance = Random(size)  # noqa: S311  # the same events each time
        made = events.template()
        many = [events.unseen(made, chance) for _ in range(max(1, size // 20_000))]
        data = {"extra": {str(number): one for number, one in enumerate(many)}}
        size = len(json_dumps(data))
        return median(_taken(Scrubber(SETTINGS).serialised, data) for _ in range(5)) / size

    return ratio(per_kb(large), per_kb(small))

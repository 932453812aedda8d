"""What the limiter lets pass, by a clock that the test holds."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tux.services.sentry import should_capture_error
from tux.services.sentry.limiting import (
    MAX_FINGERPRINTS,
    NEW_KINDS,
    Limiter,
    Limits,
    MinuteBudget,
    Suppressed,
    fingerprint_of,
)
from tux.services.sentry.reporting import figures, set_limits
from tux.shared.settings import SentrySettings

if TYPE_CHECKING:
    from collections.abc import Callable

LIMITS = Limits(burst=5, period=10, total_burst=50, total_rate=5)
UNLIMITED = 10**9


@dataclass
class Clock:
    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def limiter(clock: Clock, limits: Limits = LIMITS) -> Limiter:
    return Limiter(limits, clock)


def passed(limiter: Limiter, times: int, kind: object = "kind") -> int:
    return sum(limiter.admit((kind,)) is not None for _ in range(times))


def test_burst() -> None:
    """Five of one kind pass at once, and no more."""
    assert passed(limiter(Clock()), 1000) == 5


def test_refill() -> None:
    """One more passes for each period, and never more than a burst."""
    clock = Clock()
    one = limiter(clock)
    passed(one, 100)
    clock.now += 9.9
    assert passed(one, 10) == 0
    clock.now += 0.2
    assert passed(one, 10) == 1
    clock.now += 20
    assert passed(one, 10) == 2
    clock.now += 86_400
    assert passed(one, 10) == 5


def test_clock_that_goes_back() -> None:
    """A clock that is set back takes nothing away and gives nothing."""
    clock = Clock()
    one = limiter(clock)
    assert passed(one, 3) == 3
    clock.now -= 3600
    assert passed(one, 10) == 2


def test_total() -> None:
    """Known kinds share what all may send together."""
    clock = Clock()
    one = limiter(clock, Limits(burst=10, period=1000, total_burst=20, total_rate=1))
    assert [passed(one, 10, kind) for kind in "abc"] == [10, 10, 1]
    clock.now += 3
    # A new kind takes of the common budget while there is any.
    assert passed(one, 10, "c") == 3


def test_new_kind_passes_in_a_storm() -> None:
    """The first of a kind passes although the common budget is spent; its second does not."""
    one = limiter(Clock(), Limits(burst=100, period=1000, total_burst=10, total_rate=0.001))
    assert passed(one, 100, "storm") == 10
    assert passed(one, 100, "new") == 1


def test_new_kinds_are_limited_too() -> None:
    """A storm in which every error is of a new kind is a storm all the same."""
    clock = Clock()
    one = limiter(clock)
    count = sum(passed(one, 1, kind) for kind in range(10_000))
    assert count == LIMITS.total_burst + NEW_KINDS
    clock.now += 1
    assert sum(passed(one, 1, kind) for kind in range(10_000, 20_000)) == LIMITS.total_rate + 1


def test_always() -> None:
    """What must not be held back passes with empty buckets, and takes a token where there is one."""
    one = limiter(Clock())
    assert all(one.admit(("fatal",), always=True) is not None for _ in range(200))
    assert one.suppressed == 0
    assert passed(one, 10, "fatal") == 0


def test_suppressed_is_told_once() -> None:
    """The next of a kind that passes says how many were held back since when; the one after, none."""
    clock = Clock()
    one = limiter(clock)
    first = one.admit(("kind",))
    passed(one, 4)
    clock.now += 1
    passed(one, 10)
    clock.now += 3
    passed(one, 10)
    clock.now += 100
    assert first == Suppressed(0, 0.0)
    assert one.admit(("kind",)) == Suppressed(20, 1_000_001.0)
    assert one.admit(("kind",)) == Suppressed(0, 0.0)
    assert one.suppressed == 20


def test_bounded() -> None:
    """So many kinds are remembered, the latest used; the count of all that was held back is whole."""
    one = limiter(Clock())
    for number in range(5 * MAX_FINGERPRINTS):
        one.admit((number,))
        one.admit(("kept",))
    assert len(one._kinds) == MAX_FINGERPRINTS
    assert ("kept",) in one._kinds
    passes = 10 * MAX_FINGERPRINTS - one.suppressed
    assert passes == LIMITS.total_burst + NEW_KINDS


def test_threads() -> None:
    """Threads together get no more than one would."""
    one = limiter(Clock())
    counts: list[int] = []
    start = threading.Barrier(8)

    def storm() -> None:
        start.wait()
        counts.append(passed(one, 500))

    threads = [threading.Thread(target=storm) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 5
    assert one.suppressed == 8 * 500 - 5


@given(
    steps=st.lists(
        st.tuples(st.floats(0, 100), st.integers(0, 3), st.integers(1, 20)), max_size=30
    ),
    burst=st.integers(1, 10),
    period=st.floats(0.5, 60),
)
def test_never_more_than_promised(
    steps: list[tuple[float, int, int]], burst: int, period: float
) -> None:
    """Whatever comes when, no kind passes oftener than its burst and periods allow."""
    clock = Clock()
    one = Limiter(Limits(burst, period, UNLIMITED, UNLIMITED), clock)
    counts, told = dict.fromkeys(range(4), 0), 0
    for wait, kind, times in steps:
        clock.now += wait
        for _ in range(times):
            before = one.admit((kind,))
            if before is not None:
                counts[kind] += 1
                told += before.count
    elapsed = clock.now - Clock().now
    assert all(count <= burst + elapsed / period + 1e-6 for count in counts.values())
    untold = sum(kind.count for kind in one._kinds.values())
    assert told + untold == one.suppressed


def bug(text: str) -> Exception:
    with pytest.raises(RuntimeError) as caught:
        raise RuntimeError(text)
    return caught.value


def test_fingerprint_is_of_the_place() -> None:
    """Class, line and command tell kinds apart; what an error says does not."""
    one, other = (fingerprint_of(bug(text), "ban") for text in ("a", "b"))
    assert one == other
    assert fingerprint_of(bug("a"), "kick") != one
    with pytest.raises(RuntimeError) as caught:
        raise RuntimeError("a")
    assert fingerprint_of(caught.value, "ban") != one


def test_fingerprint_looks_through_libraries() -> None:
    """The innermost line of the bot's own code counts, not the library's that it calls."""

    def ask(call: Callable[[], object]) -> Exception:
        try:
            call()
        except Exception as error:  # noqa: BLE001  # whatever it raises is looked at
            return error
        raise AssertionError

    decode = __import__("json").loads
    assert fingerprint_of(ask(lambda: decode("{")), None) != fingerprint_of(
        ask(lambda: decode("{")), None
    )
    calls = [fingerprint_of(ask(lambda: decode("{")), None) for _ in range(2)]
    assert calls[0] == calls[1]


def test_never_raised() -> None:
    """An error that was never raised is told apart by where it was captured."""
    errors = [fingerprint_of(RuntimeError(), None) for _ in range(2)]
    other = fingerprint_of(RuntimeError(), None)
    assert errors[0] == errors[1] != other


def test_minute_budget() -> None:
    """So many of a type in a minute, then none until the next."""
    budget = MinuteBudget(3)
    assert [budget.spend("KeyError", 1) for _ in range(5)] == [True] * 3 + [False] * 2
    assert budget.spend("ValueError", 1)
    assert budget.spend("KeyError", 2)


def test_minute_budget_of_late_errors() -> None:
    """An error of the minute before spends that minute's budget, and refreshes none."""
    budget = MinuteBudget(3)
    answers = [(budget.spend("KeyError", 1), budget.spend("KeyError", 2)) for _ in range(10)]
    assert answers == [(True, True)] * 3 + [(False, False)] * 7


def test_minute_budget_is_bounded() -> None:
    """Types beyond any number that code has get no budget; minutes long ago are forgotten."""
    budget = MinuteBudget(3)
    assert sum(budget.spend(str(number), 1) for number in range(3 * MAX_FINGERPRINTS)) == (
        MAX_FINGERPRINTS
    )
    for minute in range(1000):
        budget.spend("KeyError", minute)
    assert len(budget._spent) < 100


def test_minute_budget_in_threads() -> None:
    """Threads together get no more than one would."""
    budget = MinuteBudget(100)
    answers: list[bool] = []
    start = threading.Barrier(8)

    def storm() -> None:
        start.wait()
        answers.extend([budget.spend("KeyError", 1) for _ in range(1000)])

    threads = [threading.Thread(target=storm) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(answers) == 100


@pytest.mark.parametrize("kind", ["KeyError", KeyError])
def test_should_capture_error(kind: str | type[BaseException]) -> None:
    """Users' own code asks by name or by class, within what the settings allow in a minute."""
    set_limits(SentrySettings(limit_burst=2, limit_period=20))
    assert [should_capture_error(kind, 1) for _ in range(7)] == [True] * 5 + [False] * 2
    assert not should_capture_error("KeyError", 1)
    assert should_capture_error(kind, 2)


def test_limits_are_settings() -> None:
    """New limits begin anew."""
    set_limits(SentrySettings(limit_burst=1))
    assert figures()["suppressed"] == 0

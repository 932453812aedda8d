"""500 events, a clock that jumps, bounds, and what arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sentry_sdk
from tests.fakes.receiver import wait_until
from tests.faults.stage import DAY, EVENTS, spoken

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.stage import Stage

YEAR = 365.0 * DAY
FURTHER = (3600.0, -3600.0, -100 * YEAR)


def _way(jump: float) -> str:
    return f"{spoken(abs(jump))} {'ahead' if jump > 0 else 'back'}"


@pytest.mark.parametrize(
    "jump", [10 * YEAR, -10 * YEAR, *(pytest.param(one, marks=pytest.mark.long) for one in FURTHER)]
)
def test_the_time_of_day_jumps_while_events_wait(
    jump: float, stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """Whatever the clock is set to while events wait, all of them arrive."""
    stage.server.leave()
    stage.telemetry.start()
    stage.capture(EVENTS // 2)
    stage.telemetry.time.jump = jump
    stage.capture(EVENTS // 4)
    stage.telemetry.time.jump = 0.0
    stage.capture(EVENTS // 4)
    stage.server.come()
    record_property("accounts", stage.check(f"the clock jumps {_way(jump)}"))


@pytest.mark.parametrize(
    "jump", [-10 * YEAR, *(pytest.param(one, marks=pytest.mark.long) for one in FURTHER[:2])]
)
def test_the_time_of_day_jumps_over_a_restart(
    jump: float, stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """A run that starts with another time of day has what the last one left."""
    stage.server.leave()
    stage.telemetry.start()
    stage.capture(EVENTS // 2)
    stage.telemetry.stop()
    stage.telemetry.time.jump = jump
    stage.telemetry.start()
    stage.capture(EVENTS // 2)
    stage.server.come()
    record_property("accounts", stage.check(f"the clock jumps {_way(jump)}, restart"))


def test_what_waits_too_long_is_given_up(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """After the set days the oldest are given up and counted; what is younger arrives."""
    stage.server.leave()
    stage.telemetry.start()
    stage.capture(EVENTS // 2)
    stage.telemetry.time.ahead += 4 * DAY
    stage.restart()
    stage.capture(EVENTS // 2)
    stage.telemetry.time.ahead += 4 * DAY

    def is_noticed() -> bool:
        # The sender looks at the clock when it is woken; what it is about to send then arrives.
        sentry_sdk.flush(0.1)
        return stage.waiting() <= EVENTS // 2 + 2

    assert wait_until(is_noticed)
    stage.server.come()
    told = stage.check("8 days away", lost=[("error", "cache_overflow")])
    assert stage.accounts().reported == EVENTS // 2, told
    record_property("accounts", told)


def test_what_is_too_much_is_given_up(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """Of more than the set bytes the oldest are given up and counted, over restarts too."""
    stage.telemetry.settings = stage.telemetry.settings.model_copy(update={"spool_bytes": 100_000})
    stage.server.leave()
    stage.telemetry.start()
    for _ in range(5):
        stage.capture(EVENTS // 5)
        stage.restart()
    stage.server.come()
    told = stage.check("100 kB of spool", lost=[("error", "cache_overflow")])
    assert 0 < stage.accounts().reported < EVENTS, told
    record_property("accounts", told)

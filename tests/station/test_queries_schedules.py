"""Which runs of a job were late, and which did not happen."""

from __future__ import annotations

from typing import Any

import pytest

from tux.station.queries.schedules import SLOTS, Run, schedule_of, strip_of

EVERY_TEN = {"schedule": {"type": "interval", "value": 10, "unit": "minute"}}


@pytest.mark.parametrize(
    ("minutes", "now", "expected"),
    [
        ([30, 20, 10], 35, "ok ok ok"),
        ([30, 20, 10], 41, "ok ok ok"),
        ([30, 20, 10], 42, "missed ok ok ok"),
        ([30, 20, 10], 62, "missed missed missed ok ok ok"),
        ([42, 30, 20], 43, "late ok ok"),
        ([40, 20, 10], 43, "ok missed ok ok"),
        ([71, 20, 10], 72, "ok missed missed missed missed ok ok"),
        ([30.5, 20, 10], 35, "ok ok ok"),
        ([30], 31, "ok"),
    ],
)
def test_late_and_missed_runs_are_seen(minutes: list[float], now: float, expected: str) -> None:
    """A run that begins after its minute of grace is late; one that a whole turn lacks is missed."""
    runs = [Run(minute * 60.0, "ok", 5.0) for minute in minutes]
    strip = strip_of(schedule_of(EVERY_TEN), runs, now * 60.0)
    assert " ".join(run.status for run in strip) == expected
    assert [run.started for run in strip] == sorted((run.started for run in strip), reverse=True)


def test_a_job_that_ended_long_ago_has_a_short_strip() -> None:
    """However long nothing ran, the strip has its length."""
    strip = strip_of(schedule_of(EVERY_TEN), [Run(0.0, "ok", 5.0)], 1e9)
    assert [run.status for run in strip] == ["missed"] * SLOTS


def test_a_failed_run_stays_failed() -> None:
    """That it was late, too, says less."""
    runs = [Run(42 * 60.0, "error", 5.0), Run(30 * 60.0, "ok", 5.0)]
    assert strip_of(schedule_of(EVERY_TEN), runs, 43 * 60.0)[0].status == "error"


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        ([0, 6, 12], 13, "ok ok ok"),
        ([0, 6, 12], 18, "ok ok ok"),
        ([0, 6, 12], 18.1, "missed ok ok ok"),
        ([0, 12, 23.9999], 25, "ok missed ok missed ok"),
        ([0, 6.5, 12], 13, "ok late ok"),
        ([3, 6, 7], 8, "ok ok ok"),  # those by hand are nobody's
        ([0], 1000, "missed " * SLOTS),
    ],
)
def test_a_crontab_says_when_runs_are_due(hours: list[float], now: float, expected: str) -> None:
    """A moment without a run was missed, a run after its grace was late; a clock may be early."""
    schedule = schedule_of({"schedule": {"type": "crontab", "value": "0 */6 * * *"}})
    runs = [Run(hour * 3600.0, "ok", 5.0) for hour in reversed(hours)]
    strip = strip_of(schedule, runs, now * 3600.0)
    assert " ".join(run.status for run in strip) == expected.strip()
    assert schedule.is_missed(runs[0].started, now * 3600.0) == expected.startswith("missed")


def test_a_crontab_has_a_zone() -> None:
    """Nine in the morning is another moment elsewhere; a zone that is not known is UTC."""
    begin = 1_764_028_800.0  # 2025-11-25 00:00 UTC
    for zone, hour in (("Asia/Tokyo", 0), ("Europe/Berlin", 8), ("Nowhere/../x", 9), (7, 9)):
        config = {"schedule": {"type": "crontab", "value": "0 9 * * *"}, "timezone": zone}
        crontab = schedule_of(config).crontab
        assert crontab is not None
        assert crontab.following(begin - 1) == begin + 3600.0 * hour


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({}, ""),
        ({"schedule": 3, "checkin_margin": "x"}, ""),
        ({"schedule": {"type": "crontab", "value": "0 0 30 2 *"}}, "0 0 30 2 *"),
        ({"schedule": {"type": "interval", "value": 0, "unit": "minute"}}, "every 0 minutes"),
        ({"schedule": {"type": "interval", "value": "1", "unit": []}}, "every 1 []s"),
    ],
)
def test_what_is_not_known_is_not_missed(config: dict[str, Any], words: str) -> None:
    """Without an interval runs are shown as they are."""
    schedule = schedule_of(config)
    assert (schedule.words, schedule.interval) == (words, None)
    runs = [Run(100.0, "ok", None), Run(1.0, "error", None)]
    assert strip_of(schedule, runs, 1e9) == runs

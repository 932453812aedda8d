"""What no job can do is left out of what a check-in says, and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tux.station.wire.schedules import possible

if TYPE_CHECKING:
    from tests.station.conftest import StationUnderTest

DAILY = {"type": "crontab", "value": "@daily"}
HUGE = 10**400
"""More than a float holds."""
NO_CRONTABS: tuple[object, ...] = (
    *("99 99 * * *", "0 0 30 2 *", "", "every eon", "* * * * *" * 50, 7, None),
    "* * * * *" + " " * 200 + "?",  # is one where it is cut
)
NO_COUNTS: tuple[object, ...] = (0, -1, 1.5, "1", True, None, 4000, HUGE)
NO_UNITS: tuple[object, ...] = ("eon", "", None, [], {})
NO_SCHEDULES: tuple[object, ...] = ("@daily", [], 3, {"type": "moon"})
NO_MARGINS: tuple[object, ...] = (-1, 1.5, "5", True, 50_000, HUGE, [])


@pytest.mark.parametrize(
    "schedule",
    [
        *(DAILY, {"type": "crontab", "value": "*/5 8-18 * * 1-5"}),
        *({"type": "interval", "value": 1, "unit": unit} for unit in ("minute", "year")),
    ],
)
def test_what_can_be_stays(schedule: dict[str, Any]) -> None:
    """A schedule that a job can keep stays as it came, and so does what says nothing."""
    config = {"schedule": schedule, "checkin_margin": 0, "max_runtime": 30, "timezone": "UTC"}
    assert possible(config) == (config, ())
    empty = {"schedule": None, "checkin_margin": None, "max_runtime": None}
    assert possible(empty) == (empty, ())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("schedule", {"type": "crontab", "value": value}) for value in NO_CRONTABS),
        *(("schedule", {"type": "interval", "value": value, "unit": "day"}) for value in NO_COUNTS),
        *(("schedule", {"type": "interval", "value": 1, "unit": unit}) for unit in NO_UNITS),
        *(("schedule", value) for value in NO_SCHEDULES),
        *(("checkin_margin", value) for value in NO_MARGINS),
        *(("max_runtime", value) for value in (0, -1, HUGE)),
    ],
)
def test_what_cannot_be_is_left_out(name: str, value: object) -> None:
    """The part costs itself only, and is named."""
    config = {"schedule": DAILY, "checkin_margin": 1, "max_runtime": 30, name: value}
    kept, reasons = possible(config)
    assert reasons == (f"invalid_{name}",)
    assert kept == {other: config[other] for other in config if other != name}


async def test_a_check_in_without_what_cannot_be_is_kept(station: StationUnderTest) -> None:
    """The run is shown, without its schedule and duration, and the page of what was dropped says why."""
    check_in = {
        "check_in_id": "c" * 32,
        "monitor_slug": "backup",
        "status": "ok",
        "duration": -3.0,
        "monitor_config": {
            "schedule": {"type": "crontab", "value": "99 99 * * *"},
            "checkin_margin": HUGE,
        },
    }
    assert (await station.send(({"type": "check_in"}, check_in))).status == 200
    found = station.rows("SELECT monitor_slug, status, duration, config FROM check_ins")
    assert [tuple(row.values()) for row in found] == [("backup", "ok", None, None)]
    monitors = await station.get("/monitors/")
    assert (monitors.status, b"backup" in monitors.body, b"99 99" in monitors.body) == (
        *(200, True, False),
    )
    dropped = (await station.get("/dropped/")).body.decode()
    for reason in ("schedule", "checkin_margin", "duration"):
        assert f">invalid_{reason}<" in dropped, reason


async def test_what_an_older_station_kept_is_shown(station: StationUnderTest) -> None:
    """A plan that was kept before such things were left out breaks no page."""
    check_in = {"check_in_id": "c" * 32, "monitor_slug": "backup", "status": "ok"}
    await station.send(({"type": "check_in"}, check_in))
    config = f'{{"schedule": {{"type": "interval", "value": {HUGE}, "unit": "day"}}}}'
    await station.station.store.change(
        lambda connection: connection.execute("UPDATE check_ins SET config = ?", (config,)).rowcount
    )
    assert (await station.get("/monitors/")).status == 200

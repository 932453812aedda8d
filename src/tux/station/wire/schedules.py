"""What a client says of when a monitored job runs → what of it can be. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tux.station.wire.crontabs import crontab_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECONDS: Final = {
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "week": 604_800,
    "month": 2_678_400,
    "year": 31_622_400,
}
"""Of one turn of a schedule by interval."""
LONGEST_INTERVAL: Final = 10 * SECONDS["year"]
LONGEST_MARGIN: Final = 28 * 24 * 60
"""Minutes that a run may be late."""
LONGEST_RUN: Final = float(SECONDS["year"])
"""Seconds that a run may take."""


def possible(config: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Leave out of a monitor's configuration what no job can do, and name why as reasons of losses."""
    wrong = [
        name
        for name, can_be in _CHECKS.items()
        if config.get(name) is not None and not can_be(config)
    ]
    kept = {name: value for name, value in config.items() if name not in wrong}
    return kept, tuple(f"invalid_{name}" for name in wrong)


def is_run(seconds: float) -> bool:
    """Tell whether a run can take so long."""
    return 0 <= seconds <= LONGEST_RUN


def _is_schedule(config: Mapping[str, Any]) -> bool:
    given = config["schedule"]
    if not isinstance(given, dict):
        return False
    value, unit = given.get("value"), given.get("unit")
    if given.get("type") == "interval":
        length = SECONDS.get(unit) if isinstance(unit, str) else None
        return length is not None and _is_whole(value, 1, LONGEST_INTERVAL // length)
    if given.get("type") != "crontab" or not isinstance(value, str):
        return False
    return crontab_of(value, "UTC") is not None


def _is_margin(config: Mapping[str, Any]) -> bool:
    return _is_whole(config["checkin_margin"], 0, LONGEST_MARGIN)


def _is_longest_run(config: Mapping[str, Any]) -> bool:
    return _is_whole(config["max_runtime"], 1, int(LONGEST_RUN) // 60)


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


_CHECKS: Final[dict[str, Callable[[Mapping[str, Any]], bool]]] = {
    "schedule": _is_schedule,
    "checkin_margin": _is_margin,
    "max_runtime": _is_longest_run,
}
"""Part of a configuration → whether it can be."""

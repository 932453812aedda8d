"""What is too old, table by table, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tux.station.rollups.periods import (
    BLOCKS,
    DAY,
    DAYS,
    HALF_HOUR,
    HALF_HOURS,
    MINUTE,
    MINUTES,
    MINUTES_KEPT,
)

CHARTED_DAYS: Final = 32.0
"""Of half hours, and of who was there last: they are read for ranges of up to 30 days."""
COUNTED_DAYS: Final = 3.0
"""Of minutes, which are for alerts and releases."""
MINUTE_DAYS: Final = MINUTES_KEPT * MINUTE / DAY
"""Of minutes that are half hours, too: they are read for ranges below a day."""
FEW: Final = 10
"""Rows that one statement removes where others go with them: a transaction may have 1,000 spans."""
MANY: Final = 200


@dataclass(frozen=True, slots=True)
class Rule:
    """What is too old in one table."""

    table: str
    old: str
    """SQL after SELECT: the keys of old rows; ``?1`` is the oldest moment that stays."""
    days: str | float
    """How long others stay: a field of the station's settings, or a number."""
    key: str = "rowid"
    at_once: int = MANY


def _of(table: str, condition: str, days: str | float, key: str = "rowid", **more: int) -> Rule:
    return Rule(
        table, f"{key} FROM {table} WHERE {condition}", days, key, **more
    )  # constants of this file


RULES: Final = (
    _of("events", "timestamp < ?1", "event_days", at_once=FEW),
    Rule(
        "issue_users",
        "issue_id, user_id FROM issue_users WHERE issue_id IN "
        "(SELECT id FROM issues WHERE last_seen < ?1)",
        "event_days",
        "issue_id, user_id",
    ),
    _of("issues", "last_seen < ?1", "event_days", at_once=FEW),
    _of("feedback", "timestamp < ?1", "event_days"),
    _of("transactions", "start < ?1", "transaction_days", at_once=FEW),
    _of("spans", "txn IS NULL AND start < ?1", "transaction_days"),
    _of("logs", "timestamp < ?1", "log_days"),
    _of("envelopes", "received < ?1", "envelope_days"),
    _of("sessions", "started < ?1", "session_days", "project_id, sid"),
    _of("check_ins", "started < ?1", "session_days"),
    _of(
        "discards",
        "(hour + 1) * 3600 < ?1",
        "count_days",
        "project_id, hour, origin, category, reason",
    ),
)
"""Of rows. Where the file is too large, less of these is kept."""


def _counted(table: str, tier: int, days: str | float) -> Rule:
    """Go from series to series: that is how the rows lie."""
    length = {HALF_HOURS: HALF_HOUR, DAYS: DAY, MINUTES: MINUTE}[tier]
    oldest = f"CAST(?1 / {length} AS INTEGER)"
    key, condition = "tier, series_id, period", f"d.period < {oldest}"
    if table == "durations":
        key = "tier, series_id, block, bucket, period"
        condition += f" AND d.block <= {oldest} / {BLOCKS[tier]}"
    return Rule(
        table,
        f"{key} FROM series AS s CROSS JOIN {table} AS d ON d.series_id = s.id "  # constants of this file
        f"WHERE d.tier = {tier} AND {condition}",
        days,
        key,
    )


ROLLUP_RULES: Final = (
    _of(
        "metric_hours",
        "(hour + 1) * 3600 < ?1",
        "count_days",
        "project_id, name, kind, unit, hour",
    ),
    *(
        _counted(table, tier, days)
        for table in ("durations", "counts", "session_counts", "sums")
        for tier, days in ((HALF_HOURS, CHARTED_DAYS), (DAYS, "count_days"))
    ),
    _counted("counts", MINUTES, COUNTED_DAYS),
    _counted("session_counts", MINUTES, COUNTED_DAYS),
    *(
        _of(
            table,
            "period < min(CAST(?1 / 60 AS INTEGER), (SELECT until FROM folded))",
            MINUTE_DAYS,
            f"period, {of}",
        )
        for table, of in (
            ("duration_minutes", "series_id, bucket"),
            ("sum_minutes", "series_id"),
            ("hit_minutes", "user_id"),
        )
    ),
    *(
        _of(
            "user_hits",
            f"tier = {tier} AND period < CAST(?1 / {length} AS INTEGER)",
            days,
            "tier, period, user_id",
        )
        for tier, length, days in (
            (HALF_HOURS, HALF_HOUR, CHARTED_DAYS),
            (DAYS, DAY, "count_days"),
        )
    ),
    Rule(
        "series_users",
        "series_id, user_id FROM series AS s CROSS JOIN series_users AS u ON u.series_id = s.id "
        "WHERE u.latest < ?1",
        CHARTED_DAYS,
        "series_id, user_id",
    ),
    _of("command_runs", "timestamp < ?1", COUNTED_DAYS),
    _of("alert_samples", "minute < CAST(?1 / 60 AS INTEGER)", COUNTED_DAYS, "rule, minute"),
    _of("alert_firings", "ended IS NOT NULL AND began < ?1", "count_days"),
    _of("alert_outbox", "done IS NOT NULL AND created < ?1", CHARTED_DAYS),
    _of("affected", "latest < ?1", CHARTED_DAYS, "user_id"),
    Rule(
        "issue_hours",
        "issue_id, hour FROM issues AS i CROSS JOIN issue_hours AS h ON h.issue_id = i.id "
        "WHERE h.hour < CAST(?1 / 3600 AS INTEGER)",
        "count_days",
        "issue_id, hour",
    ),
)
"""Of what was counted. These stay when rows go."""

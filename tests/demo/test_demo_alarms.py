"""Alerts of the demo, as rows of its table."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from tests.demo.test_demo_ledger import done

from tux.demo.alarms import alarm_rows
from tux.demo.ledger import Ledger
from tux.demo.pager import TOML
from tux.shared.toml_lines import TomlLines
from tux.watch.loading import FILE, default_definitions, definitions_of

STORM = [done(at=100 + place / 10, outcome="failure") for place in range(12)]
CALM = [done(at=100 + place, outcome="failure") for place in range(12)]
DIVES = [done(at=100.0, outcome="failure", command="dive")] * 7
BANQUET = [done(command="banquet")]


def told(rule: str, *kinds: str) -> list[dict[str, Any]]:
    return [{"rule": rule, "kind": kind} for kind in kinds]


@pytest.mark.parametrize(
    ("ledger", "notices", "expected"),
    [
        (Ledger(CALM), [], {}),
        (Ledger(STORM), [], {"alert error rate": (1, 0, False)}),
        (Ledger(STORM), told("error_rate", "firing"), {"alert error rate": (1, 1, False)}),
        (
            Ledger(STORM),
            told("error_rate", "firing", "resolved"),
            {"alert error rate": (1, 1, True)},
        ),
        (Ledger(STORM, restarts=[101.0]), [], {"alert error rate": (1, 0, True)}),
        (Ledger(STORM, station_restarts=[101.0]), [], {"alert error rate": (1, 0, True)}),
        (Ledger(DIVES), [], {"alert database errors": (1, 0, False)}),
        (
            Ledger(BANQUET),
            told("command_duration", "firing", "resolved"),
            {"alert command duration": (1, 1, True)},
        ),
    ],
)
def test_what_was_provoked_must_be_told_and_over(
    ledger: Ledger, notices: list[dict[str, Any]], expected: dict[str, tuple[int, int, bool]]
) -> None:
    """A rule that the members provoked agrees once its team knows that it fired, and that it is over."""
    rows = {row.what: (row.done, row.received, row.agrees) for row in alarm_rows(ledger, notices)}
    assert {what: row for what, row in rows.items() if row != (0, 0, True)} == expected


def test_the_demo_keeps_the_guides_thresholds() -> None:
    """Its own file shortens windows and waits, nothing else."""
    found = definitions_of(tomllib.loads(TOML)["watch"], TomlLines(TOML), FILE)
    usual = default_definitions()
    for name, rule in found.alerts.items():
        assert rule.window_seconds < usual.alerts[name].window_seconds
        changed = {
            "window_seconds": usual.alerts[name].window_seconds,
            "cooldown_seconds": usual.alerts[name].cooldown_seconds,
        }
        assert rule.model_copy(update=changed) == usual.alerts[name]

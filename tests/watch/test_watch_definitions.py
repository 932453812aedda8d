from __future__ import annotations

import re
from datetime import time
from pathlib import Path

import pytest
from pydantic import ValidationError

from tux.shared.exceptions import TuxConfigurationError
from tux.shared.settings import Settings, load_settings
from tux.watch import SOURCES, Definitions, load_definitions

NOWHERE = Path("no-such-file.toml")


def loaded(folder: Path, text: str) -> Definitions:
    path = folder / "tux.toml"
    path.write_text(text)
    return load_definitions(path)


def faults(folder: Path, text: str) -> list[tuple[int, str]]:
    """Read the line and the place of each fault."""
    with pytest.raises(TuxConfigurationError) as caught:
        loaded(folder, text)
    told = re.findall(r"^  \S*tux\.toml:(\d+): (.+?): ", str(caught.value), re.MULTILINE)
    return [(int(line), place) for line, place in told]


def test_what_is_watched_by_itself_is_the_guides() -> None:
    """The defaults are the five key metrics, the five widgets, and the three alerts."""
    found = load_definitions(NOWHERE)
    assert {name: metric.aggregates for name, metric in found.metrics.items()} == {
        "error_rate": ("per_minute", "per_hour"),
        "command_duration": ("mean", "p50", "p95", "p99"),
        "database_query_time": ("mean", "p50", "p95", "p99"),
        "api_response_time": ("mean", "p50", "p95", "p99"),
        "failed_command_rate": ("failure_rate",),
    }
    assert {(widget.source, widget.by) for widget in found.widgets.values()} == {
        ("errors", "command"),
        ("operations", "span.op"),
        ("errors", ""),
        ("errors", "release"),
        ("commands", "guild.size"),
        ("commands", "feature"),
    }
    rules = {
        (one.source, one.aggregate, one.threshold, one.unit, one.window_seconds, one.team)
        for one in found.alerts.values()
    }
    assert rules == {
        ("errors", "count", 10, "count", 60, "team"),
        ("commands", "max", 5000, "millisecond", 300, "developers"),
        ("database_errors", "count", 5, "count", 60, "infrastructure"),
    }


def test_the_defaults_are_such_as_sentry_takes() -> None:
    """No rule of ours looks at less than Sentry can, and titles and widgets fit into it."""
    found = load_definitions(NOWHERE)
    for rule in found.alerts.values():
        assert rule.window_seconds >= SOURCES[rule.source].shortest_window
    assert all(len(one.title) <= 180 for one in found.alerts.values())
    assert len(found.widgets) <= 30


def test_definitions_are_frozen() -> None:
    """Nobody changes what others read, too."""
    rule = load_definitions(NOWHERE).alerts["error_rate"]
    with pytest.raises(ValidationError, match="frozen"):
        rule.threshold = 3  # type: ignore[misc]  # that is what is tried


def test_a_file_overrides_and_adds_name_by_name(tmp_path: Path) -> None:
    """What a file does not name stays as it is."""
    found = loaded(
        tmp_path,
        """
        [watch.alerts.error_rate]
        threshold = 25
        [watch.alerts.command_duration]
        enabled = false
        [watch.alerts.slow_bans]
        title = "Slow bans"
        source = "commands"
        aggregate = "p95"
        threshold = 800
        window_seconds = 600
        command = "ban"
        team = "night"
        [watch.teams.night]
        title = "Night shift"
        notify = ["discord"]
        quiet_hours = "08:00-20:30"
        discord_channel = 1234567890123456789
        """,
    )
    assert found.alerts["error_rate"].threshold == 25
    assert found.alerts["error_rate"].window_seconds == 60
    assert not found.alerts["command_duration"].enabled
    night = found.team_of(found.alerts["slow_bans"])
    assert night.discord_channel == "1234567890123456789"
    assert night.quiet_hours is not None
    assert night.quiet_hours.cover(time(20, 29))
    assert not night.quiet_hours.cover(time(20, 30))
    assert set(found.teams) == {"team", "developers", "infrastructure", "night"}


def test_all_faults_are_told_with_their_lines(tmp_path: Path) -> None:
    """A file with faults of each kind is told them all at once, each with its line."""
    text = '''# comment
[watch.alerts.error_rate]
treshold = 3
team = "nobody"

[watch.alerts.slow]
title = "Slow"
source = "commands"
aggregate = """
p95"""
threshold = -1
window_seconds = 60
team = "team"

[watch.alerts."Not a name"]
title = "x"
source = "errors"
aggregate = "p95"
threshold = 1
window_seconds = 60
team = "team"

[watch.alerts.lacking]
title = "x"

[watch.widgets]
operations.limit = 99

[watch]
foo = 3
teams.team.quiet_hours = "7"
'''
    assert faults(tmp_path, text) == [
        (3, "watch.alerts.error_rate.treshold"),
        (4, "watch.alerts.error_rate.team"),
        (11, "watch.alerts.slow.threshold"),
        (15, "watch.alerts.Not a name"),
        (15, "watch.alerts.Not a name"),
        *(
            (23, f"watch.alerts.lacking.{name}")
            for name in ("aggregate", "source", "team", "threshold", "window_seconds")
        ),
        (27, "watch.widgets.operations.limit"),
        (30, "watch.foo"),
        (31, "watch.teams.team.quiet_hours"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("watch = 3", "watch: this must be a table"),
        ("watch.alerts = 3", "watch.alerts: this must be a table"),
        ("watch.alerts.error_rate = 3", "error_rate: this must be a table"),
        ("watch.alerts.error_rate.aggregate = 'p95'", "p95 cannot be asked of errors; possible"),
        ("watch.alerts.error_rate.resolve_below = 11", "must not be above the threshold"),
        ("watch.alerts.error_rate.threshold = nan", "finite"),
        ("watch.alerts.error_rate.cooldwn_seconds = 1", "did you mean cooldown_seconds?"),
        ("watch.metric.a.title = 'x'", "did you mean metrics?"),
        ("watch.teams.team.quiet_hours = '22:00Z-23:00Z'", "without a zone"),
        ("[watch", "cannot be read"),
    ],
)
def test_a_fault_says_what_to_do(tmp_path: Path, text: str, words: str) -> None:
    """Each kind of fault has its own words, and the line."""
    with pytest.raises(TuxConfigurationError) as caught:
        loaded(tmp_path, text)
    assert words in str(caught.value)
    assert "tux.toml" in str(caught.value)


def test_quiet_hours_go_over_midnight(tmp_path: Path) -> None:
    """22:00-07:00 is the night."""
    team = loaded(tmp_path, "watch.teams.team.quiet_hours = '22:00-07:00'").teams["team"]
    assert team.quiet_hours is not None
    asked = [time(21, 59), time(22), time(3), time(6, 59), time(7)]
    assert [team.quiet_hours.cover(one) for one in asked] == [False, True, True, True, False]


def test_settings_leave_the_section_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may have both: settings are read as before, and a misspelt section is a fault."""
    monkeypatch.chdir(tmp_path)
    Path("tux.toml").write_text("[watch.alerts.error_rate]\nthreshold = 3\n[bot]\nprefix = '?'\n")
    assert load_settings().bot.prefix == "?"
    assert load_definitions().alerts["error_rate"].threshold == 3
    assert Settings.FILES[1] == Path("tux.toml")
    Path("tux.toml").write_text("[wach]\n")
    with pytest.raises(TuxConfigurationError, match="Did you mean watch"):
        load_settings()

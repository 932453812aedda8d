"""Rules of the settings that say which events are one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.station.conftest import station_at
from tests.station.test_grouping_issues import EVENT, READ, failure

from tux.shared.exceptions import TuxConfigurationError
from tux.shared.settings import load_settings
from tux.station.receiving import rules_of
from tux.station.wire.fingerprints import RuleFaultError, rule_for, rule_of
from tux.station.wire.grouping import group

if TYPE_CHECKING:
    from pathlib import Path

FULL: dict[str, Any] = {
    **EVENT,
    "level": "error",
    "logger": "tux.bot",
    "release": "v1",
    "environment": "test",
    "transaction": "rank",
    "message": "it failed",
    "tags": {"command": "rank"},
}


@pytest.mark.parametrize(
    ("matchers", "fits"),
    [
        ("error.type:KeyError", True),
        ("type:keyerror", True),
        ("type:Key*", True),
        ("type:Key", False),
        ("!type:KeyError", False),
        ("!type:OSError", True),
        ("value:*xp*", True),
        ("message:\"KeyError: 'xp'\"", True),
        ('message:"it failed"', True),
        ("message:fail", False),
        ("level:error", True),
        ("logger:tux.*", True),
        ("release:v2", False),
        ("environment:[test]", False),
        ("transaction:rank", True),
        ("tags.command:rank", True),
        ("tags.other:rank", False),
        ("!tags.other:rank", True),
        ("module:tux.database.*", True),
        ("function:read module:tux.database.*", True),
        ("function:read module:tux.modules.*", False),
        ("path:*/levels.py", True),
        ("type:KeyError function:write", False),
        ("type:KeyError level:error function:rank", True),
    ],
)
def test_matchers(matchers: str, *, fits: bool) -> None:
    """All of a rule must hold; those about frames for one and the same frame."""
    rule = rule_of(f"{matchers} -> x")
    assert (rule_for(FULL, [rule]) is rule) is fits


@pytest.mark.parametrize(
    ("rule", "parts", "title"),
    [
        ("type:* -> down", ("fingerprint=down",), "KeyError: 'xp'"),
        ("type:* -> down, 7", ("fingerprint=down", "fingerprint=7"), "KeyError: 'xp'"),
        ('type:* -> "a, b"', ("fingerprint=a, b",), "KeyError: 'xp'"),
        (
            "type:* -> {{ error.type }}-{{ tags.command }}-{{ function }}",
            ("fingerprint=KeyError-rank-read",),
            "KeyError: 'xp'",
        ),
        (
            'type:* -> all, title="{{ type }} in {{ transaction }}"',
            ("fingerprint=all",),
            "KeyError in rank",
        ),
        ('type:* -> all title="Named"', ("fingerprint=all",), "Named"),
    ],
)
def test_a_rule_decides(rule: str, parts: tuple[str, ...], title: str) -> None:
    """Its fingerprint is the group, and its title the issue's."""
    found = group(FULL, [rule_of(rule)])
    assert (found.parts, found.title) == (parts, title)
    assert found.made_by == f"rule: {rule}"


def test_a_rule_may_only_name() -> None:
    """With nothing but a title, or the default, events are grouped as ever."""
    for rule in ('type:* -> title="Named"', "type:* -> {{ default }}"):
        found = group(FULL, [rule_of(rule)])
        assert found.key == group(FULL).key


def test_the_first_rule_that_fits_decides() -> None:
    """The order of the settings is the order of strength; a rule is stronger than the event."""
    rules = [
        rule_of(f"{matcher} -> {name}")
        for matcher, name in (("type:X", "a"), ("type:*", "b"), ("level:*", "c"))
    ]
    assert group({**FULL, "fingerprint": ["own"]}, rules).parts == ("fingerprint=b",)
    assert group(failure(READ, kind="X"), rules).parts == ("fingerprint=a",)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("", "a matcher such as"),
        ("-> x", "a matcher such as"),
        ("type:KeyError", "-> and a fingerprint"),
        ("type:KeyError x -> y", "“x -> y”"),
        ("type:KeyError ->", "no fingerprint"),
        ("typ:KeyError -> x", "Did you mean"),
        ("nonsense:x -> y", "Known are"),
    ],
)
def test_faults_of_a_rule(rule: str, says: str) -> None:
    """What cannot be read is told with what was expected."""
    with pytest.raises(RuleFaultError, match=re.escape(says)):
        rule_of(rule)


def test_all_faults_are_told_together() -> None:
    """Each with its number, and the setting's name."""
    with pytest.raises(TuxConfigurationError) as caught:
        rules_of(["type:A -> b", "x", "y"])
    assert "STATION_FINGERPRINTS" in str(caught.value)
    assert "Rule 2:" in str(caught.value)
    assert "Rule 3:" in str(caught.value)


def test_rules_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """One a line."""
    monkeypatch.setenv("STATION_FINGERPRINTS", "type:A -> a\n\n type:B -> b ")
    assert load_settings().station.fingerprints == ("type:A -> a", "type:B -> b")


async def test_a_station_groups_by_its_rules(tmp_path: Path) -> None:
    """Different events of a rule are one issue, whose page quotes the rule."""
    rule = 'message:*timeout* -> timeouts, title="Something took too long"'
    async with station_at(tmp_path / "station.db", fingerprints=(rule,)) as station:
        await station.send_event(message="a timeout of the database")
        await station.send_event(message="the API had a timeout")
        await station.send_event(message="something else")
        assert station.value("SELECT count(*) FROM issues") == 2
        page = (await station.get("/issues/1/")).body.decode()
        assert "Something took too long" in page
        assert "message:*timeout* -&gt; timeouts" in page

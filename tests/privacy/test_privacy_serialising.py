"""Scrubbing while serialising leaves the same as scrubbing and then serialising."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.privacy.harmless import HARMLESS

from tux.services.sentry.scrubbing.own_rules import OwnRules
from tux.services.sentry.scrubbing.scrubber import Scrubber
from tux.shared.patterns import compiled

KEY = "4bf92f3577b34da6a3ce929d0e0e4736"
NUMBER = "412345678901234567"
OTHER = "512345678901234567"
CARD = 4111111111111111
TREES: list[Any] = [
    {"token": "penguin"},
    {"a": [{"token": ["penguin"]}]},
    {"value": "penguin", "name": "password"},
    {"value": "penguin", "name": {"value": "password"}},
    {"custom_id": "why", "value": "penguin"},
    {"type": 3, "value": "penguin"},
    {"type": "4", "value": "penguin"},
    {"kty": "EC", "d": "penguin"},
    {"headers": [["Host", "x"], ["Cookie", "penguin"]]},
    {"headers": [("Cookie", "penguin")]},
    {"paid": CARD},
    {"paid": [1, CARD, 2]},
    {str(CARD): 1},
    {CARD: 1},
    {"id": KEY},
    {"text": f"key {KEY} of ours"},
    {"text": f"number {NUMBER} of ours"},
    {"modules": {"x": "1.2.3.4"}, "message": "203.0.113.7"},
    {"modules": {"x": "203.0.113.7 left"}},
    {"message": '{"token": "penguin"}'},
    {"contexts": {"token": {"a": "penguin"}}},
    {"when": "2026-11-24T03:22:31Z", "body": b"token=penguin-7"},
]
KEPT: list[Any] = [
    {},
    {"modules": {"x": "1.2.3.4"}},
    {"modules": {"x": "1.2.3.4"}, "message": "banned"},
    {"value": "x", "type": "ValueError"},
    {"lines": ["token = settings.token", "pass", "content"], "id": 7, "at": 1.5},
    {"ids": [NUMBER, 412345678901234567, KEY, "0x7f4694380450"], "a": None, "b": True},
    {"when": "2026-11-24T03:22:31.123456Z", "é": "ü"},
    {"a": f"banned {NUMBER}", "b": f"banned {OTHER}", "c": f"<Bot at 0x7f4694380450> {KEY}"},
]


@pytest.mark.parametrize("tree", TREES, ids=repr)
def test_what_surroundings_tell_is_removed(tree: Any) -> None:
    """What only a name, a neighbour or a number's length tells leaves neither way, also warm."""
    scrubber = Scrubber((KEY, NUMBER))
    for data in ({"extra": HARMLESS}, tree, tree):
        written = scrubber.serialised(data)
    assert b"[removed: " in written
    assert b"penguin" not in written
    assert json.loads(written) == json.loads(json.dumps(scrubber.event(tree)))


@pytest.mark.parametrize("tree", KEPT, ids=repr)
def test_clean_data_is_spelled_as_it_is(tree: Any) -> None:
    """What holds nothing to remove is the JSON that it would be without us."""
    scrubber = Scrubber(("opaque.value-of-our-own_settings",))
    for _ in range(2):
        assert json.loads(scrubber.serialised(tree)) == tree


def test_each_list_of_packages_is_written_as_itself() -> None:
    """Of two lists in turn, as of two clients that share a scrubber, neither takes the other's place."""
    scrubber = Scrubber()
    for packages in ({"x": "1.2.3"}, {"y": "4.5.6"}, {"x": "1.2.3"}, {}):
        event = {"modules": packages, "message": "banned"}
        assert json.loads(scrubber.serialised(event)) == event


def test_value_that_is_kept_is_kept_alone() -> None:
    """What is kept with one id is not kept with another."""
    scrubber = Scrubber(own=OwnRules(kept_values=frozenset({f"password={NUMBER}"})))
    assert NUMBER.encode() in scrubber.serialised({"a": f"password={NUMBER}"})
    assert OTHER.encode() not in scrubber.serialised({"a": f"password={OTHER}"})


def test_own_pattern_tells_ids_apart() -> None:
    """A pattern that fits one id removes it, also when another was clean."""
    scrubber = Scrubber(own=OwnRules(patterns=compiled((OTHER,))))
    assert NUMBER.encode() in scrubber.serialised({"a": f"user {NUMBER}", "b": NUMBER})
    assert OTHER.encode() not in scrubber.serialised({"a": f"user {OTHER}", "b": OTHER})


def test_rule_that_fails_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in a rule is not taken for something clean."""
    scrubber = Scrubber()

    def raises(*_: object) -> str:
        raise ValueError

    monkeypatch.setattr(scrubber, "_looked_at", raises)
    with pytest.raises(ValueError, match=r"^$"):
        scrubber.serialised({"message": "one token=three"})

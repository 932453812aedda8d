"""What telemetry is for stays: harmless texts are not changed."""

from __future__ import annotations

import json

from tests.privacy.harmless import HARMLESS
from tests.privacy.kinds import SETTINGS

from tux.services.sentry.scrubbing.scrubber import Scrubber

CHANGED: set[str] = set()
"""Harmless texts that are changed all the same: one in a hundred may be."""


def test_harmless_texts_are_kept() -> None:
    """Of more than 500 harmless texts no other than those listed are changed: less than 1 %."""
    assert len(set(HARMLESS)) == len(HARMLESS) > 500
    scrubber = Scrubber(SETTINGS)
    assert {text for text in HARMLESS if scrubber.text(text) != text} == CHANGED
    assert len(CHANGED) <= len(HARMLESS) // 100


def test_harmless_texts_are_kept_in_data() -> None:
    """In trees, as JSON in texts, and beside each other they are kept, too."""
    scrubber = Scrubber(SETTINGS)
    kept = [text for text in HARMLESS if text not in CHANGED]
    for text in kept:
        tree = {"extra": {"value": text, "list": [text, 1]}, "tags": {"place": text}}
        assert scrubber.event(tree) == tree
        inside = {"message": json.dumps({"value": text})}
        assert scrubber.event(inside) == inside


def test_counts_are_kept() -> None:
    """How many there are is no secret, in data and in a text; what may be one goes."""
    scrubber = Scrubber(SETTINGS)
    counts = {"tokens": 15, "tokens_used": 3, "rate_tokens": 3.5, "cookies": 3, "pass": 3}
    more = {"password_strength": "weak", "token_bucket_fill": 0.4, "tokens_left": 4096}
    event = {"extra": counts | more, "message": "tokens: 15, rate_tokens=3.5 cookies=3, pass: 3"}
    event["attributes"] = {"tokens": {"value": 15, "type": "integer"}}
    assert scrubber.event(event) is event
    secret = {"pass": 1234, "token": 123_456, "cookies": "15", "message": "pass: 1234 token=123456"}
    assert not any(sign.isdigit() for sign in str(scrubber.event(secret)))


def test_names_that_become_the_same_are_numbered() -> None:
    """Of two names that held an address both values are kept, wherever they stand."""
    scrubber, both = Scrubber(SETTINGS), {"ada@x.example": 3, "bob@x.example": 4, "n": 1}
    told = {"[removed: e-mail]": 3, "[removed: e-mail] 2": 4, "n": 1}
    for data, expected in ((both, told), ({"a": both}, {"a": told})):
        assert scrubber.event(data) == expected
        assert json.loads(scrubber.serialised(data)) == expected
    contexts = {"contexts": {name: {"n": n} for name, n in both.items()}}
    assert scrubber.event(contexts) == {"contexts": {name: {"n": n} for name, n in told.items()}}


def test_clean_data_is_the_same_object() -> None:
    """What holds nothing to remove is not copied."""
    tree = {"message": "banned", "extra": {"a": [1, {"b": None}], "c": 2.5}}
    assert Scrubber().event(tree) is tree


def test_marker_tells_what_was_removed() -> None:
    """A marker names the kind, the same each time, and what stands around it is kept."""
    scrubber = Scrubber(SETTINGS)
    told = scrubber.text("ban by ada.lovelace@example.org from 203.0.113.7 in #general")
    assert told == "ban by [removed: e-mail] from [removed: ip address] in #general"
    assert scrubber.text(told) == told

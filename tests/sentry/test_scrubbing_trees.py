"""What names and neighbours tell of the values in a tree, and what stays as it is."""

from __future__ import annotations

from typing import Any

import pytest

from tux.services.sentry.scrubbing.scrubber import Scrubber

EMAIL = "ada.lovelace@example.org"
REMOVED = "[removed: e-mail]"


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        ([EMAIL, 1, (2, EMAIL)], [REMOVED, 1, [2, REMOVED]]),
        (EMAIL, REMOVED),
        (7, 7),
        ({"a": b"by " + EMAIL.encode()}, {"a": f"by {REMOVED}"}),
        ({"a": 4_111_111_111_111_111}, {"a": "[removed: card number]"}),
        ({"a": 123_456_789_012_345_678}, {"a": 123_456_789_012_345_678}),
        ({EMAIL: 1}, {REMOVED: 1}),
        ({7: EMAIL}, {"7": REMOVED}),
        (
            {"contexts": {"session": {"a": 1, "b": "x"}}},
            {"contexts": {"session": {"a": "[removed: session]", "b": "[removed: session]"}}},
        ),
        ({"contexts": [EMAIL]}, {"contexts": [REMOVED]}),
        ({"contexts": {"api": EMAIL}}, {"contexts": {"api": REMOVED}}),
        ({"modules": {"a": "1.2.3.4", "b": EMAIL}}, {"modules": {"a": "[removed: ip address]", "b": REMOVED}}),
        ({"modules": [EMAIL]}, {"modules": [REMOVED]}),
        ({"event_id": EMAIL}, {"event_id": REMOVED}),
        ([["Cookie", "a=b"], ["Host", "x"]], [["Cookie", "[removed: cookie]"], ["Host", "x"]]),
        ([["Cookie", "a=b", 1]], [["Cookie", "a=b", 1]]),
        ({"name": "password", "value": "one two"}, {"name": "password", "value": "[removed: password]"}),
        ({"kty": "EC", "d": "one two"}, {"kty": "EC", "d": "[removed: private key]"}),
        ({"type": 3, "name": "text", "value": "hi you"}, {"type": 3, "name": "text", "value": "[removed: content]"}),
    ],
)  # fmt: skip
def test_tree_is_told(tree: Any, told: Any) -> None:
    """Values are removed by form, by name and by neighbour, whatever holds them."""
    scrubber = Scrubber()
    assert scrubber.event(tree) == told
    assert scrubber.event(told) == told


@pytest.mark.parametrize(
    "tree",
    [
        {"name": "login.password", "type": "counter", "value": 1.0},
        {"type": "ValueError", "value": "no number"},
        {"reason": "Not Found"},
        {"reason": "missing_permissions"},
        {"token": True, "password": None, "content": ""},
        {"modules": {"a": "1.2.3.4", "b": "2.0.0rc1+local.7"}},
        {"timestamp": "2026-11-24T03:22:31.123456Z", "started": "2026-11-24 03:22:31"},
        {"contexts": {"trace": {"trace_id": "0123456789abcdef" * 2, "span_id": "4111111111111111"}}},
        {"usage": {"input_tokens": 7, "total_tokens": 9}},
    ],
)  # fmt: skip
def test_tree_is_kept(tree: Any) -> None:
    """What protocols need, and what code gives as a reason, is kept, seen for the first time or not."""
    scrubber = Scrubber()
    for _ in range(2):
        assert scrubber.event(tree) is tree


def test_memory_is_bounded() -> None:
    """However many texts and names are seen, few are remembered, and all are told alike."""
    scrubber = Scrubber()
    for number in range(30_000):
        tree = {f"name {number}": f"{number} {'x' * 200}", "by": f"{number} {EMAIL}"}
        assert scrubber.event(tree)["by"] == f"{number} {REMOVED}"
    assert scrubber._texts._characters <= 4_000_000
    assert len(scrubber._plans) <= 4_096


def test_memory_is_bounded_without_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where RE2 is not installed, forms of texts with ids are remembered, and few of them."""
    monkeypatch.setattr("tux.shared.patterns.re2", None)
    scrubber = Scrubber()
    for number in range(10_000):
        assert scrubber.text(f"number {number} of {10**17 + number} here").endswith("here")
    assert 0 < len(scrubber._shapes) <= 4_096


@pytest.mark.parametrize(
    "text",
    [
        "abcdefghijklmnopqrstuvwxyz.abcdef.cut",
        "sk-toolbar-v2-small-x1-y2-z3-a4-b5",
        "tux@1.2.0-rc.beta",
        "999.999.999.999 is no address",
        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo",
    ],
)
def test_text_that_begins_like_a_secret_is_kept(text: str) -> None:
    """What only begins like a token, a key, an address or a text in base64 is kept."""
    assert Scrubber().text(text) == text


@pytest.mark.parametrize("url", ["http://[not a url", "sqlite:///tux.db", "https://short@host/1"])
def test_known_url_without_a_secret_is_no_secret(url: str) -> None:
    """Of a setting that is a URL only a password or a long user is a known value."""
    assert Scrubber([url]).text(f"opened {url.partition('@')[2] or url}") != ""
    assert Scrubber([url])._known.removed(url) == url

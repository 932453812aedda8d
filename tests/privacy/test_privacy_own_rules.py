"""What whoever runs the bot adds to the scrubber's rules, and takes from them."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest
from tests.privacy.kinds import SETTINGS

from tux.services.sentry.scrubbing.own_rules import OwnRules
from tux.services.sentry.scrubbing.scrubber import Scrubber
from tux.shared.patterns import INSTALL, LONGEST_PATTERN, MOST_PATTERNS, compiled

BY_NAME = "[removed: by name]"
BY_PATTERN = "[removed: by pattern]"
SECRET = "our-own-Secret-9"


def scrubber(**own: Any) -> Scrubber:
    return Scrubber([SECRET, *SETTINGS], OwnRules(**own))


@pytest.mark.parametrize(
    "name", ["steam_id", "steamId", "STEAM-ID", "player_steam_id", "steamid", "steam id (old)"]
)
def test_a_name_is_known_in_any_spelling(name: str) -> None:
    """Its values go from mappings, JSON in texts, pairs and assignments."""
    scrub = scrubber(names=frozenset({"steam_id"}))
    assert scrub.event({name: "igloo 7", "other": "igloo 7"}) == {name: BY_NAME, "other": "igloo 7"}
    assert scrub.event([[name, "igloo7"]]) == [[name, BY_NAME]]
    in_text = {"at": f'{{"{name}": "igloo 7"}}'}
    assert scrub.event(in_text) == {"at": f'{{"{name}": "{BY_NAME}"}}'}
    if " " not in name:
        assert scrub.text(f"with {name}=igloo7 in") == f"with {name}={BY_NAME} in"
        assert scrub.text(f"('{name}', 'igloo 7')") == f"('{name}', '{BY_NAME}')"


def test_a_name_that_only_sounds_alike_is_kept() -> None:
    """A name is made of words: a part of one is none."""
    tree = {"steam": "a", "id": "b", "upstream_identity": "c", "steam_idle": "d"}
    assert scrubber(names=frozenset({"steam_id"})).event(tree) == tree


def test_a_pattern_goes_wherever_it_stands() -> None:
    """In values, names, JSON, short texts and encoded ones."""
    scrub = scrubber(patterns=compiled((r"IG-\d+",)))
    packed = base64.b64encode(b"the ticket is IG-4711 of today").decode()
    told = scrub.event({"IG-1": ["IG-2", "a IG-33 b", '{"at": "IG-4"}', packed], "IG-": 5})
    assert "IG-4" not in str(told)
    assert told[BY_PATTERN][:3] == [BY_PATTERN, f"a {BY_PATTERN} b", f'{{"at": "{BY_PATTERN}"}}']
    assert packed not in str(told)
    assert told["IG-"] == 5


def test_a_pattern_that_fits_everywhere_makes_no_flood() -> None:
    """One marker stands for the whole of a text of which nothing would be left."""
    assert scrubber(patterns=compiled(("[a-z]",))).text("a" * 50_000) == BY_PATTERN


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(.+)+x", "(a|aa)+$", r"(\w+\s?)*;"])
def test_a_pattern_cannot_be_made_to_go_back(pattern: str) -> None:
    """What takes Python's engine for ever takes the time of the text's length."""
    patterns = compiled((pattern,))
    began = time.process_time()
    scrubber(patterns=patterns).text("a" * 90_000)
    # Python's own would need more than the age of the world.
    assert time.process_time() - began < 30


@pytest.mark.parametrize(
    ("patterns", "said"),
    [
        (("fine", "(?=look)"), "pattern 2 is none of RE2's (invalid perl operator)"),
        ((r"(a)\1",), "pattern 1 is none of RE2's (invalid escape sequence)"),
        (("(",), "pattern 1 is none of RE2's (missing ))"),
        (("a*",), "pattern 1 fits an empty text"),
        (("a" * (LONGEST_PATTERN + 1),), "pattern 1 is longer than 1000 characters"),
        (("a",) * (MOST_PATTERNS + 1), "at most 64 patterns"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_told(patterns: tuple[str, ...], said: str) -> None:
    """By its number, and what is wrong with it; its text may tell what shall stay at home."""
    with pytest.raises(ValueError, match="pattern") as caught:
        compiled(patterns)
    assert str(caught.value).startswith(said)
    assert "look" not in str(caught.value)


def test_without_the_engine_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only who has patterns needs it."""
    monkeypatch.setattr("tux.shared.patterns.re2", None)
    assert compiled(()) == ()
    with pytest.raises(ValueError, match="pip install") as caught:
        compiled(("a",))
    assert str(caught.value) == INSTALL


@pytest.mark.parametrize(
    "pattern", ["(?=look)", "(?<!back)a", r"(a)\1", "(", "a)", "[a", "*a", "a*", "a" * 1_001]
)
def test_without_the_engine_a_bad_pattern_is_told_all_the_same(
    pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody installs it only to hear that his pattern is none."""
    monkeypatch.setattr("tux.shared.patterns.re2", None)
    with pytest.raises(ValueError, match="pattern 2 ") as caught:
        compiled((r"\pL+ [[:digit:]]\z", pattern))
    assert "look" not in str(caught.value).replace("it looks", "")


KEPT = ("help@tux.invalid", "203.0.113.7", "4111111111111111", "IG-7")


@pytest.mark.parametrize("value", KEPT)
def test_a_value_that_is_listed_is_kept(value: str) -> None:
    """Alone, as a word of a text, under a telling name, beside what is removed all the same."""
    scrub = scrubber(kept_values=frozenset(KEPT), patterns=compiled((r"IG-\d+",)))
    assert scrub.event({"password": value, "at": value}) == {"password": value, "at": value}
    for text in (f"to {value}.", f"({value})", f"token={value} x", f'{{"token": "{value}"}}'):
        assert scrub.text(text) == text
    told = scrub.text(f"{value} ada@example.com 198.51.100.9 x{value}x")
    assert told.startswith(f"{value} [removed: e-mail] [removed: ip address] ")
    assert scrubber().text(f"ask ada@example.com, {value} or 198.51.100.9") != told


def test_a_value_within_a_secret_is_none() -> None:
    """Only a word of its own is kept: what is listed may be a part of what must go."""
    scrub = scrubber(kept_values=frozenset({"tux.invalid", "1111"}))
    assert scrub.text("ada@tux.invalid or 4111-1111-1111-1111") == (
        "[removed: e-mail] or [removed: card number]"
    )


def test_a_name_that_is_listed_says_nothing() -> None:
    """Whole and in any spelling; what its value is by itself counts all the same."""
    scrub = scrubber(kept_names=frozenset({"session", "api key"}))
    tree = {"Session": "of parliament", "apiKey": "of the piano"}
    assert scrub.event(tree) == tree
    assert scrub.text("api_key=piano1") == "api_key=piano1"
    assert scrub.event({"user_session": "x1"}) == {"user_session": "[removed: session]"}
    assert scrub.event({"session": "ada@example.com"}) == {"session": "[removed: e-mail]"}


@pytest.mark.parametrize("spell", [str, lambda text: base64.b64encode(text.encode()).decode()])
def test_no_list_lets_a_known_value_pass(spell: Any) -> None:
    """Whatever is listed, and by whatever name: secrets of the bot's own settings go."""
    value = spell(SECRET)
    scrub = scrubber(
        kept_values=frozenset({value, SECRET, f"x {value}"}), kept_names=frozenset({"token"})
    )
    told = scrub.event({"token": value, "a": [value, f"x {value}", f"see {value}."], value: 1})
    assert value not in str(told)
    assert SECRET not in str(told)
    assert value not in scrub.text(f"token={value}; {value}")


def test_words_that_look_like_our_placeholders() -> None:
    """Somebody may write what we put in a value's place for a while."""
    scrub = scrubber(kept_values=frozenset({"203.0.113.7"}))
    text = "{kept_0} is no 203.0.113.7 but {kept_1}, says {kept_0}"
    assert "{kept_0} is no" in scrub.text(text)


def test_content_leaves_where_it_is_asked_for() -> None:
    """Reasons, messages and embeds are kept, and secrets in them are not."""
    tree = {
        "reason": "too loud",
        "embeds": [{"title": "a"}],
        "data": {"custom_id": "why", "value": "too loud"},
    }
    scrub = scrubber(content=True)
    assert scrub.event(tree) == tree
    assert scrub.text("reason=too loud") == "reason=too loud"
    assert scrub.event({"content": "to ada@example.com"}) == {"content": "to [removed: e-mail]"}
    assert "too loud" not in str(scrubber().event(tree))

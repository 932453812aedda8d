"""Secrets of our own settings: whole, in other spellings, and a third of one from any place."""

from __future__ import annotations

import base64
import html
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from tests.privacy.remains import remains

from tux.services.sentry.scrubbing.scrubber import Scrubber

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "q7.ZxVb2-kM0Ur_oW9TsLp4Wd8Rn6Yg"
REMOVED = "[removed: secret]"


@pytest.mark.parametrize("module", ["re", "re2"])
@pytest.mark.parametrize("start", range(len(SECRET) - 10))
def test_a_third_is_removed_wherever_it_is_from(
    start: int, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands before and behind it may be altered or cut away."""
    if module == "re":
        monkeypatch.setattr("tux.shared.patterns.re2", None)
    scrubber = Scrubber((SECRET,))
    part = SECRET[start : start + 11]
    for text in (f"it is *{part}*", f"XX{part}", f"a {part}", part):
        told = scrubber.event({"message": text})["message"]
        assert part not in told
        assert part[2:-2] not in told
        assert REMOVED in told


@pytest.mark.parametrize(
    "spell",
    [
        lambda text: quote(text, safe=""),
        lambda text: base64.b64encode(b"x" + text.encode()).decode(),
        lambda text: base64.b64encode(b"xx" + text.encode()).decode(),
    ],
)
def test_the_end_of_a_spelled_value_is_removed(spell: object) -> None:
    """In other spellings a part is as telling as it is in plain text."""
    secret = "pass/word with: 7 words, all of it"
    whole = spell(secret)  # type: ignore[operator]  # a function of those above
    half = whole[len(whole) // 2 : -2]
    assert half not in Scrubber((secret,)).text(f"got {half} there")


@pytest.mark.parametrize("secret", ['a"b\\c d7', "päss\nwörd'7", 'so\'s "7" & <x>', "пароль"])
def test_a_value_is_removed_however_it_is_quoted(secret: str) -> None:
    """In JSON, in reprs, of bytes too, and in one within another nothing is left of it."""
    quoted: list[Callable[[str], str]] = [
        json.dumps,
        lambda text: json.dumps(text, ensure_ascii=False),
        repr,
        ascii,
        lambda text: repr(text.encode()),
        lambda text: repr({"a": f"it's {text}"}),
        html.escape,
    ]
    scrubber = Scrubber((secret,))
    for outer in quoted:
        for inner in quoted:
            for text in (inner(secret), outer(inner(f"x {secret} y"))):
                assert REMOVED in scrubber.text(f"sent {text} there"), text
                event = {"message": f"sent {text} there"}
                assert (
                    scrubber.serialised(event)
                    == json.dumps(scrubber.event(event)).replace('": "', '":"').encode()
                ), text
                assert remains(scrubber.serialised(event), (secret,)) is None, text


def test_words_of_a_pass_phrase_are_everybodys() -> None:
    """A word that stands in a secret by itself stands in other texts, too; half of a phrase does not."""
    scrubber = Scrubber(("tux-production-password-of-2026",))
    assert scrubber.text("in production since today") == "in production since today"
    assert scrubber.text("say production-password-of") == f"say {REMOVED}"


def test_a_value_is_removed_each_time() -> None:
    """Several in one text, whole and in part, side by side and apart."""
    scrubber = Scrubber((SECRET,))
    assert scrubber.text(f"{SECRET}{SECRET} {SECRET[10:]}!") == f"{REMOVED}{REMOVED} {REMOVED}!"


def test_a_short_value_counts_as_a_whole() -> None:
    """Of six characters a part is nothing."""
    scrubber = Scrubber(("hunte2", "abc"))
    assert scrubber.text("hunte2 or hunte and abc") == f"{REMOVED} or hunte and abc"


@pytest.mark.parametrize("end", ["...", "…", "'…", "… (400)", '..."}'])
@pytest.mark.parametrize("left", [6, 7, 9, 10])
def test_the_beginning_of_a_value_is_removed_where_a_text_was_cut(left: int, end: str) -> None:
    """Less than a third is enough there; in the middle of a text, and as a word, it says nothing."""
    scrubber = Scrubber((SECRET, "opaque.value-of-our-own_settings"))
    for part in (SECRET[:left], "opaque.value-of"[: left + 2]):
        told = scrubber.text(f"it said '{part}{end}")
        assert part not in told
        assert told.endswith(end)
    for kept in (f"it is {SECRET[:left]} there…", "all of it is opaque…"):
        assert scrubber.text(kept) == kept

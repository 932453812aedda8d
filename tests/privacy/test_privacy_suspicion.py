"""One look tells what the rules need not look at: it never passes what they would change."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.privacy.forms import FORMS, cut
from tests.privacy.harmless import HARMLESS
from tests.privacy.hostile import UNITS
from tests.privacy.kinds import KINDS, SETTINGS

from tux.services.sentry.scrubbing.scrubber import Scrubber
from tux.services.sentry.scrubbing.written import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECES = [unit for unit in UNITS if unit.isprintable() or unit in "\n\r\t"]


def unsuspected(texts: Iterator[str]) -> list[str]:
    """Give the texts that pass the look although the rules, or their names as JSON, change them."""
    scrubber = Scrubber(SETTINGS)
    return [
        text
        for text in texts
        if scrubber._suspicion.is_clean(written({"a": [text]}) or b"")
        and (
            scrubber._rules.scrubbed(text) != text
            or (text and scrubber._scrubbed_json(text, 0) != text)
        )
    ]


def joined(chance: Random, count: int) -> Iterator[str]:
    """Join pieces of secrets, of patterns and harmless texts."""
    kinds = list(KINDS.values())
    for _ in range(count):
        parts = []
        for _ in range(chance.randrange(1, 7)):
            sample = chance.choice(kinds)(chance).text
            start = chance.randrange(len(sample))
            piece = sample[start : start + chance.randrange(1, 40)]
            parts.append(chance.choice((chance.choice(PIECES), chance.choice(HARMLESS), piece)))
        yield chance.choice(("", " ", "\n", "ä", "🐧")).join(parts)


@pytest.mark.parametrize("share", [1.0, 0.9, 0.5])
def test_no_kind_passes_in_any_form(share: float) -> None:
    """What the rules change of a sample, whole or cut, is suspected however it is spelled."""
    chance = Random(share)
    forms: list[Callable[[str], str]] = [str, *FORMS.values()]
    samples = ((make(chance), form) for make in KINDS.values() for form in forms)
    assert not unsuspected(
        form(sample.text) if share == 1 else cut(sample, share, form) for sample, form in samples
    )


def test_no_joined_pieces_pass() -> None:
    """What the rules change of pieces that stand together by chance is suspected."""
    assert not unsuspected(joined(Random(7), 4_000))


@pytest.mark.long
def test_many_joined_pieces_pass_hardly_ever() -> None:
    """Of a hundred thousand such texts a few may pass: signs that nobody takes for a value."""
    assert len(unsuspected(joined(Random(8), 100_000))) <= 5


def test_what_is_told_already_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text whose markers are left out of the second look becomes what it becomes with them."""
    chance, scrub = Random(9), Scrubber(SETTINGS)._rules.scrubbed
    texts = [*joined(chance, 2_000), *(make(chance).text for make in KINDS.values())]
    texts += [
        f"{text}, {make(chance).text}" for text in texts[:300] for make in (*KINDS.values(),)[::60]
    ]
    told = [scrub(text) for text in texts]
    monkeypatch.setattr("tux.services.sentry.scrubbing.texts.without_told", str)
    assert [scrub(text) for text in texts] == told


def test_what_follows_a_marker_as_its_value_is_looked_at() -> None:
    """Where a key and the next name run together, the value of that name is not left behind the marker."""
    text = f"apiKey={'df' * 16}password = 'penguins-of-madagascar'"
    assert "penguins" not in Scrubber().text(text)


def test_harmless_texts_are_hardly_suspected() -> None:
    """Most of the harmless texts, all of which look like something, pass."""
    scrubber = Scrubber(SETTINGS)
    passed = [text for text in HARMLESS if scrubber._suspicion.is_clean(written([text]) or b"")]
    assert len(passed) > len(HARMLESS) * 0.8


def test_what_our_own_layer_writes_is_not_suspected() -> None:
    """Templates of routes, statements and names of spans pass: they go with every event."""
    scrubber = Scrubber(SETTINGS)
    for text in (
        "POST /webhooks/{application_id}/{interaction_token}",
        "POST /interactions/{interaction_id}/{interaction_token}/callback",
        "GET /guilds/{guild_id}/members/{user_id}",
        "SELECT * FROM cases WHERE guild_id = ? AND reason IS NOT NULL",
        "await ctx.send(embed=embed)",
        "await member.ban(reason=reason)",
        "2026-11-24T03:22:31.123456Z",
        "<discord.Member 412345678901234567>",
        "tux@1.0.0.dev3+g1234567",
    ):
        assert scrubber._suspicion.is_clean(written({"message": text}) or b""), text


def test_without_the_engine_nothing_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where RE2 is not installed the rules look at everything, and find the same."""
    chance = Random(7)
    texts = [*HARMLESS, *(make(chance).text for make in KINDS.values())]
    told = Scrubber(SETTINGS).event(texts)
    monkeypatch.setattr("tux.shared.patterns.re2", None)
    assert Scrubber(SETTINGS).event(texts) == told


def test_a_suspicious_text_is_cut_behind_its_first_place() -> None:
    """Of a text with a secret some thousand characters are looked at, and the rest does not leave."""
    told = Scrubber().text("word " * 4_000 + "ada@example.org" + " word" * 4_000)
    assert told.startswith("word " * 4_000 + "[removed: e-mail] word")
    assert told.endswith("…")
    assert 24_000 < len(told) < 24_200

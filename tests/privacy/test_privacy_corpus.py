"""Kinds of secrets in places of an envelope: nothing is left of any."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.fakes.receiver import Receiver
from tests.privacy.forms import FORMS, cut
from tests.privacy.kinds import KINDS, SETTINGS
from tests.privacy.places import PLACES
from tests.privacy.probes import FORMED, filled, grown, recording, scrubbed, templates
from tests.privacy.remains import remains

from tux.services.sentry.scrubbing.scrubber import Scrubber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.privacy.probes import Template

CUTS = (0.67, 0.9)
"""How much of a secret stands before the cut."""
CUT_FORMS: tuple[Callable[[str], str], ...] = (str, *FORMS.values())
MANY = 6
NUMBERS = {kind: number for number, kind in enumerate(KINDS)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Template]]:
    receiver = Receiver()
    receiver.start()
    with recording(receiver.dsn, tmp_path_factory.mktemp("spool")) as recorder:
        yield templates(recorder)
    receiver.stop()


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber(SETTINGS)


@pytest.mark.parametrize("kind", KINDS)
def test_kind_leaves_nowhere(kind: str, made: list[Template], scrubber: Scrubber) -> None:
    """Of no sample of a kind is a third left, in every second place and in every form, whole or cut."""
    number = NUMBERS[kind]
    leaks = list(_leaks(kind, Random(kind), _turn(made, number), scrubber))
    chance = Random(kind)
    for place, form in enumerate(CUT_FORMS):
        leaks += _cut_leaks(kind, chance, form, CUTS[(place + number) % len(CUTS)], scrubber)
    assert not leaks, "\n".join(leaks)


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_kind_leaves_nowhere_at_all(kind: str, made: list[Template], scrubber: Scrubber) -> None:
    """Of no sample of a kind is a third left, in any place, in any form, whole or cut."""
    leaks = list(_leaks(kind, Random(kind), made, scrubber))
    chance = Random(kind)
    for form in CUT_FORMS:
        for share in CUTS:
            leaks += _cut_leaks(kind, chance, form, share, scrubber)
    assert not leaks, "\n".join(leaks)


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_many_samples_leave_nowhere(kind: str, made: list[Template], scrubber: Scrubber) -> None:
    """Of many more samples none is left in one of a thousand probes: letters may look like words."""
    leaks = [
        leak
        for number in range(MANY)
        for leak in _leaks(kind, Random(f"{kind} {number}"), made, scrubber)
    ]
    assert len(leaks) * 1_000 <= MANY * len(made), "\n".join(leaks)


def test_every_place_and_form_has_its_turn(made: list[Template]) -> None:
    """Two kinds that follow each other are in all places, three in all forms at all of theirs."""
    for first in range(3):
        turns = [
            (one.place, one.form) for turn in range(first, first + 3) for one in _turn(made, turn)
        ]
        assert set(turns) == {(one.place, one.form) for one in made}


def test_corpus_is_as_large_as_it_says() -> None:
    """There are seven times as many probes as were made of the SDK's own scrubber."""
    assert len(KINDS) >= 280
    assert len(PLACES) >= 98
    assert len(KINDS) * (len(PLACES) + len(FORMED) * len(FORMS)) >= 7 * 5_548


def test_samples_hold_their_secrets() -> None:
    """Each sample has its secrets in its text, and two samples of a kind differ."""
    for kind, make in KINDS.items():
        chance = Random(kind)
        samples = [make(chance) for _ in range(8)]
        assert all(secret in sample.text for sample in samples for secret in sample.secrets), kind
        assert kind.startswith("own") or len({sample.secrets for sample in samples}) == 8, kind


def _turn(made: list[Template], number: int) -> list[Template]:
    """Give every second place, and every form at one of its places: others than to the next number."""
    plain = [one for one in made if not one.form]
    forms = list(FORMS)
    return [one for place, one in enumerate(plain) if (place + number) % 2 == 0] + [
        one
        for one in made
        if one.form
        and (FORMED.index(one.place) + forms.index(one.form) + number) % len(FORMED) == 0
    ]


def _cut_leaks(
    kind: str, chance: Random, form: Callable[[str], str], share: float, scrubber: Scrubber
) -> Iterator[str]:
    """Look at a secret that was cut, by itself and in data."""
    sample = KINDS[kind](chance)
    said = cut(sample, share, form)
    event = {"message": said, "extra": {"a": [said]}, "vars": {"held": repr(said)}}
    if remains(json.dumps(scrubber.event(event)).encode(), sample.secrets):
        yield said


def _leaks(kind: str, chance: Random, made: list[Template], scrubber: Scrubber) -> Iterator[str]:
    for template in made:
        sample = KINDS[kind](chance)
        left = remains(scrubbed(filled(template, sample.text), scrubber), sample.secrets)
        if left:
            yield f"{template.place}, {template.form or 'as it is'}: {left}"
        if template.takes_data and sample.tree is not None:
            left = remains(scrubbed(grown(template, sample.tree), scrubber), sample.secrets)
            if left:
                yield f"{template.place}, as data: {left}"

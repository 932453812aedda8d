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
    from collections.abc import Iterator

    from tests.privacy.probes import Template

CUTS = (0.67, 0.9)
"""How much of a secret stands before the cut."""


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
    """Of no sample of a kind is a third left, in any place, in any form."""
    leaks = list(_leaks(kind, Random(kind), made, scrubber))
    assert not leaks, "\n".join(leaks)


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_many_samples_leave_nowhere(kind: str, made: list[Template], scrubber: Scrubber) -> None:
    """Of many more samples none is left in one of a thousand probes: letters may look like words."""
    leaks = [
        leak
        for number in range(20)
        for leak in _leaks(kind, Random(f"{kind} {number}"), made, scrubber)
    ]
    assert len(leaks) * 1_000 <= 20 * len(made), "\n".join(leaks)


@pytest.mark.parametrize("kind", KINDS)
def test_cut_kind_leaves_nowhere(kind: str, scrubber: Scrubber) -> None:
    """Of a secret that was cut not a third is left, in any form, by itself and in data."""
    chance = Random(kind)
    for form in (lambda text: text, *FORMS.values()):
        for share in CUTS:
            sample = KINDS[kind](chance)
            said = cut(sample, share, form)
            event = {"message": said, "extra": {"a": [said]}, "vars": {"held": repr(said)}}
            left = json.dumps(scrubber.event(event)).encode()
            assert remains(left, sample.secrets) is None, said


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

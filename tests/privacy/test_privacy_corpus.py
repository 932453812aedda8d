"""Kinds of secrets × places in an envelope: nothing is left of any."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.privacy.forms import cut
from tests.privacy.kinds import KINDS, SETTINGS
from tests.privacy.probes import filled, grown, recording, scrubbed, templates
from tests.privacy.remains import remains
from tux.services.sentry.scrubbing import Scrubber

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.privacy.probes import Template


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Template]]:
    with recording("http://key@127.0.0.1:1/42", tmp_path_factory.mktemp("spool")) as recorder:
        yield templates(recorder)


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber(SETTINGS)


@pytest.mark.parametrize("kind", KINDS)
def test_kind_leaves_nowhere(kind: str, made: list[Template], scrubber: Scrubber) -> None:
    """Of no sample of a kind is a third left, in any place, in any form."""
    chance = Random(kind)
    leaks = []
    for template in made:
        sample = KINDS[kind](chance)
        left = remains(scrubbed(filled(template, sample.text), scrubber), sample.secrets)
        if left:
            leaks.append(f"{template.place}, {template.form or 'as it is'}: {left}")
        if template.takes_data and sample.tree is not None:
            left = remains(scrubbed(grown(template, sample.tree), scrubber), sample.secrets)
            if left:
                leaks.append(f"{template.place}, as data: {left}")
    assert not leaks, "\n".join(leaks)

"""Identifiers are kept, whatever they look like by chance."""

from __future__ import annotations

import random
import uuid

import pytest

from tux.services.sentry.scrubbing.scrubber import Scrubber

FORMS = ("{}", "failed (event {})", "Event ID {}", "/traces/{}/", "id={}, then", '"{}"')


def test_ids_in_texts_are_kept() -> None:
    """Of many ids, in any form, none is taken for a card number or anything else."""
    scrubber, chance = Scrubber(), random.Random(7)
    for number in range(30_000):
        one = uuid.UUID(int=chance.getrandbits(128))
        for spelled in (one.hex, one.hex[:16], str(one)):
            text = FORMS[number % len(FORMS)].format(spelled)
            # Sixteen digits and no letter may be a card's: fields are told by their names.
            if not spelled.isdigit():
                assert scrubber.text(text) == text


@pytest.mark.parametrize("name", ["event_id", "trace_id", "span_id", "parent_span_id"])
def test_fields_of_ids_are_kept(name: str) -> None:
    """An id of digits only, which would pass for a card, is kept in its field."""
    event = {name: "4111111111111111"}
    assert Scrubber().event(event) == event
    assert Scrubber().event({"other": "4111111111111111"}) != {"other": "4111111111111111"}


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "card 4111 1111 1111 1111 and more",
        "paid with 4111-1111-1111-1111.",
        "x=5500000000000004;",
    ],
)
def test_cards_are_removed(text: str) -> None:
    """A card number that stands by itself is removed."""
    assert "1111" not in Scrubber().text(text)
    assert "5500" not in Scrubber().text(text)

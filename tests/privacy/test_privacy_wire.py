"""The same over the wire: what a receiver gets, byte by byte."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import sentry_sdk
from tests.privacy.kinds import KINDS, OWN_PASSWORD
from tests.privacy.places import PLACES
from tests.privacy.probes import captured
from tests.privacy.remains import remains

if TYPE_CHECKING:
    from tests.fakes.receiver import Receiver
    from tests.privacy.probes import Recorder

FLUSH_SECONDS = 30


@pytest.mark.parametrize("kind", ["discord bot token", "discord webhook", "own password"])
def test_every_place_is_clean_on_the_wire(
    kind: str, receiver: Receiver, recorder: Recorder
) -> None:
    """A secret that is brought to every place arrives in none; something arrives from each."""
    chance = Random(kind)
    samples = [KINDS[kind](chance) for _ in PLACES]
    for place, sample in zip(PLACES.values(), samples, strict=True):
        assert captured(recorder, lambda place=place, text=sample.text: place.capture(text))  # type: ignore[misc]  # defaults bind the loop's variables
    sentry_sdk.flush(FLUSH_SECONDS)
    arrived = b"".join(receiver.bodies)
    assert len(receiver.bodies) >= len(PLACES)
    assert arrived.count(b"[removed: ") >= len(PLACES)
    secrets = {secret for sample in samples for secret in sample.secrets}
    assert remains(arrived, secrets) is None


@pytest.mark.parametrize("kept", range(4, 44, 4))
def test_value_that_the_sdk_cuts(receiver: Receiver, recorder: Recorder, kept: int) -> None:
    """A token at the bound of a value's length is cut by the SDK, and what is left is removed."""
    bound = sentry_sdk.get_client().options["max_value_length"]
    sample = KINDS["discord webhook path"](Random(kept))
    before = sample.text.index(sample.secrets[0])
    text = "x" * (bound - before - kept - 1) + " " + sample.text
    (envelope,) = captured(recorder, lambda: sentry_sdk.capture_message(text))
    event = envelope.items[0].payload.json
    assert isinstance(event, dict)
    assert event["message"].endswith("...")
    sentry_sdk.flush(FLUSH_SECONDS)
    arrived = b"".join(receiver.bodies)
    assert b"[removed: discord token]" in arrived
    assert sample.secrets[0][:4].encode() not in arrived


def test_known_values_leave_in_no_form(receiver: Receiver, recorder: Recorder) -> None:
    """The password of our own database leaves neither spelled out nor encoded nor cut."""
    for text in (OWN_PASSWORD, OWN_PASSWORD[:20], quote(OWN_PASSWORD)):
        captured(recorder, lambda text=text: sentry_sdk.capture_message(f"tried {text}"))  # type: ignore[misc]  # as above
    sentry_sdk.flush(FLUSH_SECONDS)
    assert [event["message"] for event in receiver.of("event")] == ["tried [removed: secret]"] * 3

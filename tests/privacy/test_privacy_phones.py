"""Numbers of phones, under their names."""

from __future__ import annotations

import pytest

from tux.services.sentry.scrubbing.scrubber import Scrubber


@pytest.mark.parametrize(
    "number", ["+1-800-FLOWERS", "1-800-555-CALL", "tel.5550123", "call5550123", "+49 30 1234567"]
)
@pytest.mark.parametrize(
    "form", ["phone_number={}, left", "phone={}, left", "'phone': '{}'", "phone: {}"]
)
def test_a_number_with_letters_is_removed(number: str, form: str) -> None:
    """Letters in a number, or before it, hide nothing of it."""
    told = Scrubber().text(form.format(number))
    assert told == form.format("[removed: phone number]")


@pytest.mark.parametrize(
    "text",
    [
        "phone = user.phones[0]",
        "phone = phone_of(user)",
        "phone: the number is missing",
        "phone_number: str",
        "phone=None",
    ],
)
def test_code_and_prose_are_kept(text: str) -> None:
    """A name of source code, and a sentence, hold no number."""
    assert Scrubber().text(text) == text

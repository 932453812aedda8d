"""What an error says of itself is asked for once where it takes long, and cut where it is long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import sentry_sdk
from sentry_sdk.utils import safe_str
from tests.fakes.sent import raised

from tux.services.sentry import capture_exception, messages
from tux.services.sentry.messages import (
    MAX_RESTING,
    MOST_CHARACTERS,
    REST,
    SLOW_SECONDS,
    UNTOLD,
    Messages,
    message_of,
    told_message,
)
from tux.services.sentry.policy import is_expected

if TYPE_CHECKING:
    from tests.fakes.sent import Sent

LARGE = 50_000_000
LARGEST_EVENT = 200_000


@dataclass
class Clock:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


class SlowError(Exception):
    """An error that asks somebody for its text."""

    def __init__(self, clock: Clock, seconds: float = 1.0, text: str = "awake") -> None:
        super().__init__(text)
        self.clock, self.seconds, self.text, self.asked = clock, seconds, text, 0

    def __str__(self) -> str:
        self.asked += 1
        self.clock.now += self.seconds
        return self.text


class BrokenError(Exception):
    """An error that cannot be asked."""

    @property
    def message(self) -> str:
        """Fail."""
        raise LookupError

    def __str__(self) -> str:
        raise LookupError

    def __repr__(self) -> str:
        raise LookupError


class Text(str):
    """A text with a mind of its own."""

    __slots__ = ()

    def __len__(self) -> int:
        raise AssertionError

    def __getitem__(self, _: object) -> str:
        raise AssertionError


def test_slow_errors_rest() -> None:
    """Whatever took long is not asked again for a thousand times as long, and its kin neither."""
    clock = Clock()
    asking = Messages(clock)
    first, second = SlowError(clock), SlowError(clock)
    assert asking.ask(first, safe_str) == "awake"
    assert asking.ask(second, safe_str) == UNTOLD
    assert second.asked == 0
    clock.now += REST
    assert asking.ask(second, safe_str) == "awake"


def test_slow_errors_are_asked_once() -> None:
    """What was said stays with the error: policy and event tell the same."""
    clock = Clock()
    asking, error = Messages(clock), SlowError(clock)
    assert [asking.ask(error, safe_str) for _ in range(3)] == ["awake"] * 3
    assert error.asked == 1


def test_quick_errors_are_asked_each_time() -> None:
    """An error that says at once what it says may say something else next."""
    clock = Clock()
    asking, error = Messages(clock), SlowError(clock, SLOW_SECONDS / 2)
    assert asking.ask(error, safe_str) == "awake"
    error.text = "asleep"
    assert asking.ask(error, safe_str) == "asleep"


def test_what_an_error_was_given_is_to_blame() -> None:
    """A class of Python's own is asked on: only with what took long does it rest."""
    clock = Clock()
    asking = Messages(clock)
    assert asking.ask(ValueError(SlowError(clock)), safe_str) == "awake"
    assert asking.ask(ValueError(SlowError(clock)), safe_str) == UNTOLD
    assert asking.ask(ValueError("word", 1), safe_str) == "('word', 1)"


def test_large_texts_do_not_rest() -> None:
    """Where only Python's own code runs, one that is large does not silence the others."""
    clock = Clock()
    asking = Messages(clock)

    def take_long(error: object) -> str:
        clock.now += 1
        return safe_str(error)

    assert asking.ask(KeyError("word"), take_long) == "'word'"
    assert asking.ask(KeyError("other"), take_long) == "'other'"


def test_classes_that_cannot_be_told_apart() -> None:
    """An error whose class has no hash is asked each time."""

    class Meta(type):
        __hash__ = None  # type: ignore[assignment]  # the point

    class OddError(Exception, metaclass=Meta):
        """An error of an odd class."""

    assert Messages(Clock()).ask(OddError("word"), safe_str) == "word"


def test_few_kinds_are_remembered() -> None:
    """Of many kinds that take long the latest rest."""
    clock = Clock()
    asking = Messages(clock)
    kinds = [type(f"SlowError{number}", (SlowError,), {}) for number in range(MAX_RESTING + 1)]
    for kind in kinds:
        asking.ask(kind(clock), safe_str)
    assert asking.ask(kinds[-1](clock), safe_str) == UNTOLD
    assert asking.ask(kinds[0](clock), safe_str) == "awake"


def test_long_texts_are_cut() -> None:
    """As much is told as receivers keep, with an ellipsis, whatever the text's class says of it."""
    clock = Clock()
    cut = Messages(clock).ask(SlowError(clock, 0, Text("x" * LARGE)), safe_str)
    assert cut == "x" * (MOST_CHARACTERS - 1) + "…"
    assert len(message_of(LookupError("x" * LARGE))) == MOST_CHARACTERS
    assert len(message_of(LookupError("x" * LARGE, 1))) == MOST_CHARACTERS


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (LookupError("word"), "word"),
        (LookupError(), ""),
        (LookupError("word", 1), "('word', 1)"),
        (KeyError("word"), "'word'"),
        (BrokenError("word"), "<broken repr>"),
        (OSError(2, "none"), "[Errno 2] none"),
    ],
    ids=lambda part: type(part).__name__,
)
def test_told_as_python_tells_it(error: BaseException, text: str) -> None:
    """A text is what Python says, for the policy and for the event."""
    assert message_of(error) == text
    assert told_message(error) == text
    assert told_message(None) == "None"


def test_notes_go_along() -> None:
    """An event tells the notes of an error, as far as there is room."""
    error = LookupError("word")
    error.add_note("note")
    assert told_message(error) == "word\nnote"
    error.add_note("x" * LARGE)
    assert len(told_message(error)) == MOST_CHARACTERS


def test_an_error_that_sleeps(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked once for policy and event, and the next of its class not at all."""
    clock = Clock()
    monkeypatch.setattr(messages._messages, "_clock", clock)
    first, second = raised(SlowError(clock)), raised(SlowError(clock))
    assert capture_exception(first)
    assert capture_exception(second)
    assert (first.asked, second.asked) == (1, 0)
    told = [event["exception"]["values"][-1]["value"] for event in sent.events]
    assert told == ["awake", UNTOLD]


def test_an_error_of_50_megabytes(sent: Sent) -> None:
    """Its event is as small as any."""
    capture_exception(raised(LookupError("x" * LARGE)))
    value = sent.event["exception"]["values"][-1]["value"]
    assert value.startswith("xxx")
    assert len(value) <= LARGEST_EVENT


def test_a_limit_is_heard_of() -> None:
    """Errors that speak of a rate limit stay at home, whoever makes their text."""
    assert is_expected(LookupError("Rate-Limit reached"))
    assert is_expected(SlowError(Clock(), 0, "you hit a RATE LIMIT"))
    assert not is_expected(LookupError("no limits"))
    assert not is_expected(LookupError("x" * 2000 + "rate limit"))


def test_the_sdk_asks_here(sent: Sent) -> None:
    """The function by which the SDK asks is ours; it is the only one."""
    assert sent.events == []
    assert sentry_sdk.utils.get_error_message is told_message

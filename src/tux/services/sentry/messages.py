"""What an error says of itself, asked so that it cannot hold the loop again and again.

``str`` of an error runs code of the bot's own, which may sleep or make 50 MB, and nothing can break it
off in its thread. So it is timed: whatever took long is not asked again for a thousand times as long.
"""

from __future__ import annotations

import builtins
import time
from typing import TYPE_CHECKING, Any, Final

import sentry_sdk
from sentry_sdk.utils import get_error_message, safe_str

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_CHARACTERS: Final = 8192
"""Of a message: as many as receivers keep."""
SLOW_SECONDS: Final = 0.02
REST: Final = 1000
"""How often as long as it took nobody asks again: it holds the loop for a thousandth of the time."""
MAX_RESTING: Final = 256
"""Kinds that are remembered, the latest."""
UNTOLD: Final = "<not asked: its text took too long before>"
_KEPT: Final = "_tux_message"
_PLAIN: Final = BaseException.__str__
_args: Final = vars(BaseException)["args"].__get__
"""Reads them past what a class of the bot's own may have for them."""
_MOST_ARGUMENTS: Final = 4
"""That are looked at: ``ValueError`` shows what it was given, whose code may be the slow one."""
_OF_PYTHON: Final = frozenset(
    {type(None), *filter(lambda one: isinstance(one, type), vars(builtins).values())}
)
"""Their code is quick, and what they hold may be large: they never rest."""


class Messages:
    """Asks errors for their text. Any thread may call.

    Args:
        clock: tells seconds, waits included.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._resting: dict[tuple[type, ...], float] = {}

    def ask(self, error: BaseException | None, how: Callable[[Any], str]) -> str:
        """Ask in some way for the text, and cut it. Never raises.

        Who took long for it is not asked twice: what was said first stays with the error.
        """
        try:
            kept: str = BaseException.__getattribute__(error, _KEPT)
        except (AttributeError, TypeError):
            pass
        else:
            return kept
        kind = _kind(error)
        began = self._clock()
        if began < self._resting.get(kind, began):
            return UNTOLD
        text = _cut(_told(error, how))
        ended = self._clock()
        if kind and ended - began > SLOW_SECONDS:
            self._let_rest(kind, ended + REST * (ended - began))
            # Past what the class may say about it, as marks are set.
            BaseException.__setattr__(error, _KEPT, text)
        return text

    def _let_rest(self, kind: tuple[type, ...], until: float) -> None:
        while len(self._resting) >= MAX_RESTING:
            self._resting.pop(next(iter(self._resting)), None)
        self._resting[kind] = until


_messages: Final = Messages(time.monotonic)


def message_of(error: BaseException) -> str:
    """Give what an error says, without its notes, cut. Never raises."""
    # What most errors are: ready, and none of their code runs.
    if type(error).__str__ is _PLAIN:
        args = error.args
        if type(args) is tuple and len(args) == 1 and type(args[0]) is str:
            text: str = args[0][:MOST_CHARACTERS]
            return text
    return _messages.ask(error, safe_str)


def told_message(error: BaseException | None) -> str:
    """Give what an event says of an error, cut. Stands for the SDK's own function; never raises."""
    return _messages.ask(error, get_error_message)


def bound_messages() -> None:
    """Let the SDK ask here."""
    sentry_sdk.utils.get_error_message = told_message  # type: ignore[assignment]  # mypy knows it by name


def _kind(error: BaseException | None) -> tuple[type, ...]:
    """List the classes, other than Python's own, whose code may run."""
    args = () if error is None else _args(error)
    try:
        kinds = (type(error), *map(type, args[:_MOST_ARGUMENTS]))
        return tuple(kind for kind in kinds if kind not in _OF_PYTHON)
    except Exception:  # noqa: BLE001  # a class that cannot be told from others
        return ()


def _told(error: BaseException | None, how: Callable[[Any], str]) -> str:
    try:
        return how(error)
    except Exception:  # noqa: BLE001  # a property of somebody's class
        return safe_str(error)


def _cut(text: str) -> str:
    # Past what a class of the bot's own may have for these.
    if str.__len__(text) <= MOST_CHARACTERS:
        return text
    return f"{str.__getitem__(text, slice(MOST_CHARACTERS - 1))}…"

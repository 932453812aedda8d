"""Marks on exceptions: which was decided upon already, so that one failure is one event.

An attribute on the exception beats the SDK's dedupe, which knows only the last one of its own
context: wrappers, loggers, sibling tasks and the garbage collector bring the same failure again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple

from tux.services.sentry.policy import read
from tux.services.sentry.units import current_place, is_part_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tux.services.sentry.policy_rules import Verdict
    from tux.services.sentry.units import Place

_NAME: Final = "_tux_mark"


class Mark(NamedTuple):
    """What was decided about a failure."""

    verdict: Verdict
    event_id: str | None
    """None where nothing was sent: by the verdict, by the limiter, or without a client."""
    by_code: bool
    """Whether the bot's own code captured it, and so may have told the member itself."""
    at: float
    """When, on the monotonic clock."""
    place: Place | None
    """The unit of work in which it was decided."""

    def __repr__(self) -> str:
        """Say no more than the name, wherever somebody prints the attributes of an error."""
        return "<mark>"

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        """Let an error be pickled and copied as it was: a copy is not marked."""
        return type(None), ()

    def __deepcopy__(self, _: object) -> None:
        """Stay behind, as above."""


def mark(
    family: Iterable[BaseException], verdict: Verdict, event_id: str | None, *, by_code: bool
) -> None:
    """Mark an error and all that it was made of, as ``policy.causes`` lists them."""
    made = Mark(verdict, event_id, by_code, time.monotonic(), current_place())
    for one in family:
        try:
            # Past what the class may say about it: a frozen dataclass refuses.
            object.__setattr__(one, _NAME, made)
        except (AttributeError, TypeError):
            continue


def mark_of(family: Iterable[BaseException]) -> Mark | None:
    """Find the mark of an error or of anything that it was made of."""
    for one in family:
        found = read(one, _NAME)
        # An error that is kept and raised again elsewhere is another failure there.
        if found is not None and isinstance(found, Mark) and is_part_of(found.place):
            return found
    return None

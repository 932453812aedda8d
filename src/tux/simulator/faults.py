"""Faults that a test or a demo orders for REST requests."""

from __future__ import annotations

import re
from dataclasses import dataclass

PARAMETER = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with the next requests of a kind."""

    method: str
    path: str
    """Route template, such as ``/channels/{channel_id}/messages``; names in braces do not count."""
    status: int | None = None
    """HTTP status to answer with; without one the request is only delayed or dropped."""
    times: int = 1
    retry_after: float = 0.2
    """Seconds, for status 429."""
    delay: float = 0.0
    """Seconds before anything else happens."""
    code: int = 0
    """JSON error code, such as 50007."""
    drop: bool = False
    """Break the connection instead of answering."""
    scope: str = "user"
    """Of a 429: ``user``, ``shared``, or ``global`` for the limit over all routes."""
    via: bool = True
    """Whether Discord answers; else Cloudflare does, without the header ``Via`` and in plain text.
    discord.py takes such a 429 for a ban, and does not try again."""


def shape(path: str) -> str:
    """Take the names out of a route template."""
    return PARAMETER.sub("{}", path)


class Faults:
    """The faults that are still to come, in the order they were added."""

    def __init__(self) -> None:
        self._left: list[tuple[Fault, int]] = []

    def add(self, fault: Fault) -> None:
        """Order a fault, for as many requests as it says."""
        self._left.append((fault, fault.times))

    def clear(self) -> None:
        """Take all orders back."""
        self._left.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Find the fault for a request, and count it down."""
        for index, (fault, left) in enumerate(self._left):
            if fault.method == method and shape(fault.path) == shape(path):
                self._left[index] = (fault, left - 1)
                if left == 1:
                    del self._left[index]
                return fault
        return None

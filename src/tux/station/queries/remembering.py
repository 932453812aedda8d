"""What is asked once: within a look at the file, or of times that are over."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from tux.station.rollups.periods import HALF_HOUR
from tux.station.store import Reader

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from tux.station.queries.ranges import Range

Answer = TypeVar("Answer")
Facts = ParamSpec("Facts")


def once(
    ask: Callable[Concatenate[sqlite3.Connection, Facts], Answer],
) -> Callable[Concatenate[sqlite3.Connection, Facts], Answer]:
    """Let a query be asked once within a look; who gets an answer must not change it.

    Several widgets of a page ask for the same.
    """

    @wraps(ask)
    def asked(
        connection: sqlite3.Connection, /, *facts: Facts.args, **more: Facts.kwargs
    ) -> Answer:
        if not isinstance(connection, Reader):
            return ask(connection, *facts, **more)
        key = ask, facts, tuple(sorted(more.items()))
        if key not in connection.seen:
            connection.seen[key] = ask(connection, *facts, **more)
        answer: Answer = connection.seen[key]
        return answer

    return asked


def remembered(
    connection: sqlite3.Connection, key: tuple[object, ...], ask: Callable[[], Answer]
) -> Answer:
    """Give what was asked of half hours that are over, as long as nothing was added to one.

    What is asked for whole days only says so by ``"days"`` in the first place of its key: hardly
    ever is something added to them.
    """
    if not isinstance(connection, Reader):
        return ask()
    days, halves = _late(connection)
    return connection.memory.of((*key, days if key[0] == "days" else halves), ask)


@once
def _late(connection: sqlite3.Connection) -> tuple[int, int]:
    days, halves = connection.execute(
        "SELECT d.times, h.times FROM late AS d CROSS JOIN late_halves AS h"
    ).fetchone()
    return days, halves


def current(span: Range, now: float) -> int:
    """Give the half hour with which the last bar of a range begins: those before it are over."""
    return int(now // span.bucket * span.bucket // HALF_HOUR)

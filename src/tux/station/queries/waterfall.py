"""Steps of a trace → places on one time axis. Pure: ids and times are those of foreign clients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

AXIS: Final = 1000.0
"""Length of the axis."""
DEEPEST: Final = 12
THINNEST: Final = 3.0
NEAR: Final = 86_400.0
"""Seconds: what is further from the first step is a wrong clock, and does not stretch the axis."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An error of a step."""

    event_id: str
    title: str
    left: float
    """Where it happened on the axis."""


@dataclass(frozen=True, slots=True)
class Step:
    """A transaction or a span of a trace."""

    name: str
    op: str
    status: str
    start: float
    duration: float
    """Milliseconds."""
    span_id: str
    parent_span_id: str | None
    is_root: bool
    """Whether it is a transaction."""
    depth: int = 0
    left: float = 0.0
    """Where it begins on the axis."""
    width: float = 0.0
    errors: tuple[Mark, ...] = ()
    """Events that happened in it."""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Steps, parents before their children, and the axis that they share."""

    start: float = 0.0
    duration: float = 0.0
    """Milliseconds from end to end."""
    steps: tuple[Step, ...] = ()


def lay_out(steps: Sequence[Step], events: Sequence[dict[str, Any]]) -> Waterfall:
    """Order steps as a tree and give each its place."""
    if not steps:
        return Waterfall()
    first = next((step for step in steps if step.is_root), steps[0]).start
    near = [step for step in steps if abs(step.start - first) <= NEAR]
    begin = min(step.start for step in near)
    length = max(step.start - begin + step.duration / 1000 for step in near)
    ordered = list(_as_tree(steps))
    # Of a span that was not kept: it is told at the first step, rather than not at all.
    known, first_id = {step.span_id for step in steps}, ordered[0][0].span_id
    hits: dict[str, list[Mark]] = {}
    for event in events:
        left = min(max((event["timestamp"] - begin) * AXIS / (length or 1.0), 0.0), AXIS)
        span_id = event["span_id"] if event["span_id"] in known else first_id
        mark = Mark(event["event_id"], event["title"], round(left, 2))
        hits.setdefault(span_id, []).append(mark)
    placed = tuple(
        _placed(step, depth, begin, length, tuple(hits.pop(step.span_id, ())))
        for step, depth in ordered
    )
    return Waterfall(begin, length * 1000, placed)


def _placed(step: Step, depth: int, begin: float, length: float, errors: tuple[Mark, ...]) -> Step:
    scale = AXIS / (length or 1.0)
    left = min(max((step.start - begin) * scale, 0.0), AXIS - THINNEST)
    width = min(max(step.duration / 1000 * scale, THINNEST), AXIS - left)
    return replace(
        step,
        depth=min(depth, DEEPEST),
        left=round(left, 2),
        width=round(width, 2),
        errors=errors,
    )


def _as_tree(steps: Sequence[Step]) -> Iterator[tuple[Step, int]]:
    known = {step.span_id for step in steps}
    children: dict[str | None, list[Step]] = {}
    for step in steps:
        parent = step.parent_span_id
        has_parent = parent in known and parent != step.span_id
        children.setdefault(parent if has_parent else None, []).append(step)
    waiting = [(step, 0) for step in reversed(children.pop(None, []))]
    while waiting or children:
        if not waiting:  # ids that form a circle: it is cut open somewhere
            waiting = [(step, 0) for step in reversed(children.pop(next(iter(children))))]
        step, depth = waiting.pop()
        yield step, depth
        # What is taken out cannot come again.
        waiting += [(child, depth + 1) for child in reversed(children.pop(step.span_id, []))]

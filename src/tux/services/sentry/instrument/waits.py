"""A wait that is over, as a span: built afterwards, so that what does not wait pays nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import sentry_sdk

from tux.services.sentry.health import contained
from tux.services.sentry.policy import decide
from tux.services.sentry.units import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentry_sdk.tracing import Span

    Told: TypeAlias = Callable[[float, str], None]
    """Is told of a wait: seconds and status."""


class timed:  # noqa: N801  # reads as the block that it is, like contextlib.suppress
    """Tell how long a ``with`` block took and how it ended. A fault in the telling stays inside."""

    __slots__ = ("_began", "_tell")

    def __init__(self, tell: Told) -> None:
        self._tell = tell

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        seconds = time.perf_counter() - self._began
        with contained():
            self._tell(seconds, status_after(error))


def status_after(error: BaseException | None) -> str:
    """Give the status of a wait that ended so."""
    if error is None:
        return "ok"
    return "deadline_exceeded" if isinstance(error, TimeoutError) else decide(error).status


def sampled_span() -> Span | None:
    """Find the span that is active; None where nothing of it would be kept."""
    span = sentry_sdk.get_current_scope().span
    return span if span is not None and span.sampled else None


def add_wait(parent: Span, op: str, name: str, seconds: float, status: str) -> None:
    """Put a wait that ends now under its span."""
    now = datetime.now(UTC)
    began = now - timedelta(seconds=seconds)
    span = parent.start_child(op=op, name=name, origin=ORIGIN, start_timestamp=began)
    span.set_status(status)
    span.finish(end_timestamp=now)


def add_milliseconds(span: Span | None, key: str, seconds: float) -> None:
    """Add to a sum that a span or a transaction carries."""
    if span is not None:
        before: float = span._data.get(key, 0.0)  # noqa: SLF001  # the SDK lets data only be set; a test pins the name
        span.set_data(key, before + seconds * 1000)

"""Transactions and spans of one's own, check-ins, what is noted for the next event."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sentry_sdk
from sentry_sdk.scope import _current_scope

from tux.services.sentry.sampling import NOT_SAMPLED, draw, start_kept
from tux.services.sentry.units import is_left_over, pristine_scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from sentry_sdk.types import MonitorConfig

    from tux.services.sentry.units import Span

SOURCE = "task"


@contextmanager
def start_transaction(*, op: str, name: str) -> Iterator[Span]:
    """Time a piece of work of your own, apart from what runs around it.

    What is set inside (user, tags, breadcrumbs) belongs to it alone. Within another transaction it
    shares the trace and whether it is kept; in a task that outlives the command which started it,
    it has nothing of that command. An error sets its status and is raised on.
    """
    with pristine_scope() if is_left_over() else sentry_sdk.isolation_scope() as isolation:
        around = sentry_sdk.get_current_span()
        if around is None:
            isolation.set_new_propagation_context()
        chance = draw(
            sentry_sdk.get_client(),
            op,
            name,
            SOURCE,
            parent_sampled=around.sampled if around else None,
        )
        scope = sentry_sdk.get_current_scope()
        if chance is None:
            scope.span = NOT_SAMPLED
            scope.set_transaction_name(name, SOURCE)
            yield NOT_SAMPLED
            return
        trace_id = isolation.get_active_propagation_context().trace_id
        inherited = {"trace_id": trace_id}
        if around is not None:
            inherited = {"trace_id": around.trace_id, "parent_span_id": around.span_id}
        with start_kept(scope, chance, op=op, name=name, source=SOURCE, **inherited) as transaction:
            yield transaction


def start_span(
    *, op: str, description: str | None = None, name: str | None = None
) -> AbstractContextManager[Span]:
    """Time a part of what runs; without a transaction around it nothing is kept.

    Args:
        op: kind of work, ``db`` or ``http.client`` say.
        description: what it does.
        name: another word for ``description``.
    """
    scope = _current_scope.get()
    # Past the SDK's functions: they take half of what is left of a span that is not kept.
    around: object = None if scope is None else scope._span  # noqa: SLF001  # a test pins the name
    if around is NOT_SAMPLED:
        return NOT_SAMPLED
    return sentry_sdk.start_span(op=op, name=description or name or op)


@dataclass
class CheckIn:
    """A ``with`` block that tells the receiver when a scheduled job began and how it ended.

    https://develop.sentry.dev/sdk/telemetry/check-ins/. A new one for each run: the SDK's own
    ``monitor`` mixes up runs that overlap.
    """

    slug: str
    config: Mapping[str, Any] = field(default_factory=dict)
    """Schedule and margins, as the check-in's ``monitor_config``."""

    def __enter__(self) -> None:
        self._began = time.perf_counter()
        self._id = sentry_sdk.crons.capture_checkin(
            monitor_slug=self.slug, status="in_progress", monitor_config=self._monitor_config()
        )

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        sentry_sdk.crons.capture_checkin(
            monitor_slug=self.slug,
            check_in_id=self._id,
            status="ok" if kind is None else "error",
            duration=time.perf_counter() - self._began,
            monitor_config=self._monitor_config(),
        )

    def _monitor_config(self) -> MonitorConfig | None:
        return dict(self.config) or None  # type: ignore[return-value]  # the SDK's TypedDict


def add_breadcrumb(
    message: str,
    category: str = "default",
    level: str = "info",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Note what happened, for the next event of this unit of work."""
    sentry_sdk.add_breadcrumb(
        message=message, category=category, level=level, data=dict(data or {})
    )


def set_context(name: str, value: Mapping[str, Any]) -> None:
    """Add a block of facts to all following events of this unit of work."""
    sentry_sdk.set_context(name, dict(value))


def set_tag(key: str, value: Any) -> None:
    """Add a searchable fact to all following events of this unit of work."""
    sentry_sdk.set_tag(key, value)

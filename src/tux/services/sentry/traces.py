"""The trace of a unit of work, by which the threads that it starts find the unit.

The SDK gives a thread the scopes of whoever starts it, and no context variables: what says whose
the work is must go along with a scope. All forks of one share its trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentry_sdk.scope import Scope
from sentry_sdk.tracing_utils import PropagationContext

if TYPE_CHECKING:
    from tux.services.sentry.units import Work


class _Trace(PropagationContext):
    __slots__ = ("work",)

    def __init__(self, work: Work | None) -> None:
        super().__init__()
        self.work = work


def begin_trace(isolation: Scope, work: Work | None) -> None:
    """Let a scope, and what is forked from it, begin a trace that belongs to a unit, or to none."""
    isolation._propagation_context = _Trace(work)  # noqa: SLF001  # what the SDK's own setter sets


def work_of_trace() -> Work | None:
    """Give the unit that the trace belongs to which is active now."""
    trace: Any = Scope.get_isolation_scope()._propagation_context  # noqa: SLF001  # as above
    return trace.work if isinstance(trace, _Trace) else None

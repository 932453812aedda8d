"""What the layer stands on in the SDK, as it is in the pinned version."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import sentry_sdk
from sentry_sdk._metrics_batcher import MetricsBatcher
from sentry_sdk.scope import Scope, ScopeType, _current_scope, _isolation_scope
from sentry_sdk.tracing import NoOpSpan
from sentry_sdk.tracing_utils import PropagationContext

from tux.services.sentry.forks import SLOTS as KNOWN
from tux.services.sentry.forks import fork_of

if TYPE_CHECKING:
    import pytest
    from tests.fakes.sent import Sent

SLOTS = ("_span", "_propagation_context", "_breadcrumbs", "_tags", "_user", "_attributes", "client")


def test_scopes_of_the_sdk() -> None:
    """A scope has the slots that a unit begins anew, and a fork keeps to itself what it is told."""
    assert set(SLOTS) <= set(Scope.__slots__)
    base = Scope(ty=ScopeType.ISOLATION)
    base.set_tag("base", "yes")
    fork = base.fork()
    fork.set_tag("fork", "yes")
    fork.set_new_propagation_context()
    assert fork._tags == {"base": "yes", "fork": "yes"}
    assert base._tags == {"base": "yes"}
    assert fork.get_active_propagation_context() is not base.get_active_propagation_context()


def test_where_the_sdk_keeps_its_scopes() -> None:
    """The scopes that are active stand in two context variables, which units write to themselves."""
    isolation, current = Scope(ty=ScopeType.ISOLATION), Scope(ty=ScopeType.CURRENT)

    def activate() -> None:
        _isolation_scope.set(isolation)
        _current_scope.set(current)
        assert Scope.get_isolation_scope() is isolation
        assert Scope.get_current_scope() is current

    copy_context().run(activate)


async def test_tasks_share_a_scope_in_the_sdk() -> None:
    """A task has its starter's scope object: the reason for our own scopes and task factory."""
    here = Scope.get_current_scope()

    async def there() -> Scope:
        return Scope.get_current_scope()

    assert await asyncio.create_task(there()) is here


def test_without_a_client_the_sdk_calls_through() -> None:
    """With no client every function of the SDK is harmless, and a block runs."""
    ran = False
    assert sentry_sdk.capture_exception(LookupError()) is None
    assert sentry_sdk.capture_message("look") is None
    sentry_sdk.add_breadcrumb(message="look")
    sentry_sdk.metrics.count("runs", 1)
    sentry_sdk.flush()
    with sentry_sdk.start_transaction(op="task", name="t") as transaction:
        with sentry_sdk.start_span(op="db") as span:
            ran = True
        assert isinstance(transaction, NoOpSpan) or not transaction.sampled
        assert span is not None
    assert ran


def test_sdk_drops_what_before_send_fails_at(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event whose ``before_send`` raises is lost without a word: why ours never may."""

    def fail(event: Any, hint: Any) -> Any:
        raise RuntimeError

    monkeypatch.setitem(sentry_sdk.get_client().options, "before_send", fail)
    sentry_sdk.capture_message("look")
    assert sent.events == []


def test_our_fork_is_the_sdks() -> None:
    """A scope has the slots that we know, and our fork holds in each what the SDK's does."""
    assert frozenset(Scope.__slots__) == KNOWN
    scope = Scope(ty=ScopeType.ISOLATION)
    scope.set_tag("a", "b")
    scope.set_context("c", {"d": 1})
    scope.set_extra("e", "f")
    scope.set_attribute("g", "h")
    scope.add_breadcrumb(message="i")
    scope.add_event_processor(lambda event, _: event)
    ours, theirs = fork_of(scope), scope.fork()
    for slot in KNOWN:
        assert getattr(ours, slot) == getattr(theirs, slot), slot
    for slot in ("_tags", "_contexts", "_breadcrumbs", "_event_processors", "_attributes"):
        assert getattr(ours, slot) is not getattr(scope, slot)


def test_queue_of_metrics_in_the_sdk() -> None:
    """The SDK's queue of metrics, a trace and a scope have the names that runs of commands go by."""
    queue = MetricsBatcher(capture_func=print, record_lost_func=print)
    for name in ("_capture_func", "_record_lost_func", "_lock", "_buffer", "_flush_event"):
        assert hasattr(queue, name), name
    for method in ("_flush", "_ensure_thread", "_reset_thread_state", "_to_envelope_item"):
        assert callable(getattr(MetricsBatcher, method)), method
    assert PropagationContext()._trace_id is None
    assert isinstance(Scope.get_global_scope()._attributes, dict)

"""Units of work, transactions, spans and timings: each keeps what is its own."""

from __future__ import annotations

import asyncio
import inspect
import signal
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
import sentry_sdk
from discord.ext import commands
from tests.fakes.sent import crumbs_of, parent_of, status_of, trace_of

import tux.services.sentry as layer
from tux.services.sentry import (
    CheckIn,
    SentryManager,
    capture_exception,
    capture_message,
    start_span,
    start_transaction,
    track_command_end,
    track_command_start,
)
from tux.services.sentry.context import Facts
from tux.services.sentry.instrument.tasks import set_task_factory
from tux.services.sentry.units import Unit, remember_base, unit_of_work

if TYPE_CHECKING:
    from tests.fakes.sent import Sent

MEMBERS = {
    "setup": ["settings"],
    "set_user_context": ["user"],
    "set_command_context": ["ctx"],
    "set_context": ["name", "value"],
    "set_tag": ["key", "value"],
    "add_breadcrumb": ["message", "category", "level", "data"],
    "start_transaction": ["op", "name"],
    "start_span": ["op", "description", "name"],
    "track_command_start": ["name"],
    "track_command_end": ["name", "success", "error"],
    "capture_exception": ["error", "extra_context", "contexts", "tags"],
    "capture_message": ["message", "level", "contexts", "tags"],
    "flush": ["timeout"],
    "flush_async": ["timeout"],
    "report_signal": ["number", "_frame"],
}


@pytest.mark.parametrize("name", MEMBERS)
def test_members(name: str) -> None:
    """The manager's members are the module's functions, with the parameters of the guide."""
    function = getattr(layer, name)
    assert getattr(SentryManager(), name) is function
    assert list(inspect.signature(function).parameters) == MEMBERS[name]


def test_is_initialized_may_be_patched() -> None:
    """The manager asks the package, where a test may answer in its place."""
    assert SentryManager().is_initialized is False
    with patch("tux.services.sentry.is_initialized", return_value=True):
        assert SentryManager().is_initialized is True


async def test_signal_is_a_log_line(sent: Sent) -> None:
    """A signal to stop is no error, and is told when the loop is free."""
    SentryManager().report_signal(signal.SIGTERM, None)
    await asyncio.sleep(0)
    assert sent.events == []
    assert sent.logs[0]["body"] == "SIGTERM received, stopping"


@pytest.mark.parametrize("word", ["description", "name"])
def test_span(sent: Sent, word: str) -> None:
    """A span has what was set on it, by either word for what it does."""
    arguments = {"op": "db", word: "select cases"}
    with start_transaction(op="task", name="prune") as transaction:
        transaction.set_tag("shard", "1")
        transaction.set_data("removed", 3)
        with start_span(**arguments) as span:
            span.set_data("rows", 7)
            span.set_tag("table", "cases")
            span.set_status("ok")
    (found,) = sent.transaction["spans"]
    assert (found["op"], found["description"], found["status"]) == ("db", "select cases", "ok")
    assert found["data"]["rows"] == 7
    assert sent.transaction["tags"]["shard"] == "1"
    assert sent.transaction["contexts"]["trace"]["data"]["removed"] == 3


def test_error_sets_the_status(sent: Sent) -> None:
    """An error inside sets the status of span and transaction, and is raised on."""
    error = LookupError("gone")
    with (
        pytest.raises(LookupError) as caught,
        start_transaction(op="task", name="prune"),
        start_span(op="db", description="select"),
    ):
        raise error
    assert caught.value is error
    assert status_of(sent.transaction) == "internal_error"
    assert sent.transaction["spans"][0]["status"] == "internal_error"
    assert sent.events == []


def test_status_by_hand(sent: Sent) -> None:
    """A background task may say itself that it failed."""
    with start_transaction(op="task", name="prune") as transaction:
        transaction.set_status("deadline_exceeded")
    assert status_of(sent.transaction) == "deadline_exceeded"


def test_span_alone(sent: Sent) -> None:
    """A span with no transaction around it does no harm and is not kept."""
    with start_span(op="db", description="select") as span:
        span.set_data("rows", 7)
        span.set_tag("table", "cases")
        span.set_status("ok")
    assert sent.transactions == []


def test_transaction_keeps_its_own(sent: Sent) -> None:
    """User, tag, context and breadcrumb stay inside; the event inside has them and the trace."""
    with start_transaction(op="task", name="one"):
        layer.set_user_context(SimpleNamespace(id=7, name="pingu", email="p@example.org"))
        layer.set_tag("inside", "yes")
        layer.set_context("inside", {"yes": True})
        layer.add_breadcrumb("inside", category="step", data={"n": 1})
        capture_message("first")
    capture_message("second")
    first, second = sent.events
    assert first["user"] == {"id": "7"}
    assert first["tags"]["inside"] == "yes"
    assert first["contexts"]["inside"] == {"yes": True}
    assert crumbs_of(first) == ["inside"]
    assert trace_of(first) == trace_of(sent.transaction) != trace_of(second)
    assert "inside" not in second.get("tags", {}) | second["contexts"]
    assert "user" not in second
    assert crumbs_of(second) == []


def test_transaction_within_another(sent: Sent) -> None:
    """It is of the same trace, below what runs around it, and the outer goes on after it."""
    with start_transaction(op="command", name="outer"):
        with start_transaction(op="task", name="inner"):
            capture_message("inside")
        with start_span(op="db", description="after"):
            pass
    inner, outer = sent.transactions
    assert trace_of(inner) == trace_of(outer) == trace_of(sent.event)
    assert parent_of(inner) == outer["contexts"]["trace"]["span_id"]
    assert [span["description"] for span in outer["spans"]] == ["after"]


def test_transaction_within_a_dropped_one(sent: Sent) -> None:
    """The decision about the outer one is the inner one's, too."""
    sent.start(command_sample_rate=0.0)
    with start_transaction(op="command", name="outer"), start_transaction(op="task", name="inner"):
        pass
    assert sent.transactions == []


def test_unit_is_pristine(sent: Sent) -> None:
    """A unit has nothing of the unit around it, and leaves nothing in it."""
    sentry_sdk.get_isolation_scope().set_tag("base", "yes")
    remember_base()
    facts = Facts({"id": "1"}, {"command": "outer"}, {"channel_id": "5"})
    with unit_of_work(Unit("command.prefix", "outer", lambda: facts)):
        layer.set_tag("outer", "yes")
        layer.add_breadcrumb("outer")
        with start_span(op="x"), unit_of_work(Unit("task.loop", "inner")):
            layer.set_tag("inner", "yes")
            capture_message("inside")
        capture_message("outside")
    inside, outside = sent.events
    assert inside["tags"] == {"base": "yes", "inner": "yes"}
    assert "user" not in inside
    assert "discord" not in inside["contexts"]
    assert crumbs_of(inside) == []
    assert inside["transaction"] == "inner"
    assert outside["tags"] == {"base": "yes", "command": "outer", "outer": "yes"}
    assert outside["user"] == {"id": "1"}
    assert crumbs_of(outside) == ["outer"]
    inner, outer = sent.transactions
    assert trace_of(inner) == trace_of(inside) != trace_of(outer) == trace_of(outside)
    assert parent_of(inner) is None


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (LookupError("gone"), "internal_error"),
        (commands.BadArgument("no"), "invalid_argument"),
        (commands.CheckFailure("no"), "permission_denied"),
        (asyncio.CancelledError(), "cancelled"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_unit_has_the_status_of_the_error(sent: Sent, error: BaseException, status: str) -> None:
    """What the policy says of an error is the status, and the error is raised on."""
    with pytest.raises(type(error)), unit_of_work(Unit("command.prefix", "ban")):
        raise error
    assert status_of(sent.transaction) == status


def test_unit_of_an_error_that_cannot_be_read(sent: Sent) -> None:
    """It is the bot's error that comes out, not one of telemetry."""

    class HostileError(Exception):
        def __str__(self) -> str:
            raise OSError("no")

    with pytest.raises(HostileError), unit_of_work(Unit("command.prefix", "ban")):
        raise HostileError
    assert status_of(sent.transaction) == "internal_error"


async def test_two_hundred_units_at_once(sent: Sent) -> None:
    """Each has its own user, tag and trace, also in its child tasks."""
    sent.start(limit_burst=1000, limit_total_burst=1000)
    meet = asyncio.Barrier(200)

    async def run(number: int) -> None:
        with unit_of_work(Unit("command.slash", "ban", partial(Facts, {"id": str(number)}))):
            layer.set_tag("number", str(number))
            await meet.wait()
            await asyncio.create_task(child(number))

    async def child(number: int) -> None:
        await asyncio.sleep(0)
        layer.add_breadcrumb(str(number))
        capture_exception(LookupError(str(number)))

    await asyncio.gather(*(run(number) for number in range(200)))
    traces = {trace_of(one): one["user"]["id"] for one in sent.transactions}
    assert len(traces) == len(sent.events) == 200
    for event in sent.events:
        number = event["exception"]["values"][0]["value"]
        assert event["user"]["id"] == event["tags"]["number"] == traces[trace_of(event)] == number
        assert crumbs_of(event) == [number]


async def test_spans_of_gather(sent: Sent) -> None:
    """Each child's spans are below the child's own span, with the task factory of the bot."""
    loop = asyncio.get_running_loop()
    set_task_factory(loop)
    set_task_factory(loop)

    async def child(number: int) -> None:
        with start_span(op="outer", name=str(number)):
            await asyncio.sleep(0)
            with start_span(op="inner", name=str(number)):
                await asyncio.sleep(0)
        layer.set_tag(f"child.{number}", "seen")

    with start_transaction(op="task", name="gather"), start_span(op="all", name="all"):
        await asyncio.gather(*(child(number) for number in range(10)))
        capture_message("after")
    spans = sent.transaction["spans"]
    by_id = {span["span_id"]: span for span in spans}
    assert len(spans) == 21
    for span in spans:
        parent = by_id.get(span["parent_span_id"], {})
        if span["op"] == "inner":
            assert (parent["op"], parent["description"]) == ("outer", span["description"])
        elif span["op"] == "outer":
            assert parent["op"] == "all"
    assert len(sent.event["tags"]) == 10
    loop.set_task_factory(None)


def test_off() -> None:
    """With the SDK off all of it is harmless, and errors come through."""

    def work() -> None:
        with start_transaction(op="task", name="t") as transaction:
            transaction.set_status("ok")
            transaction.set_data("a", 1)
            transaction.set_tag("a", "b")
            with start_transaction(op="task", name="t"), start_span(op="db") as span:
                span.set_status("ok")
        track_command_start("ban")
        track_command_end("ban", success=True)
        layer.flush()
        raise LookupError

    with pytest.raises(LookupError), unit_of_work(Unit("x", "y")), CheckIn("job"):
        work()


async def test_a_task_that_outlives_its_unit(sent: Sent) -> None:
    """A transaction that it begins later has neither user, trace nor decision of that unit."""
    go_on = asyncio.Event()

    async def later() -> None:
        await go_on.wait()
        with start_transaction(op="task", name="later"):
            capture_message("later")

    with unit_of_work(Unit("command.prefix", "remind", partial(Facts, {"id": "1"}))):
        task = asyncio.create_task(later())
        await asyncio.sleep(0)
    go_on.set()
    await task
    remind, after = sent.transactions
    assert trace_of(after) != trace_of(remind)
    assert parent_of(after) is None
    assert "user" not in after
    assert "user" not in sent.event
    assert trace_of(sent.event) == trace_of(after)

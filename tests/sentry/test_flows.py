"""Transactions and log lines have a budget, and what is beyond it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sentry_sdk
from tests.fakes.sent import raised

from tux.services.sentry import capture_exception_safe, start_transaction
from tux.services.sentry.flows import Flow

if TYPE_CHECKING:
    from tests.fakes.sent import Sent


def test_a_flow_refills() -> None:
    """A bucket lets its burst pass, and then its rate; a clock that stands still adds nothing."""
    now = 0.0
    flow = Flow(0.1, lambda: now)
    assert [flow.admit() for _ in range(6)] == [True, True, True, True, False, False]
    now = 20.0
    assert [flow.admit() for _ in range(3)] == [True, True, False]
    now = 1000.0
    assert sum(flow.admit() for _ in range(9)) == 4


def test_transactions_beyond_the_budget(unstarted: Sent) -> None:
    """A flood of transactions sends its budget, tells the rest, and hides no error."""
    unstarted.start(default_sample_rate=1.0, limit_transaction_rate=0.001)
    for number in range(50):
        with start_transaction(op="flood", name=f"flood {number}"):
            pass
    capture_exception_safe(raised(LookupError("among them")))
    assert len(unstarted.transactions) == 1
    assert len(unstarted.events) == 1
    assert unstarted.receiver.lost[("transaction", "sample_rate")] == 49


def test_log_lines_beyond_the_budget(unstarted: Sent) -> None:
    """A flood of log lines sends its budget and tells the rest."""
    unstarted.start(limit_log_rate=0.001)
    for number in range(30):
        sentry_sdk.logger.info(f"line {number}")
    assert [log["body"] for log in unstarted.logs] == ["line 0"]
    assert unstarted.receiver.lost[("log_item", "before_send")] == 29

"""A storm of errors: a handful is sent, and one event in the end says how many were held back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import sentry_sdk
from tests.fakes.receiver import wait_until
from tests.fakes.sent import raised

from tux.services.sentry import capture_exception_safe, flush, reporting
from tux.services.sentry.limiting import Limiter, Limits
from tux.services.sentry.storms import StormWatch

if TYPE_CHECKING:
    from tests.fakes.sent import Sent


def test_storm(sent: Sent) -> None:
    """Ten thousand errors send a handful, and the next one says how many were held back."""
    sent.start(limit_period=10_000.0)

    def fail() -> str | None:
        return capture_exception_safe(raised(LookupError("gone")))

    returned = [fail() for _ in range(10_000)]
    assert len(sent.events) == len([one for one in returned if one]) == 5
    assert reporting.figures()["suppressed"] == 9_995
    assert sent.receiver.lost == {("error", "sample_rate"): 9_995}
    (kind,) = reporting._state.limiter._kinds.values()
    kind.bucket.tokens = 1.0
    fail()
    assert sent.events[-1]["contexts"]["suppressed"]["count"] == 9_995


def test_a_storm_ends_in_one_event(sent: Sent) -> None:
    """What no later error told is told when all is flushed, once, and with the right count."""
    sent.start(limit_period=10_000.0)
    for _ in range(1_000):
        capture_exception_safe(raised(LookupError("gone")))
    flush()
    flush()
    summary = sent.events[-1]
    assert len(sent.events) == 6
    assert summary["level"] == "warning"
    assert summary["contexts"]["suppressed"]["count"] == 995
    assert summary["tags"]["storm"].startswith("LookupError raised")


def test_a_storm_that_is_over_is_told_by_itself(sent: Sent) -> None:
    """A thread looks until nothing more is held back for so long."""
    limiter = Limiter(Limits(1, 10_000.0, 50, 5.0), time.time)
    storms = StormWatch(limiter, quiet=0.01)
    with sentry_sdk.isolation_scope() as scope:
        scope.set_tag("who", "pingu")
        scope.set_user({"id": "7"})
        for _ in range(3):
            if limiter.admit((LookupError, "ban")) is None:
                storms.stir()
    assert wait_until(lambda: len(sent.events) == 1)
    # Of many, and not of whoever met it first.
    assert sent.event["tags"].keys() == {"storm"}
    assert "user" not in sent.event
    assert sent.event["message"] == "2 more of LookupError ban were held back"
    assert not limiter.has_untold
    storms.stop()

"""The comparison of what was done and what was received."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tux.demo.ledger import Ledger, Received, by_command, compare
from tux.simulator import Deed

EVENT = "0123456789abcdef0123456789abcdef"


def done(**changes: Any) -> Deed:
    base = Deed(
        at=100.0,
        seconds=0.1,
        member_id=7,
        command="rank",
        expected="ok",
        outcome="ok",
        event_id=None,
    )
    return dataclasses.replace(base, **changes)


FAILED = done(expected="failure", outcome="failure", event_id=EVENT)


def run(name: str = "rank", status: str = "ok") -> dict[str, Any]:
    return {"op": "command.prefix", "name": name, "status": status}


def event(**changes: Any) -> dict[str, Any]:
    return {"event_id": EVENT, "user_id": "7", "tags": {"command": "rank"}, **changes}


def disagreements(ledger: Ledger, received: Received) -> set[str]:
    return {row.what for row in compare(ledger, received) if not row.agrees}


def test_a_run_and_a_failure_that_both_arrived_agree() -> None:
    """What was done once and received once agrees in every row."""
    received = Received([event()], [run(), run(status="internal_error")])
    assert disagreements(Ledger([done(), FAILED]), received) == set()


@pytest.mark.parametrize(
    ("received", "rows"),
    [
        (Received([], [run(status="internal_error")]), {"failures", "members hit"}),
        (Received([event()], []), {"commands run", "failed runs"}),
        (Received([event(user_id="8")], [run(status="internal_error")]), {"failures"}),
        (
            Received([event(tags={"command": "poll"})], [run(status="internal_error")]),
            {"failures"},
        ),
        (
            Received([event(), event(event_id="f" * 32)], [run(status="internal_error")]),
            {"failures"},
        ),
        (Received([event()], [run()]), {"failed runs"}),
    ],
    ids=[
        "event lost",
        "run lost",
        "wrong user",
        "wrong command",
        "event too many",
        "wrong status",
    ],
)
def test_each_kind_of_disagreement_is_told(received: Received, rows: set[str]) -> None:
    """A lost, doubled or wrongly attributed thing shows in its row."""
    assert disagreements(Ledger([FAILED]), received) == rows


def test_a_failure_whose_member_was_told_no_id_disagrees() -> None:
    """A failure without an id cannot be found again, which is a fault."""
    ledger = Ledger([dataclasses.replace(FAILED, event_id=None)])
    received = Received([event()], [run(status="internal_error")])
    assert "failures" in disagreements(ledger, received)


def test_a_surprise_disagrees() -> None:
    """What the script expects to work and does not is told."""
    ledger = Ledger([dataclasses.replace(FAILED, expected="ok")])
    received = Received([event()], [run(status="internal_error")])
    assert disagreements(ledger, received) == {"not as the script expects"}


def test_silence_disagrees_unless_something_was_restarted() -> None:
    """Only a restart excuses that a member got no answer."""
    silent = done(outcome="silent")
    assert "unanswered" in disagreements(Ledger([silent]), Received())
    assert "unanswered" not in disagreements(Ledger([silent], [100.05]), Received())


def test_a_restart_excuses_only_what_was_under_way() -> None:
    """A run that was long over when the restart came must have arrived."""
    assert "commands run" not in disagreements(Ledger([done()], [100.05]), Received())
    assert "commands run" in disagreements(Ledger([done()], [105.0]), Received())


def test_a_restart_of_the_station_excuses_nothing() -> None:
    """What was sent while the station was away waits, and must have arrived in the end."""
    ledger = Ledger([done()], station_restarts=[100.05])
    assert "commands run" in disagreements(ledger, Received())


def test_a_run_whose_members_were_restarted_is_excused() -> None:
    """A run that was under way when a restart came may be unknown to the members, with its events."""
    cut = {**run(status="internal_error"), "start": 100.0, "duration": 300.0, "trace_id": "a"}
    received = Received([event(trace_id="a"), event(trace_id="a", event_id="f" * 32)], [cut])
    assert disagreements(Ledger([], [100.2]), received) == set()
    assert disagreements(Ledger([], [105.0]), received) == {
        "commands run",
        "failures",
        "failed runs",
    }


def test_commands_are_listed_with_their_median() -> None:
    """The table of commands has runs, arrivals, failures and the median."""
    ledger = Ledger([done(seconds=0.1), done(seconds=0.3), done(seconds=0.2)])
    assert by_command(ledger, Received([], [run()])) == [("rank", 3, 1, 0, 0.2)]

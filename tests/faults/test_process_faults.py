"""Processes that die, and what the next one delivers."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from tests.faults.server import TAKE, Answer
from tests.faults.stage import EVENTS
from tests.faults.workers import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.stage import Stage
    from tests.faults.workers import Workshop

KILLS = 50


@pytest.mark.parametrize(
    "how",
    [
        *("SIGKILL", "return"),
        *(pytest.param(how, marks=pytest.mark.long) for how in ("SIGTERM", "os._exit", "abort")),
    ],
)
def test_the_next_run_delivers_what_a_dead_one_captured(
    how: str, stage: Stage, workshop: Workshop, record_property: Callable[[str, object], None]
) -> None:
    """However a process ends with the receiver away, the next has all 500 events."""
    stage.server.leave()
    worker = Worker(workshop, stage, how, EVENTS)
    worker.listen()
    worker.end()
    assert len(worker.captured) == EVENTS
    stage.captured = worker.captured
    stage.server.come()
    stage.telemetry.start()
    record_property("accounts", stage.check(f"{how} after capture"))


PLANS: dict[str, tuple[Answer, ...]] = {
    "healthy": (TAKE,),
    "failing at times": (TAKE, TAKE, Answer(503), Answer(400), Answer(reset="after")),
}


@pytest.mark.parametrize(
    ("plan", "times"),
    [
        ("failing at times", 5),
        *(pytest.param(plan, KILLS, marks=pytest.mark.long) for plan in PLANS),
    ],
)
def test_kills_at_random(
    plan: str,
    times: int,
    stage: Stage,
    workshop: Workshop,
    record_property: Callable[[str, object], None],
) -> None:
    """Of processes that are killed at some instant each, nothing is lost that was captured."""
    chance = random.Random(times)
    stage.server.plan = lambda _: chance.choice(PLANS[plan])
    told = {"times": times, "seed": times, "longest": 0.06}
    worker = Worker(workshop, stage, "die at random", 40, **told)
    worker.listen()
    worker.end()
    check_kills(stage, worker, record_property, f"{times} kills, {plan}")


@pytest.mark.long
def test_kills_while_a_bound_gives_events_up(
    stage: Stage, workshop: Workshop, record_property: Callable[[str, object], None]
) -> None:
    """What a spool that is too small gave up before a kill is told after it, and told once."""
    stage.server.leave()
    told = {"times": KILLS, "seed": 52, "longest": 0.06, "settings": {"spool_bytes": 9_000}}
    worker = Worker(workshop, stage, "die at random", 40, **told)
    worker.listen()
    worker.end()
    stage.server.come()
    check_kills(stage, worker, record_property, f"{KILLS} kills with a small spool")


@pytest.mark.long
def test_a_kill_before_each_step_on_the_disk(
    stage: Stage, workshop: Workshop, record_property: Callable[[str, object], None]
) -> None:
    """A kill before any file operation of start, capture, loss, sending and stop loses nothing."""
    stage.server.plan = lambda request: Answer(400) if request.number % 3 == 0 else TAKE
    told = {"times": 400, "settings": {"spool_bytes": 1_500}}
    worker = Worker(workshop, stage, "die at each step", 4, **told)
    worker.listen()
    worker.end()
    assert int(worker.word) > 40, "it did not come to its end"
    check_kills(stage, worker, record_property, f"{worker.word} steps")


def check_kills(
    stage: Stage, worker: Worker, record_property: Callable[[str, object], None], name: str
) -> None:
    """Hold that captured is arrived and reported, but for what was not captured whole."""
    stage.captured = worker.captured
    stage.server.plan = lambda _: TAKE
    stage.telemetry.start()
    stage.capture(max(0, EVENTS - len(stage.captured)))
    accounts = stage.settle()
    told = f"{name}: {accounts}, {len(worker.uncertain)} uncertain"
    record_property("accounts", told)
    # What was about to be captured when a kill came may have been given up, if it is not there.
    given_up = len(worker.uncertain - set(accounts.arrived))
    assert -given_up <= accounts.missing <= 0, told
    assert stage.waiting() == 0, told


def test_two_processes_on_one_spool(
    stage: Stage, workshop: Workshop, record_property: Callable[[str, object], None]
) -> None:
    """Of two living processes and a dead one on one spool, each event arrives once."""
    stage.server.leave()
    workers = [
        Worker(workshop, stage, how, EVENTS // 4) for how in ("deliver", "deliver", "SIGKILL")
    ]
    for worker in workers:
        worker.listen()
    stage.server.come()
    stage.telemetry.start()
    for worker in workers:
        worker.end()
        stage.captured |= worker.captured
    stage.capture(EVENTS - len(stage.captured))
    record_property("accounts", stage.check("two processes"))

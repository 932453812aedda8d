"""500 events, a receiver that goes wrong, and what arrives."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from tests.fakes.receiver import wait_until
from tests.faults.peer import Stock, ended
from tests.faults.server import TAKE, Answer, FaultServer
from tests.faults.stage import DURING, EVENTS, PACE, Stage

from tux.services.sentry.delivery.answers import Patience

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.faults.server import Request

    from tux.station.server import Station

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


@dataclass(frozen=True)
class Scenario:
    """A fault that lasts while 400 events are captured; 100 follow."""

    name: str
    fault: Callable[[Stage], AbstractContextManager[None]]
    paced: bool = False
    """Whether the events take 10 seconds, or are one burst."""
    restarts: bool = False
    """Whether the process ends after the fault, and the next run has to deliver."""
    twice: bool = False
    """Whether an answer is lost, so that an event has to come twice."""
    lost: tuple[tuple[str, str], ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    """Settings of the transport."""

    def __str__(self) -> str:
        return self.name


@contextmanager
def none(_: Stage) -> Iterator[None]:
    """Take everything."""
    yield


@contextmanager
def down(stage: Stage) -> Iterator[None]:
    """Refuse connections."""
    stage.server.leave()
    yield
    stage.server.come()


def answering(
    answer: Answer | Callable[[Request], Answer],
) -> Callable[[Stage], AbstractContextManager[None]]:
    """Answer so while the fault lasts."""

    @contextmanager
    def fault(stage: Stage) -> Iterator[None]:
        stage.server.plan = answer if callable(answer) else lambda _: answer
        yield
        stage.server.plan = lambda _: TAKE
        stage.server.let_go()

    return fault


def first(times: int, answer: Answer) -> Callable[[Stage], AbstractContextManager[None]]:
    """Answer the first few requests so, however many of them come while events are captured."""

    @contextmanager
    def fault(stage: Stage) -> Iterator[None]:
        stage.server.plan = lambda request: answer if request.number <= times else TAKE
        yield

    return fault


def cut(request: Request, *, takes: bool = False) -> Answer:
    """Break the answer off after its first byte, its second, and so on."""
    return Answer(raw=OK[: request.number - 1], takes=takes) if request.number < len(OK) else TAKE


def each(name: str, fault: Callable[[Stage], AbstractContextManager[None]]) -> list[Scenario]:
    """Make two scenarios: one paced, one burst."""
    return [
        Scenario(f"{name}, paced", fault, paced=True),
        Scenario(f"{name}, in a burst", fault),
    ]


def limited(headers: dict[str, str], status: int = 200) -> Answer:
    """Take, or refuse, an envelope, and say what is wanted no more."""
    return Answer(status, headers, takes=status == 200)


SCENARIOS = [
    *each("healthy", none),
    *each("down 10 s", down),
    *each("503 for 10 s", answering(Answer(503))),
    *each("hanging 10 s", answering(Answer(hangs=True))),
    Scenario("hanging longer than we wait", answering(Answer(hangs=True)), options={"read": 0.05}),
    Scenario("down, then a restart", down, restarts=True),
    Scenario("hanging, then a restart", answering(Answer(hangs=True)), restarts=True),
    *(
        Scenario(f"{status} for 10 s", answering(Answer(status)), paced=True)
        for status in (302, 401, 403, 404, 408, 500)
    ),
    Scenario("closed without an answer", answering(Answer()), paced=True),
    Scenario("RST before the body", answering(Answer(reset="before")), paced=True),
    Scenario("RST after the body", answering(Answer(reset="after")), paced=True),
    Scenario("RST after the body, taken", first(3, Answer(reset="after", takes=True)), twice=True),
    Scenario("half a status line", first(1, Answer(raw=b"HTTP/1.1 20"))),
    Scenario(
        "half a status line, taken", first(1, Answer(raw=b"HTTP/1.1 20", takes=True)), twice=True
    ),
    Scenario("an answer cut at each byte", answering(cut)),
    Scenario("an answer that is none", first(5, Answer(raw=b"SSH-2.0-OpenSSH_9.6\r\n"))),
    Scenario(
        "an endless body after 200",
        first(3, Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", takes=True)),
    ),
    Scenario("one 429 with Retry-After", first(1, Answer(429, {"Retry-After": "5"}))),
    Scenario("one 429 without Retry-After", first(1, Answer(429))),
    Scenario("429 for 10 s", answering(Answer(429, {"Retry-After": "1"})), paced=True),
    Scenario("503 with Retry-After", first(1, Answer(503, {"Retry-After": "5"}))),
    Scenario(
        "200 with a limit for errors",
        first(3, limited({"X-Sentry-Rate-Limits": "10:error:organization"})),
    ),
    Scenario(
        "429 with a limit for all",
        first(3, limited({"X-Sentry-Rate-Limits": "10::key"}, 429)),
    ),
    Scenario("400 for a few", first(7, Answer(400)), lost=(("error", "send_error"),)),
    Scenario("413 for a few", first(7, Answer(413)), lost=(("error", "send_error"),)),
]


QUICK = {
    *(
        "healthy, in a burst",
        "down 10 s, paced",
        "503 for 10 s, in a burst",
        "hanging, then a restart",
    ),
    *(
        "403 for 10 s",
        "RST after the body, taken",
        "half a status line",
        "an answer cut at each byte",
    ),
    *("one 429 with Retry-After", "200 with a limit for errors", "413 for a few"),
}
"""One of each kind; the long suite has all of them."""


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(one, marks=() if one.name in QUICK else pytest.mark.long, id=one.name)
        for one in SCENARIOS
    ],
)
def test_all_is_accounted_for(
    scenario: Scenario,
    stage: Stage,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    """Each of 500 events arrives, or a client report says that a bound gave it up."""
    record_property("accounts", play(scenario, stage))
    if request.config.getoption("--write-delivery-table"):
        stage.telemetry.stop()
        record_property("stock", play_stock(scenario))


def play(scenario: Scenario, stage: Stage) -> str:
    """Capture, with the fault and without it, and draw up the accounts."""
    stage.telemetry.patience = Patience(**scenario.options)
    run(scenario, stage)
    return stage.check(scenario.name, lost=scenario.lost, twice=scenario.twice)


def play_stock(scenario: Scenario) -> str:
    """Do the same with the SDK as it comes."""
    server = FaultServer()
    server.come()
    stage = Stage(server, Stock(server))  # type: ignore[arg-type]  # all that a scenario asks for
    run(scenario, stage)
    accounts = ended(stage)
    server.close()
    return f"{scenario.name}: {accounts}"


def run(scenario: Scenario, stage: Stage) -> None:
    """Capture, with the fault and without it."""
    stage.telemetry.start()
    with scenario.fault(stage):
        stage.capture(DURING, pace=PACE if scenario.paced else 0.0)
        if scenario.restarts:
            stage.telemetry.stop()
    if scenario.restarts:
        stage.telemetry.start()
    stage.capture(EVENTS - DURING)


def stored_at(station: Station) -> list[sqlite3.Row]:
    """Give the events of a station, once it has read what came in a rush."""
    deadline = time.monotonic() + 30
    while True:
        with station.store.read() as connection:
            if not connection.execute("SELECT count(*) FROM inbox").fetchone()[0]:
                return connection.execute("SELECT event_id FROM events").fetchall()
        assert time.monotonic() < deadline, "the station does not read what it was sent"
        time.sleep(0.02)


@pytest.mark.long
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_each_is_once_at_the_station(
    scenario: Scenario, stationed: Stage, station: Station
) -> None:
    """A real station has each of 500 events once, those too whose first answer was lost."""
    told = play(scenario, stationed)
    wanted = EVENTS - stationed.accounts().reported

    def stored() -> Counter[str]:
        with station.store.read() as connection:
            rows = connection.execute("SELECT event_id FROM events").fetchall()
        return Counter(
            str(row["event_id"]) for row in rows if row["event_id"] in stationed.captured
        )

    # It answers when it has them on disk, and reads them afterwards.
    assert wait_until(lambda: len(stored()) == wanted), f"{told}; {len(stored())} at the station"
    assert set(stored().values()) == {1}, told

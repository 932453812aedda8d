"""Runs as sessions of release health: how each ended is known, though it could not say so itself."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import pytest
import sentry_sdk
from tests.fakes.receiver import wait_until
from tests.faults.workers import Worker

from tux.services.sentry.delivery import sessions
from tux.station.queries.health import releases
from tux.station.queries.ranges import RANGES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.stage import Stage
    from tests.faults.workers import Workshop

    from tux.station.server import Station


class Health(NamedTuple):
    """What the station's release health has of a release."""

    sessions: int = 0
    errored: int = 0
    crashed: int = 0


@pytest.fixture
def release() -> str:
    """A release of this test alone, for all share the station."""
    return f"tux@{uuid4().hex[:8]}"


def health(station: Station, release: str) -> Health:
    """Read what the station's page shows."""
    with station.store.read() as connection:
        found = releases(connection, RANGES["1h"], time.time(), limit=1000)
    shown = [one for one in found if one.name == release]
    return Health(shown[0].sessions, shown[0].errored, shown[0].crashed) if shown else Health()


def ended(station: Station, release: str) -> dict[str, int]:
    """Count the sessions of a release by how they ended."""
    columns = ("exited", "errored", "crashed", "abnormal")
    with station.store.read() as connection:
        rows = connection.execute(
            "SELECT exited, errored, crashed, abnormal FROM sessions WHERE release = ?", [release]
        ).fetchall()
    return {name: count for name in columns if (count := sum(row[name] for row in rows))}


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("return", "exited"),
        *((how, "crashed") for how in ("raise", "SIGKILL", "SIGTERM", "os._exit", "abort")),
    ],
)
def test_the_end_of_a_run_is_known(
    how: str, status: str, release: str, stationed: Stage, station: Station, workshop: Workshop
) -> None:
    """A run that ends by itself has exited; one that dies has crashed, as the next run tells."""
    worker = Worker(workshop, stationed, how, 1, release=release)
    worker.listen()
    worker.end()
    stationed.telemetry.start()
    assert wait_until(lambda: ended(station, release) == {status: 1})
    assert health(station, release) == Health(1, 0, status == "crashed")
    assert stationed.is_drained()


def test_two_runs_on_one_spool_leave_each_other_alone(
    release: str, stationed: Stage, station: Station, workshop: Workshop
) -> None:
    """Of two that live one looks for the dead again and again, and finds only the one that died."""
    workers = [
        Worker(workshop, stationed, how, 1, release=release) for how in ("hold", "SIGKILL", "hold")
    ]
    for worker in workers:
        worker.listen()
    workers[1].end()
    stationed.telemetry.start().begin_session(release, "test")
    assert wait_until(lambda: ended(station, release) == {"crashed": 1})
    stationed.telemetry.time.ahead += 31
    stationed.capture(1)
    assert stationed.is_drained()
    assert health(station, release) == Health(sessions=4, crashed=1)
    workers[0].kill()
    workers[2].end()
    workers[0].end()
    stationed.restart()
    assert wait_until(lambda: ended(station, release) == {"crashed": 2, "exited": 2})


def test_errors_are_counted(release: str, stationed: Stage, station: Station) -> None:
    """A run with errors shows while it lasts; those that were held back count, messages do not."""
    transport = stationed.telemetry.start()
    transport.begin_session(release, "test")
    stationed.capture(1)
    stationed.telemetry.time.ahead += 31
    assert stationed.is_drained()
    assert health(station, release) == Health(sessions=1)
    for _ in range(2):
        sentry_sdk.capture_exception(LookupError("gone"))
        transport.record_held_back()
    (file,) = stationed.telemetry.settings.spool_path.rglob(sessions.FILE)

    def is_told() -> bool:
        stationed.telemetry.time.ahead += 31
        sentry_sdk.flush(0.1)
        return health(station, release) == Health(sessions=1, errored=1)

    assert wait_until(is_told)
    assert json.loads(file.read_bytes())["session"]["errors"] == 4
    stationed.telemetry.stop()
    assert not file.exists()
    assert stationed.server.sessions[-1]["errors"] == 4 or stationed.waiting() == 1
    stationed.telemetry.start()
    assert wait_until(lambda: ended(station, release) == {"errored": 1})
    assert wait_until(lambda: stationed.server.sessions[-1]["status"] == "exited")
    assert [one["init"] for one in stationed.server.sessions] == [True, False, False]


def test_a_machine_that_stopped(
    release: str,
    stationed: Stage,
    station: Station,
    workshop: Workshop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run that ended with the machine under it is abnormal, and no crash of the bot's own."""
    worker = Worker(workshop, stationed, "SIGKILL", 1, release=release)
    worker.listen()
    worker.end()
    boot = tmp_path / "boot_id"
    boot.write_text("another start of the machine\n")
    monkeypatch.setattr(sessions, "_BOOT", boot)
    stationed.telemetry.start()
    assert wait_until(lambda: ended(station, release) == {"abnormal": 1})


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"session":1}', b'{"session":{"sid":1}}'])
def test_a_file_that_makes_no_sense(content: bytes, stage: Stage, workshop: Workshop) -> None:
    """A file that was cut or changed tells nothing, and keeps nothing from arriving."""
    stage.server.leave()
    worker = Worker(workshop, stage, "SIGKILL", 3, release="tux@1")
    worker.listen()
    worker.end()
    (file,) = stage.telemetry.settings.spool_path.rglob(sessions.FILE)
    file.write_bytes(content)
    stage.server.come()
    stage.telemetry.start()
    assert stage.is_drained()
    assert set(stage.server.arrived) >= worker.captured
    assert [one["status"] for one in stage.server.sessions] == ["ok"]


@pytest.mark.long
def test_a_kill_at_each_step(stage: Stage, workshop: Workshop) -> None:
    """Of runs that are killed at any step, and tell of those before them, each has one end."""
    # Each has to clear up after the one before, which is more steps than one.
    told = {"times": 600, "stride": 5, "release": "tux@1"}
    worker = Worker(workshop, stage, "die at each step", 0, **told)
    worker.listen()
    worker.end()
    assert int(worker.word) > 40, "it did not come to its end"
    stage.telemetry.start()
    assert stage.is_drained()
    ends: dict[str, set[str]] = {}
    for one in stage.server.sessions:
        ends.setdefault(one["sid"], set()).update({one["status"]} - {"ok"})
    assert len(ends) > 3
    assert all(len(of_one) == 1 for of_one in ends.values()), ends

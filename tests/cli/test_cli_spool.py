"""`tux spool` over a real spool, a real receiver and a bot that runs beside it."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope, Item, PayloadRef
from sentry_sdk.utils import Dsn
from tests.fakes.receiver import Receiver, Reply
from tests.fakes.telemetry import Telemetry, Time

from tux.services.sentry.delivery.client_reports import ClientReports
from tux.services.sentry.delivery.clocks import Clocks
from tux.services.sentry.delivery.envelopes import pack
from tux.services.sentry.delivery.places import receiver_directory
from tux.services.sentry.delivery.sessions import FILE as SESSION_FILE
from tux.services.sentry.delivery.spool import Spool
from tux.services.sentry.delivery.spool_queue import Bounds
from tux.services.sentry.scrubbing.scrubber import Scrubber

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Tux

OTHER_DSN = "http://ffffffffffffffffffffffffffffffff@127.0.0.1:9/7"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    running.start()
    yield running
    running.stop()


def left_by_a_dead_bot(folder: Path, dsn: str, age: float = 0.0, *kinds: str) -> None:
    """Write envelopes as a bot does that dies before it sends them."""
    clocks = Clocks(Time(jump=-age).now, time.monotonic)
    spool = Spool(
        receiver_directory(folder, Dsn(dsn)), Bounds(10**9, 10**9), ClientReports(), clocks
    )
    for number, kind in enumerate(kinds):
        event: dict[str, Any] = {"event_id": f"{number:032x}", "release": "v1", "message": kind}
        if kind == "transaction":
            event |= {"type": kind, "spans": [{}, {}]}
        item = Item(PayloadRef(json=event), type="event" if kind == "error" else kind)
        parcel = pack(Envelope({"event_id": event["event_id"]}, [item]), Scrubber(), print)
        assert parcel is not None
        spool.put(parcel)
    spool.close()


def settings(folder: Path, dsn: str) -> dict[str, str]:
    return {"SENTRY_DSN": dsn, "SENTRY_SPOOL_PATH": str(folder)}


def test_what_waits_is_listed(tux_here: Tux, tmp_path: Path) -> None:
    """Each envelope has its age, category, id and release; other receivers' are shown, too."""
    folder = tmp_path / "spool"
    here = settings(folder, "http://abc@127.0.0.1:9/1")
    assert "nothing waits" in tux_here("spool", "list", **here).stdout
    left_by_a_dead_bot(folder, here["SENTRY_DSN"], 7200.0, "error", "transaction")
    left_by_a_dead_bot(folder, OTHER_DSN, 0.0, "error")
    (event,) = folder.glob(f"{receiver_directory(folder, Dsn(OTHER_DSN)).name}/*/*.env")
    event.write_bytes(event.read_bytes()[:-3])
    shown = tux_here("spool", "list", "--limit", "1", **here)
    assert shown.returncode == 0, shown.stderr
    assert "for SENTRY_DSN: 2 envelopes" in shown.stdout
    assert "the oldest 2 h old" in shown.stdout
    assert "and 1 more" in shown.stdout
    assert "for another receiver, 127.0.0.1_9_7-" in shown.stdout
    assert "(corrupt)" in shown.stdout
    listed = json.loads(tux_here("spool", "list", "--json", **here).stdout)
    (mine,) = (one for one in listed if one["is_current"])
    assert [
        (one["category"], one["event_id"], one["release"], one["owner"]) for one in mine["waiting"]
    ] == [("error", "0" * 32, "v1", None), ("transaction", f"{1:032x}", "v1", None)]
    summed = json.loads(tux_here("spool", "size", "--json", **here).stdout)
    assert {one["is_current"]: one["categories"] for one in summed} == {
        True: {"error": 1, "transaction": 1},
        False: {"error": 1},
    }
    assert "SENTRY_SPOOL_BYTES" in tux_here("spool", "size", **here).stdout


def test_what_a_dead_bot_left_is_sent_beside_a_running_one(
    tux: Tux, tux_here: Tux, receiver: Receiver, tmp_path: Path
) -> None:
    """The dead one's envelopes arrive; those of the one that runs are left to it, and it is named."""
    folder = tmp_path / "spool"
    dsn = receiver.dsn
    receiver.stop()
    running = Telemetry(dsn, folder)
    running.retry_after = 600.0
    running.start()
    try:
        sentry_sdk.capture_message("of the one that runs")
        sentry_sdk.flush(5)
        left_by_a_dead_bot(folder, dsn, 0.0, "error", "transaction")
        away = tux_here("spool", "send", **settings(folder, dsn))
        assert away.returncode == 1, away.stdout
        assert "0 of 2 envelopes sent" in away.stdout
        assert "takes nothing now" in away.stdout
        receiver.start()
        sent = tux("spool", "send", **settings(folder, dsn))
        assert sent.returncode == 0, sent.stdout + sent.stderr
        assert "2 of 2 envelopes sent" in sent.stdout
        assert f"1 envelopes are left to process {os.getpid()}" in sent.stdout
        assert [item.type for item in receiver.items] == ["event", "transaction"]
        purged = tux_here("spool", "purge", "--yes", **settings(folder, dsn))
        assert "there is nothing to give up" in purged.stdout
        assert f"process {os.getpid()}" in purged.stdout
    finally:
        running.stop()


def test_rate_limits_are_obeyed(tux_here: Tux, receiver: Receiver, tmp_path: Path) -> None:
    """What the receiver wants no more of waits on, and how long is said; the rest is sent."""
    folder = tmp_path / "spool"
    left_by_a_dead_bot(folder, receiver.dsn, 0.0, "error", "error", "transaction")
    receiver.script = [Reply(429, {"X-Sentry-Rate-Limits": "600:error:key"})]
    sent = tux_here("spool", "send", **settings(folder, receiver.dsn))
    assert sent.returncode == 1
    assert "1 of 3 envelopes sent" in sent.stdout
    assert "wants no more of the rest for 6" in sent.stdout
    assert [item.type for item in receiver.items] == ["transaction"]
    assert receiver.requests == 2


def test_what_is_purged_is_told_to_the_receiver(
    tux_here: Tux, receiver: Receiver, tmp_path: Path
) -> None:
    """It asks; what is given up is counted, and told with the next that is sent, once."""
    folder = tmp_path / "spool"
    here = settings(folder, receiver.dsn)
    left_by_a_dead_bot(folder, receiver.dsn, 0.0, "error", "error", "transaction")
    left_by_a_dead_bot(folder, OTHER_DSN, 0.0, "error")
    assert tux_here("spool", "purge", **here).returncode == 1
    some = tux_here("spool", "purge", "--yes", "--category", "transaction", **here)
    assert "given up: 1 envelopes" in some.stdout, some.stderr
    done = tux_here("spool", "purge", "--yes", **here)
    assert "given up: 2 envelopes" in done.stdout, done.stderr
    assert "the receiver will be told: 2 error" in done.stdout
    assert "there is nothing to give up" in tux_here("spool", "purge", "--yes", **here).stdout
    assert receiver.requests == 0
    sent = tux_here("spool", "send", **here)
    assert sent.returncode == 0, sent.stdout
    assert receiver.lost == {
        ("error", "cache_overflow"): 2,
        ("transaction", "cache_overflow"): 1,
        ("span", "cache_overflow"): 3,
    }
    assert {item.type for item in receiver.items} == {"client_report"}
    other = receiver_directory(folder, Dsn(OTHER_DSN)).name
    assert (
        "There is nothing for abc" in tux_here("spool", "purge", "--receiver", "abc", **here).stderr
    )
    gone = tux_here("spool", "purge", "--receiver", other, "--yes", **here)
    assert "given up: 1 envelopes" in gone.stdout


def test_all_count_alike(tux_here: Tux, tmp_path: Path) -> None:
    """The end of a killed run is counted before and after it is made; a report of losses never is."""
    folder = tmp_path / "spool"
    here = settings(folder, "http://abc@127.0.0.1:9/1")
    left_by_a_dead_bot(folder, here["SENTRY_DSN"], 0.0, "error", "transaction")
    tux_here("spool", "purge", "--yes", "--category", "transaction", **here)
    (error,) = folder.glob("*/*/*-error-*")
    ended = {"sid": "5" * 32, "status": "ok", "attrs": {"release": "v1"}}
    (error.parent / SESSION_FILE).write_text(json.dumps({"session": ended, "boot": ""}))
    for _ in range(2):
        (one,) = json.loads(tux_here("spool", "list", "--json", **here).stdout)
        assert one["envelopes"] == 2
        assert one["categories"] == {"error": 1, "session": 1}
        assert [waiting["release"] for waiting in one["waiting"]] == ["v1", "v1"]
        away = tux_here("spool", "send", **here)
        assert (away.returncode, "0 of 2 envelopes sent" in away.stdout) == (1, True), away.stdout
    assert "given up: 2 envelopes" in tux_here("spool", "purge", "--yes", **here).stdout
    assert json.loads(tux_here("spool", "size", "--json", **here).stdout) == []
    # The reports of what was given up wait all the same.
    away = tux_here("spool", "send", **here)
    assert (away.returncode, "0 of 0 envelopes sent" in away.stdout) == (1, True), away.stdout


def test_without_a_dsn_it_says_what_to_do(tux_here: Tux, tmp_path: Path) -> None:
    """Nothing can be sent without SENTRY_DSN, nor to one that is none; it is named, never shown."""
    for dsn in ("", "hunter2"):
        done = tux_here("spool", "send", **settings(tmp_path, dsn))
        assert done.returncode == 2
        assert "SENTRY_DSN" in done.stderr
        assert "hunter2" not in done.stderr
    assert "--receiver" in tux_here("spool", "purge", "--yes", **settings(tmp_path, "")).stderr

"""What the doctor says of the way to the receiver: over real requests, none of which is an event."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from tests.fakes.receiver import Receiver, Reply
from tests.station.conftest import station_at

from tux.doctor.receiver import check_receiver
from tux.shared.settings import SentrySettings, Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tux.doctor.findings import Finding


def checked(dsn: str | None, ahead: float = 0.0) -> dict[str, Finding]:
    """Check a DSN by a clock that may be wrong; findings by subject."""
    secret = None if dsn is None else SecretStr(dsn)
    settings = Settings(sentry=SentrySettings(dsn=secret))
    found = list(check_receiver(settings, lambda: time.time() + ahead))
    return {one.subject: one for one in found}


async def test_the_station_is_reached_and_has_no_event(tmp_path: Path) -> None:
    """A station takes the request and keeps nothing of it; a wrong key is told from no station."""
    async with station_at(tmp_path / "station.db") as station:
        found = await asyncio.to_thread(checked, station.dsn)
        wrong = station.dsn.replace(station.key, "f" * 32)
        refused = await asyncio.to_thread(checked, wrong)
        kept = {
            table: station.value(f"SELECT count(*) FROM {table}")
            for table in ("events", "envelopes", "discards", "sessions")
        }
    away = await asyncio.to_thread(checked, station.dsn)
    assert {name: one.level for name, one in found.items()} == {
        "DSN": "ok",
        "receiver": "ok",
        "clock": "ok",
    }
    assert set(kept.values()) == {0}
    assert refused["receiver"].level == "fault"
    assert "refuses the key" in refused["receiver"].text
    assert away["receiver"].level == "fault"
    assert "does not take connections" in away["receiver"].text
    assert "tux station" in away["receiver"].advice


@pytest.mark.parametrize(
    ("dsn", "level", "said"),
    [
        (None, "warning", "is not set"),
        ("hunter2", "fault", "is not a DSN"),
        ("http://hunter2@receiver.invalid/1", "warning", "without encryption"),
    ],
)
def test_a_dsn_is_judged(dsn: str | None, level: str, said: str) -> None:
    """One that is none, or leads over open ground, is told without the key."""
    found = checked(dsn)
    assert found["DSN"].level == level
    assert said in found["DSN"].text
    assert found["DSN"].advice
    assert "hunter2" not in repr(found)


def test_an_unknown_name_is_told_apart() -> None:
    """A host that nobody knows is a matter of its name."""
    assert "name is not known" in checked("https://key@receiver.invalid/1")["receiver"].text


@pytest.mark.parametrize(
    ("reply", "level", "said"),
    [
        (Reply(403), "fault", "refuses the key"),
        (Reply(404), "fault", "knows no such project"),
        (Reply(503), "fault", "fails"),
        (Reply(301, {"Location": "https://x.example"}), "fault", "sends elsewhere"),
        (Reply(400), "ok", "answers"),
        (Reply(418), "fault", "HTTP 418"),
        (Reply(429, {"Retry-After": "60"}), "warning", "limits"),
        (Reply(200, {"X-Sentry-Rate-Limits": "60:error:key"}), "warning", "limits"),
        (Reply(reset=True), "fault", "broke the connection off"),
    ],
)
def test_an_answer_is_judged(receiver: Receiver, reply: Reply, level: str, said: str) -> None:
    """Each answer is told for what it is, with what to do where there is something."""
    receiver.otherwise = reply
    finding = checked(receiver.dsn)["receiver"]
    assert finding.level == level
    assert said in finding.text
    assert bool(finding.advice) == (level != "ok")
    assert receiver.items == []


@pytest.mark.parametrize(
    ("ahead", "level", "said"),
    [(5.0, "ok", ""), (-90.0, "warning", "behind"), (3600.0, "fault", "s ahead of")],
)
def test_clocks_are_compared(receiver: Receiver, ahead: float, level: str, said: str) -> None:
    """A clock that is wrong by more than a request takes is told, and in which direction."""
    finding = checked(receiver.dsn, ahead)["clock"]
    assert finding.level == level
    assert said in finding.text


def test_a_receiver_without_a_date(receiver: Receiver, monkeypatch: Any) -> None:
    """One that does not tell its time is not compared with."""
    handler = "http.server.BaseHTTPRequestHandler.date_time_string"
    monkeypatch.setattr(handler, lambda *_: "at noon")
    assert checked(receiver.dsn)["clock"].level == "warning"

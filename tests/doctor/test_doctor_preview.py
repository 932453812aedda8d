"""`tux doctor`, whole: what it shows of what would leave, and how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tux.doctor.planted import MESSAGE, planted
from tux.doctor.preview import Preview, finding_of
from tux.shared.settings import Settings
from tux.shared.sightings import Sighting, sightings

if TYPE_CHECKING:
    from tests.cli.conftest import Tux
    from tests.fakes.receiver import Receiver

TOKEN = "MTA1NDQ4NjE3MjUzNjQ4Mzg0MQ.Gx1a2b.c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1"
OWN = {
    "DISCORD_TOKEN": TOKEN,
    "DATABASE_URL": "postgresql://tux:correct-horse-battery@127.0.0.1:9/tux",
}
KINDS = {"error", "transaction", "log", "metric", "check-in", "session", "feedback", "attachment"}


def test_what_would_leave_is_shown_and_not_sent(tux: Tux, receiver: Receiver) -> None:
    """There is an item of each kind, each planted secret is removed, and no request is made."""
    done = tux("doctor", "--privacy", "--json", SENTRY_DSN=receiver.dsn, **OWN)
    assert done.returncode == 0, done.stderr
    assert receiver.requests == 0
    said = json.loads(done.stdout)
    assert {one["kind"] for one in said["items"]} == KINDS
    assert len(said["planted"]) == 12
    assert all(one["removed"] for one in said["planted"])
    assert not sightings(
        done.stdout.encode(), {"token": TOKEN, "password": "correct-horse-battery"}
    )
    (error,) = (one["payload"] for one in said["items"] if one["kind"] == "error")
    assert error["tags"]["command"] == "sample"
    assert error["exception"]["values"][-1]["type"] == "SampleError"
    assert done.stdout.count("[removed: ") > 40


def test_it_reads_well(tux: Tux, receiver: Receiver) -> None:
    """The page has a panel for each kind, and a setting that lets words leave is told."""
    shown = tux("doctor", "--privacy", PRIVACY_CONTENT="true", SENTRY_DSN=receiver.dsn)
    assert shown.returncode == 0, shown.stderr
    assert all(f"─ {kind} " in shown.stdout for kind in KINDS)
    assert "what members write leaves" in shown.stdout
    assert "webhook token" in shown.stdout
    assert "Traceback" not in shown.stderr


def test_the_doctor_ends_with_what_it_found(tux: Tux, receiver: Receiver) -> None:
    """With a fault it ends with 1 and says what to do; the receiver gets no event."""
    done = tux("doctor", "--json", SENTRY_DSN=receiver.dsn, **OWN)
    found = {one["subject"]: one for one in json.loads(done.stdout)}
    assert done.returncode == 1
    assert {name: one["level"] for name, one in found.items()} == {
        "Discord": "ok", "DSN": "ok", "receiver": "ok", "clock": "ok", "spool": "ok", "disk": "ok",
        "sampling": "ok", "database": "fault", "watch": "ok", "privacy": "ok",
    }  # fmt: skip
    assert "DATABASE_URL" in found["database"]["advice"]
    assert receiver.requests == 1
    assert receiver.items == []
    well = tux("doctor", SENTRY_DSN=receiver.dsn, DISCORD_TOKEN=TOKEN)
    assert well.returncode == 0, well.stdout
    assert "ok      privacy" in well.stdout


def test_a_secret_that_is_left_is_a_fault() -> None:
    """What was planted and is still there is named; a member's words by choice are a warning."""
    secrets = tuple(planted(Settings()).values())
    leaks = Preview((), secrets, (Sighting("webhook token", "plain"),), ())
    assert finding_of(leaks).level == "fault"
    assert "webhook token" in finding_of(leaks).text
    chosen = Preview((), secrets, (), (Sighting(MESSAGE, "plain"),))
    assert finding_of(chosen).level == "warning"


def test_sightings_see_through_encodings() -> None:
    """A secret is seen as it is, percent-encoded, and in base64 at any place of it."""
    secret = {"it": "pass word/7+äx"}
    seen = {
        form: [one.form for one in sightings(content, secret)]
        for form, content in {
            "plain": "…pass word/7+äx…".encode(),
            "quoted": b"a=pass%20word%2F7%2B%C3%A4x",
            "form": b"pass+word%2F7%2B%C3%A4x",
            "base64": b"eHBhc3Mgd29yZC83K8OkeHk=",
            "nothing": b"password",
        }.items()
    }
    assert seen == {
        "plain": ["plain"],
        "quoted": ["percent-encoded"],
        "form": ["percent-encoded"],
        "base64": ["base64"],
        "nothing": [],
    }
    assert sightings(b"abc", {"short": "abc"}) == ()

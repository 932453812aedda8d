"""The fixture for users' own tests, in a test suite of a user's own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

USERS = """
import pytest
import sentry_sdk
from discord.ext import commands
from tux.services.sentry import SentryManager, capture_exception_safe
from tux.services.sentry.privacy import NOBODY, set_opted_out


def fail(number=0):
    try:
        raise KeyError("token=hunter2-hunter2")
    except KeyError as error:
        return capture_exception_safe(error, extra_context={"number": number})


def test_an_error(sent):
    event_id = fail()
    (event,) = sent.events
    assert event["event_id"] == event_id
    assert event["contexts"]["extra_context"]["number"] == 0
    assert "hunter2" not in str(event)


def test_a_mistake(sent):
    capture_exception_safe(commands.BadArgument("x"))
    assert sent.events == []


def test_a_transaction_and_a_log(sent):
    with SentryManager().start_transaction(op="task", name="clean") as transaction:
        transaction.set_data("removed", 3)
    sentry_sdk.logger.info("swept")
    assert [one["transaction"] for one in sent.transactions] == ["clean"]
    assert [one["body"] for one in sent.logs] == ["swept"]


def test_each_test_begins_anew(sent):
    assert sent.items == []
    for number in range(20):
        fail(number)
    assert len(sent.events) == 5


def test_readable_failures(sent):
    fail()
    with pytest.raises(AssertionError, match="expected one error from `ban`, got none; elsewhere"):
        sent.error("ban")
    with pytest.raises(AssertionError, match="expected no error, got 1:\\n  KeyError"):
        sent.no_errors()
    with pytest.raises(AssertionError, match="expected one transaction `ban`, got 0; there are: no"):
        sent.transaction("ban")


def test_attachments_are_bytes_and_choices_hold(sent):
    set_opted_out({1_234_567_890_123_456_789})
    sentry_sdk.get_isolation_scope().add_attachment(bytes=b"a list", filename="list.txt")
    sentry_sdk.capture_message("by 1234567890123456789")
    set_opted_out(NOBODY)
    assert sent.events[0]["message"] == "by [removed: opted out]"
    assert sent.of("attachment") == [b"a list"]


def test_without_the_fixture_nothing_is_on():
    assert not sentry_sdk.is_initialized()


def test_a_bots_own_init_sends_nothing(station):
    sentry_sdk.init(dsn=station.dsn)
    event_id = sentry_sdk.capture_message("told")
    sentry_sdk.flush(5)
    with pytest.raises(TimeoutError):
        station.event(event_id, within=0.2)


def test_a_bots_own_init_is_looked_at(sent):
    sentry_sdk.init(dsn="http://key@shop.invalid/1", release="shop@1")
    sentry_sdk.capture_message("told")
    assert [one["release"] for one in sent.events] == ["shop@1"]
"""
SENDING = """
import sentry_sdk


def test_a_station(station):
    sentry_sdk.init(dsn=station.dsn)
    event_id = sentry_sdk.capture_message("told")
    sentry_sdk.flush(5)
    assert station.event(event_id)["message"] == "told"
"""


def run(folder: Path, source: str, *options: str) -> str:
    """Run a user's tests with the plug-in; they pass."""
    (folder / "conftest.py").write_text('pytest_plugins = ["tux.pytest_plugin"]\n')
    (folder / "test_mine.py").write_text(source)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_a_users_suite(tmp_path: Path) -> None:
    """A user's tests read what would have been sent, each from the beginning; nothing leaves."""
    assert "9 passed" in run(tmp_path, USERS)


def test_sending_from_tests_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``--send-telemetry`` a bot's own client sends, here to a station of the test's own.

    No setting of whoever runs the tests reaches it, of any section: with one of these it would not
    start, and with an address among them it would tell a team of what a test broke.
    """
    monkeypatch.setenv("ALERTS_WEBHOOK_URLS", "no address")
    for name in ("PRIVACY_USER", "HTTP_TIMEOUT", "BOT_SHUTDOWN_SECONDS", "DATABASE_URL"):
        monkeypatch.setenv(name, "nonsense")
    assert "1 passed" in run(tmp_path, SENDING, "--send-telemetry")

"""The fixture for users' own tests, in a test suite of a user's own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

USERS = """
import sentry_sdk
from discord.ext import commands
from tux.services.sentry import SentryManager, capture_exception_safe


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


def test_without_the_fixture_nothing_is_on():
    assert not sentry_sdk.is_initialized()
"""


def test_a_users_suite(tmp_path: Path) -> None:
    """A user's tests read what would have been sent, each from the beginning."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["tux.pytest_plugin"]\n')
    (tmp_path / "test_mine.py").write_text(USERS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "5 passed" in done.stdout

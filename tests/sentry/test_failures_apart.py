# ruff: noqa: PT012, PT017, TRY301  # errors are raised and caught as users do it
"""What is one failure and what is two; what looks like a member's mistake and is none."""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING

import aiohttp
import pytest
import sentry_sdk
from discord.ext import commands

import tux.services.sentry
from tux.services.sentry import capture_exception, set_tag, set_user_context, start_transaction
from tux.services.sentry.instrument.tasks import set_task_factory
from tux.services.sentry.policy import decide
from tux.services.sentry.policy_rules import Verdict
from tux.services.sentry.units import Unit, unit_of_work
from tux.shared.exceptions import TuxConfigurationError, TuxError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.sent import Sent


async def test_a_real_timeout_is_sent(sent: Sent) -> None:
    """A time-out, which asyncio makes from a cancellation, is an error."""
    for waiting in (_by_timeout(), asyncio.wait_for(asyncio.sleep(1), 0.001)):
        with pytest.raises(TimeoutError) as caught:
            await waiting
        capture_exception(caught.value)
    assert [event["exception"]["values"][-1]["type"] for event in sent.events] == [
        "TimeoutError"
    ] * 2


async def _by_timeout() -> None:
    async with asyncio.timeout(0.001):
        await asyncio.sleep(1)


async def test_a_group_is_one_failure(sent: Sent) -> None:
    """A task of a group that was captured in it is not sent again with the group."""

    async def child() -> None:
        try:
            raise LookupError
        except LookupError as error:
            capture_exception(error)
            raise

    with pytest.raises(BaseExceptionGroup) as caught:
        async with asyncio.TaskGroup() as group:
            group.create_task(child())
    capture_exception(caught.value)
    assert len(sent.events) == 1


def test_a_group_is_as_bad_as_its_worst() -> None:
    """A group of mistakes is a mistake; with a bug among them it is a bug."""
    mistake = commands.BadArgument("x")
    assert decide(ExceptionGroup("", [mistake, mistake])).verdict is Verdict.BREADCRUMB
    assert decide(ExceptionGroup("", [mistake, KeyError()])).verdict is Verdict.ERROR


def test_a_kept_error_is_a_failure_in_each_unit(sent: Sent) -> None:
    """Three commands that fail for one kept reason are three failures, each of its own user."""
    kept = ConnectionError("no cable")
    ids = []
    for number in range(3):
        with pytest.raises(RuntimeError), unit_of_work(Unit("command.prefix", "buy")):
            set_user_context(_User(number))
            try:
                raise RuntimeError("shop is closed") from kept
            except RuntimeError as error:
                ids.append(capture_exception(error))
                assert capture_exception(error) == ids[-1]
                raise
    assert [event["event_id"] for event in sent.events] == ids
    assert [event["user"]["id"] for event in sent.events] == ["0", "1", "2"]


class _User:
    def __init__(self, number: int) -> None:
        self.id = number


def test_a_failure_that_crosses_units_is_one(sent: Sent) -> None:
    """What failed in a unit and reaches the unit around it is one failure."""
    with pytest.raises(LookupError), unit_of_work(Unit("event.discord", "on_message")):
        try:
            with unit_of_work(Unit("command.prefix", "buy")):
                try:
                    raise LookupError
                except LookupError as error:
                    capture_exception(error)
                    raise
        except LookupError as error:
            capture_exception(error)
            raise
    assert len(sent.events) == 1


def test_what_is_set_outside_of_units_stays_there(sent: Sent) -> None:
    """A user or a tag that is set after the start, outside of units, reaches none of them."""
    set_user_context(_User(111))
    set_tag("somebodys", "tag")
    with unit_of_work(Unit("task.loop", "clean")):
        capture_exception(LookupError())
    assert "user" not in sent.event
    assert "somebodys" not in sent.event.get("tags", {})


def test_an_error_says_itself_whose_fault_it_is() -> None:
    """A class of somebody's own that calls itself the user's fault is not sent."""

    class MineError(TuxError):
        is_user_fault = True

    assert decide(MineError()).verdict is Verdict.BREADCRUMB


async def test_aiohttp_of_a_cog_is_no_outage_of_discord() -> None:
    """A cog's own request that fails is an error of its own; discord.py's is an outage."""
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError) as caught:
            await session.get("http://127.0.0.1:9/")
    decision = decide(caught.value)
    assert (decision.verdict, decision.fingerprint) == (Verdict.ERROR, ())


async def test_a_context_that_the_caller_made_is_left_alone(sent: Sent) -> None:
    """A task in a context that is in use already works while a span is active."""
    loop = asyncio.get_running_loop()
    set_task_factory(loop)

    async def outer() -> str:
        with start_transaction(op="task", name="outer"):
            return await asyncio.create_task(inner(), context=context)

    async def inner() -> str:
        return "done"

    context = contextvars.copy_context()
    assert await asyncio.create_task(outer(), context=context) == "done"


def test_a_set_up_that_failed_is_tried_again(
    unstarted: Sent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings that cannot be read do not switch telemetry off for good."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tux.toml").write_text("[sentry\n")
    with pytest.raises(TuxConfigurationError):
        tux.services.sentry.setup()
    (tmp_path / "tux.toml").unlink()
    tux.services.sentry.setup(unstarted.settings())
    assert sentry_sdk.is_initialized()


def test_members_words_stay_in_variables(sent: Sent) -> None:
    """Of a variable's text nothing leaves; numbers and classes do."""

    def echo(text: str, number: int) -> None:
        words = {"kept": [text, number]}
        raise LookupError(len(words))

    with pytest.raises(LookupError) as caught:
        echo("my secret diary", 7)
    capture_exception(caught.value)
    frames = sent.event["exception"]["values"][-1]["stacktrace"]["frames"]
    variables = frames[-1]["vars"]
    assert variables["number"] == "7"
    assert variables["words"]["kept"][1] == "7"
    assert "diary" not in str([frame["vars"] for frame in frames])

"""A child process and its parent: lines out, lines in, and every way to stop."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

WORK = """
import asyncio, sys
from tux.shared.child import heard, say, until_stopped

async def work():
    say({"ready": True})
    try:
        await asyncio.sleep(60)
    finally:
        say({"cleaning": True})
        await asyncio.sleep(float(sys.argv[2]))
        say({"clean": True})

async def main():
    tell = lambda number: say({"signal": number})
    await until_stopped(work(), tied=sys.argv[1] == "tied", on_signal=tell)
    say({"left": len(asyncio.all_tasks()) - 1})

asyncio.run(main())
"""
ECHO = """
import asyncio
from tux.shared.child import heard, say

async def main():
    say({"ready": "\N{PENGUIN}"})
    async for line in heard():
        say({"line": line})
    say({"end": True})

asyncio.run(main())
"""
ENDS = """
import asyncio, signal, sys
from tux.shared.child import say, until_stopped

async def work():
    if sys.argv[1] == "fail":
        raise LookupError("broken")

before = signal.getsignal(signal.SIGTERM)
try:
    asyncio.run(until_stopped(work(), tied=True))
except LookupError as error:
    say({"raised": str(error)})
say({"signals as before": signal.getsignal(signal.SIGTERM) == before})
"""


class ChildUnderTest:
    """A script in a process of its own, at the other end of its pipes."""

    def __init__(self, script: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def write(self, text: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def leave(self) -> None:
        """End its standard input, as the system does when the parent dies."""
        assert self.process.stdin
        self.process.stdin.close()

    def line(self) -> Any:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def rest(self) -> list[Any]:
        """Read until it has ended, and give what it said."""
        assert self.process.stdout
        lines = [json.loads(line) for line in self.process.stdout]
        assert self.process.wait(20) == 0
        return lines


@pytest.fixture
def children() -> Iterator[list[ChildUnderTest]]:
    """Takes children, and ends those that are left."""
    started: list[ChildUnderTest] = []
    yield started
    for child in started:
        child.process.kill()
        child.process.wait()
        for pipe in (child.process.stdin, child.process.stdout):
            assert pipe
            pipe.close()


def started(children: list[ChildUnderTest], script: str, *arguments: str) -> ChildUnderTest:
    child = ChildUnderTest(script, *arguments)
    children.append(child)
    return child


def working(children: list[ChildUnderTest], tied: str, cleaning: float = 0) -> ChildUnderTest:
    """Start a child that works until it is stopped, and cleans up for so many seconds."""
    child = started(children, WORK, tied, str(cleaning))
    assert child.line() == {"ready": True}
    return child


CLEANED = [{"cleaning": True}, {"clean": True}, {"left": 0}]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("tied", ["tied", "free"])
def test_a_signal_stops_the_work(
    children: list[ChildUnderTest], number: signal.Signals, tied: str
) -> None:
    """A signal is told, cancels the work and lets it clean up; the end is a good one."""
    child = working(children, tied)
    child.process.send_signal(number)
    assert child.rest() == [{"signal": number}, *CLEANED]


def test_the_parents_end_stops_a_tied_child(children: list[ChildUnderTest]) -> None:
    """A tied child cleans up and ends when its parent is gone."""
    child = working(children, "tied")
    child.write("what the parent says is no reason to stop\n")
    child.leave()
    assert child.rest() == CLEANED


def test_the_end_of_input_does_not_stop_a_free_one(children: list[ChildUnderTest]) -> None:
    """A process that a person started goes on without standard input."""
    child = working(children, "free")
    child.leave()
    with pytest.raises(subprocess.TimeoutExpired):
        child.process.wait(0.3)
    child.process.terminate()
    assert child.rest() == [{"signal": signal.SIGTERM}, *CLEANED]


@pytest.mark.parametrize("second", ["signal", "end of input"])
def test_a_second_reason_does_not_cut_the_cleaning_short(
    children: list[ChildUnderTest], second: str
) -> None:
    """Work that is being stopped is not cancelled again while it cleans up."""
    child = working(children, "tied", cleaning=0.5)
    child.process.terminate()
    assert [child.line(), child.line()] == [{"signal": signal.SIGTERM}, {"cleaning": True}]
    if second == "signal":
        child.process.send_signal(signal.SIGINT)
        assert child.line() == {"signal": signal.SIGINT}
    else:
        child.leave()
    assert child.rest() == CLEANED[1:]


def test_work_that_ends_by_itself(children: list[ChildUnderTest]) -> None:
    """When the work ends, waiting for the parent does too, and signals are as before."""
    assert started(children, ENDS, "end").rest() == [{"signals as before": True}]


def test_work_that_fails(children: list[ChildUnderTest]) -> None:
    """What the work raises, the caller gets."""
    child = started(children, ENDS, "fail")
    assert child.rest() == [{"raised": "broken"}, {"signals as before": True}]


def test_lines_both_ways(children: list[ChildUnderTest]) -> None:
    """Each line is said at once; heard are lines without their ends, until the parent is gone."""
    child = started(children, ECHO)
    assert child.line() == {"ready": "\N{PENGUIN}"}
    child.write("one\n")
    assert child.line() == {"line": "one"}
    child.write("two\r\nthree \N{PENGUIN}\n\nlast, not ended")
    child.leave()
    heard = ["two", "three \N{PENGUIN}", "", "last, not ended"]
    assert child.rest() == [*({"line": line} for line in heard), {"end": True}]

"""A background thread that is in C++ when Python ends does not abort the process."""

from __future__ import annotations

import subprocess
import sys
from threading import Thread

import pytest

from tux.shared.at_exit import ended_before_exit
from tux.shared.patterns import scanner

BUSY = """
import contextlib, threading
from tux.shared import patterns
began = threading.Event()
search = patterns.scanner("a{4}b")
def work():
    began.set()
    with contextlib.suppress(RuntimeError):
        while True:
            search(b"aaa " * 100_000)
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
began.wait()
"""


def ended(script: str) -> tuple[int, bytes]:
    """Run a script in a Python of its own, and give its exit code and its complaint."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, timeout=30, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(scanner("a") is None, reason="google-re2 is not installed")
def test_threads_that_look_while_python_ends() -> None:
    """Three threads that never stop looking cost no end of a process its exit code."""
    assert [ended(BUSY) for _ in range(5)] == [(0, b"")] * 5


@pytest.mark.skipif(scanner("a") is None, reason="google-re2 is not installed")
def test_threads_that_look_for_a_log_handler() -> None:
    """Whoever looks under a lock that Python takes at its end does not keep it from ending."""
    script = f"""{BUSY}
import logging
class Handler(logging.Handler):
    def emit(self, record):
        with contextlib.suppress(RuntimeError):
            search(b"a" * 100_000)
logging.getLogger().addHandler(Handler())
def tell():
    while True:
        logging.error("again")
threading.Thread(target=tell, daemon=True).start()
"""
    assert [ended(script) for _ in range(3)] == [(0, b"")] * 3


def test_a_finaliser_that_comes_by() -> None:
    """Garbage that is collected within a call may be looked at by its finaliser."""
    given: list[object] = []

    class Garbage:
        def __del__(self) -> None:
            given.append(ended_before_exit(int)("2"))

    def collect() -> None:
        Garbage()
        given.append(1)

    other = Thread(target=ended_before_exit(collect), daemon=True)
    other.start()
    other.join(5)
    assert given == [2, 1]


@pytest.mark.skipif(scanner("a") is None, reason="google-re2 is not installed")
def test_a_child_of_a_thread_that_was_looking() -> None:
    """What is forked while a thread looks has a door of its own, so that its threads look, too."""
    script = f"""{BUSY}
import os, sys
for _ in range(20):
    child = os.fork()
    if child == 0:
        other = threading.Thread(target=search, args=(b"a",))
        other.start()
        other.join(10)
        os._exit(other.is_alive())
    assert os.waitpid(child, 0)[1] == 0
"""
    assert ended(script) == (0, b"")


def test_what_a_call_gives_and_raises() -> None:
    """In every thread the call is as it was, and its failure leaves the door open."""
    given: list[object] = []

    def divide(one: int, by: int) -> float:
        return one / by

    def tried() -> None:
        for by in (0, 2):
            try:
                given.append(ended_before_exit(divide)(1, by=by))
            except ZeroDivisionError as error:
                given.append(type(error))

    tried()
    other = Thread(target=tried)
    other.start()
    other.join(5)
    assert given == [ZeroDivisionError, 0.5] * 2

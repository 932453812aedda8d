"""Processes that capture, say what they captured, and end as they are told.

``python -m tests.faults.worker`` forks one for each line of JSON that it reads: what they import is
imported once. Such a process talks over two named pipes. ``@<pid>`` says who it is, ``?<id>`` tells
of an event that is about to be captured, ``=<id>`` of one whose capture has returned.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from tests.fakes.receiver import wait_until
from tests.fakes.telemetry import Telemetry

from tux.services.sentry.delivery.transport import SpoolingTransport

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS: Final = frozenset(
    {"open", "fcntl.flock", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.listdir"}
)
"""What Python announces before it does it: every step of ours on the disk, but for writes."""


def say(text: str) -> None:
    """Write a line at once: a buffer dies with its process."""
    os.write(1, f"{text}\n".encode())


def capture(count: int) -> None:
    """Capture so many errors."""
    for number in range(count):
        id_ = uuid4().hex
        say(f"?{id_}")
        event = {"event_id": id_, "message": f"failure {number}", "level": "error"}
        assert sentry_sdk.capture_event(event) == id_  # type: ignore[arg-type]  # a dict will do
        say(f"={id_}")


def started(told: dict[str, Any]) -> Telemetry:
    """Start the SDK as this process is told."""
    telemetry = Telemetry(told["dsn"], Path(told["spool"]))
    telemetry.settings = telemetry.settings.model_copy(update=told.get("settings", {}))
    transport = telemetry.start(
        integrations=[AtexitIntegration(callback=lambda pending, timeout: None)]
    )
    if "release" in told:
        transport.begin_session(told["release"], "test")
    return telemetry


def kill_self() -> None:
    """Die here."""
    os.kill(os.getpid(), signal.SIGKILL)


def deliver() -> None:
    """Wait until the receiver has all that this process captured."""
    os.read(0, 1)
    transport = sentry_sdk.get_client().transport
    assert isinstance(transport, SpoolingTransport)

    def is_done() -> bool:
        sentry_sdk.flush(1)
        return len(transport._spool) == 0

    assert wait_until(is_done)


def fail() -> None:
    """Let an exception end the interpreter."""
    raise LookupError("nobody catches it")


def end(how: str) -> None:
    """Capture, and end."""
    ends: dict[str, Callable[[], object]] = {
        "SIGKILL": kill_self,
        "SIGTERM": lambda: os.kill(os.getpid(), signal.SIGTERM),
        "os._exit": lambda: os._exit(0),
        "abort": os.abort,
        "return": lambda: None,
        "raise": fail,
        # Whoever started it lets it go on.
        "hold": lambda: os.read(0, 1),
        "deliver": deliver,
    }
    ends[how]()


def forked(work: Callable[[], None]) -> int:
    """Let a child do something that ends it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001  # a child must not go on as its parent
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return child


def die_at_random(told: dict[str, Any]) -> None:
    """Let children capture, one after the other, and kill each at some instant."""
    chance = random.Random(told["seed"])

    def work() -> None:
        started(told)
        capture(told["count"])
        sentry_sdk.flush(5)
        signal.pause()

    for _ in range(told["times"]):
        child = forked(work)
        time.sleep(chance.uniform(0, told["longest"]))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def die_at_each_step(told: dict[str, Any]) -> None:
    """Kill a child before its first step on the disk, the next before its second, and so on."""

    def work(last: int) -> None:
        steps = 0

        def watch(event: str, _: object) -> None:
            nonlocal steps
            if event in STEPS:
                steps += 1
                if steps == last:
                    kill_self()

        sys.addaudithook(watch)
        telemetry = started(told)
        capture(told["count"])
        sentry_sdk.flush(5)
        telemetry.stop()

    for last in range(1, told["times"], told.get("stride", 1)):
        _, status = os.waitpid(forked(lambda last=last: work(last)), 0)  # type: ignore[misc]  # its own
        if os.WIFEXITED(status):
            say(f"!{last}")
            return


def work(told: dict[str, Any]) -> None:
    """Do what was asked for."""
    for path, flags, number in ((told["in"], os.O_RDONLY, 0), (told["out"], os.O_WRONLY, 1)):
        pipe = os.open(path, flags)
        os.dup2(pipe, number)
        os.close(pipe)
    say(f"@{os.getpid()}")
    if told["how"] == "die at random":
        die_at_random(told)
    elif told["how"] == "die at each step":
        die_at_each_step(told)
    else:
        started(told)
        capture(told["count"])
        say("!captured")
        end(told["how"])


def main() -> None:
    """Fork for each line, and never wait for a child."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            # This loop is the parent's, its standard input too: the child leaves the one by
            # returning, so that the interpreter ends as it does elsewhere.
            work(json.loads(line))
            return


if __name__ == "__main__":
    main()

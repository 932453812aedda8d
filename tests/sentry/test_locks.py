"""The garbage collector may run anywhere, and tells of a task's error from there: no lock holds it up."""

from __future__ import annotations

import asyncio
import gc
import logging
import subprocess
import sys
from pathlib import Path

from tests.fakes.sent import raised

from tux.services.sentry.log_errors import watch_logs
from tux.services.sentry.reporting import _state, report

ROUNDS = 300


async def leave_behind() -> None:
    """Leave a failed task that only the garbage collector will find."""

    async def fail() -> None:
        raise RuntimeError("nobody waits")

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    cycle: list[object] = [task]
    cycle.append(cycle)


async def collect_while_reporting() -> None:
    """Report errors of ever new kinds while each allocation may collect what was left behind."""
    for number in range(ROUNDS):
        gc.disable()
        await leave_behind()
        kind = type(f"Error{number}", (Exception,), {})
        error = raised(kind())
        gc.set_threshold(1 + number % 60, 1000, 1000)
        gc.enable()
        report(error)
        gc.set_threshold(700, 10, 10)


def main() -> None:
    """Run in a process of its own: a lock would hold all of it up."""
    logging.getLogger("asyncio").addHandler(logging.NullHandler())
    watch_logs()
    asyncio.run(collect_while_reporting())
    assert _state.limiter.suppressed
    sys.stdout.write("done\n")


def test_no_lock_holds_the_collector_up() -> None:
    """Errors that are found while another is reported are reported, too; and the process ends."""
    done = subprocess.run(
        [sys.executable, "-c", "from tests.sentry.test_locks import main; main()"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("done\n", 0), done.stderr

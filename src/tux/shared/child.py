"""The child's side of ``tux.supervisor``: JSON lines out, and an end when the parent is gone."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import signal
import sys
from typing import TYPE_CHECKING, Any, Final

from tux.shared.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping


def say(line: Mapping[str, Any]) -> None:
    """Tell the parent one thing; the first line said means "ready"."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def heard() -> AsyncIterator[str]:
    """Yield what the parent writes, and end when the parent is gone."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    try:
        async for raw in reader:
            yield raw.decode("utf-8", "replace").strip()
    finally:
        transport.close()


async def until_parent_is_gone() -> None:
    """Wait for the end of standard input: a parent that was killed cannot send a signal."""
    async for _ in heard():
        pass


STOPPED: Final = "asked to stop"
"""What the cancellation says of work that was asked to stop; a loop that breaks says nothing."""


async def until_stopped(
    work: Coroutine[Any, Any, None],
    *,
    tied: bool,
    on_signal: Callable[[int], None] | None = None,
    within: float | None = None,
) -> None:
    """Run ``work`` until it ends, SIGINT or SIGTERM comes, or the parent is gone.

    Stopping means that ``work`` is cancelled and awaited: it cleans up in its ``finally``, which
    no second reason to stop cuts short.

    Args:
        work: what to run.
        tied: whether the end of standard input is a reason to stop.
        on_signal: told the signal's number before the work is cancelled.
        within: seconds after a signal in which the whole process has ended, or is ended.

    Raises:
        Exception: what ``work`` raises.
    """
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    # Cached, it runs once: a second cancel would break into the cleaning up.
    cancel = functools.cache(functools.partial(task.cancel, STOPPED))
    watch = loop.create_task(until_parent_is_gone()) if tied else None
    if watch is not None:
        watch.add_done_callback(lambda _: cancel())

    def stop(number: int) -> None:
        if on_signal is not None:
            on_signal(number)
        cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    if within is not None:
        deadline = Deadline(within)
        for number in (signal.SIGINT, signal.SIGTERM):
            deadline.watch(number)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        if watch is not None:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch

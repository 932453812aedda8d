"""Child processes that say when they are ready, and that are started again when they die."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from loguru import logger

from tux.shared.exceptions import TuxServiceError

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

READY_SECONDS = 30.0
STOP_SECONDS = 15.0
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0


def _ignore(_line: dict[str, Any]) -> None:
    """Drop a line that nobody asked for."""


@dataclass
class Child:
    """A ``python -m …`` process that prints JSON lines, the first of them when it is ready."""

    name: str
    """What people call it, e.g. ``station``."""
    arguments: Sequence[str]
    """What follows ``python -m``."""
    environment: Mapping[str, str]
    folder: Path | None = None
    """Working folder, from which it reads its settings files; None is ours."""
    on_line: Callable[[dict[str, Any]], None] = _ignore
    """Called with each later line."""
    on_restart: Callable[[], None] = lambda: None
    """Called when it has died and is about to be started again."""
    again: Callable[[dict[str, Any]], Sequence[str]] | None = None
    """Arguments for the next start, made from what the child announced (its port, say)."""
    _process: Process | None = None
    _ready: asyncio.Future[dict[str, Any]] | None = None
    _keeper: asyncio.Task[None] | None = field(default=None, repr=False)
    _stopping: bool = False

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def exit_code(self) -> int | None:
        """What it ended with; None while it runs."""
        return self._process.returncode if self._process else None

    async def start(self) -> dict[str, Any]:
        """Start it, keep it alive from now on, and return its first line.

        Raises:
            TuxServiceError: it ended or stayed silent before it was ready. What it has to say
                about that is on its standard error, which is ours.
        """
        self._ready = asyncio.get_running_loop().create_future()
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.name}")
        try:
            return await asyncio.wait_for(asyncio.shield(self._ready), READY_SECONDS)
        except TimeoutError:
            await self.stop()
            raise TuxServiceError(self.name, f"not ready after {READY_SECONDS:.0f} s") from None

    async def write(self, line: str) -> None:
        """Send one line to its standard input; a child that is gone is not an error."""
        if self._process and self._process.stdin:
            with contextlib.suppress(ConnectionError):
                self._process.stdin.write(f"{line}\n".encode())
                await self._process.stdin.drain()

    async def stop(self) -> None:
        """Ask it to end (SIGTERM), and make it (SIGKILL) when it takes too long."""
        self._stopping = True
        process = self._process
        if process and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
        if self._keeper:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper

    async def _keep(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping:
            announced = await self._run_once()
            if self._stopping:
                return
            if not self._was_ready():
                return
            self.on_restart()
            pause = FIRST_PAUSE_SECONDS if announced else min(pause * 2, LONGEST_PAUSE_SECONDS)
            logger.warning("the {} ended; starting it again in {:.1f} s", self.name, pause)
            await asyncio.sleep(pause)

    def _was_ready(self) -> bool:
        """Say whether it ever was; the first start's failure belongs to whoever waits for it."""
        ready = self._ready
        if ready is None or ready.done():
            return ready is not None and ready.exception() is None
        ready.set_exception(TuxServiceError(self.name, "ended before it was ready"))
        return False

    async def _run_once(self) -> bool:
        """Run it until it ends; tell whether it got as far as its first line."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *self.arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=dict(self.environment),
            cwd=self.folder,
            # A Ctrl-C in the terminal is ours to pass on, in the right order.
            start_new_session=True,
        )
        self._process = process
        announced = False
        assert process.stdout is not None  # noqa: S101  # asked for with PIPE, for the type checker
        async for raw in process.stdout:
            line = _parse(raw)
            if line is None:
                continue
            if announced:
                self.on_line(line)
                continue
            announced = True
            if self.again is not None:
                self.arguments = self.again(line)
            if self._ready is not None and not self._ready.done():
                self._ready.set_result(line)
        await process.wait()
        return announced


def _parse(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def station_child(
    port: int, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> Child:
    """Make the child that runs the station; after a death it comes back on the same port."""
    return Child(
        name="station",
        arguments=("tux", "station", "--child", "--port", str(port)),
        environment=dict(os.environ) if environment is None else environment,
        folder=folder,
        again=lambda announced: (
            *("tux", "station", "--child", "--port"),
            str(urlsplit(str(announced["url"])).port),
        ),
    )

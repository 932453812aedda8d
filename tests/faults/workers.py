"""Processes that capture, seen from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from tests.faults.stage import Stage

ROOT = Path(__file__).parents[2]


class Workshop:
    """The process that forks the others: see `tests.faults.worker`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            stdin=subprocess.PIPE,
            text=True,
        )

    def start(self, told: dict[str, Any]) -> None:
        """Fork a process that does what it is told."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """End it."""
        self._process.communicate()


class Worker:
    """One process that captures, on the spool and the server of a stage."""

    def __init__(self, workshop: Workshop, stage: Stage, how: str, count: int, **more: Any) -> None:
        pipes = {name: workshop.folder / f"{uuid4().hex}.{name}" for name in ("in", "out")}
        for pipe in pipes.values():
            os.mkfifo(pipe)
        workshop.start(
            {
                "dsn": stage.server.dsn,
                "spool": str(stage.telemetry.settings.spool_path),
                "how": how,
                "count": count,
                **{name: str(path) for name, path in pipes.items()},
                **more,
            }
        )
        self._in = pipes["in"].open("w")
        self._out = pipes["out"].open()
        self.pid = int(self._out.readline()[1:])
        self.captured: set[str] = set()
        self.uncertain: set[str] = set()
        """Events whose capture did not return."""
        self.word = ""

    def listen(self) -> None:
        """Read until it has captured all, or ended."""
        for line in self._out:
            mark, text = line[0], line[1:].strip()
            if mark == "!":
                self.word = text
                return
            if mark == "?":
                self.uncertain.add(text)
            else:
                self.uncertain.remove(text)
                self.captured.add(text)

    def kill(self) -> None:
        """Kill it."""
        os.kill(self.pid, signal.SIGKILL)

    def end(self) -> None:
        """Let it go on, and wait for its end."""
        with suppress(BrokenPipeError):
            self._in.write("\n")
            self._in.close()
        self._out.read()
        self._out.close()

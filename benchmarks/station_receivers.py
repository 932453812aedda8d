"""The receivers that the station is compared with, each in a venv and a folder of its own."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil

from benchmarks.rounds import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

STARTS_WITHIN: Final = 60.0
_PROJECT: Final = (
    "from projects.models import Project; p = Project.objects.create(name='bench'); "
    "print('DSN', p.sentry_key, p.id)"
)
_SETTINGS: Final = """
BUGSINK["PHONEHOME"] = False
BUGSINK["MAX_EVENTS_PER_PROJECT_PER_5_MINUTES"] = 10**9
BUGSINK["MAX_EVENTS_PER_PROJECT_PER_HOUR"] = 10**9
BUGSINK["MAX_EVENTS_PER_PROJECT_PER_MONTH"] = 10**9
BUGSINK["MAX_EVENTS_PER_5_MINUTES"] = 10**9
BUGSINK["MAX_EVENTS_PER_HOUR"] = 10**9
BUGSINK["MAX_EVENTS_PER_MONTH"] = 10**9
"""

_READ: Final = "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM transactions)"
_UNREAD: Final = "SELECT count(*) FROM inbox"


class ReceiverError(RuntimeError):
    """A peer does not start here."""


@dataclass(frozen=True)
class Receiver:
    """One that takes envelopes."""

    name: str
    dsn: str
    processes: tuple[psutil.Process, ...]
    count: Callable[[], int] | None = None
    """How many it has on disk; None where it keeps them in memory."""
    waiting: Callable[[], int] | None = None
    """How many of these it has not read yet."""

    def cpu(self) -> float:
        """Tell the seconds of processor that it has had."""
        return sum(sum(one.cpu_times()[:2]) for one in self._all())

    def megabytes(self) -> float:
        """Tell how much memory it has."""
        return float(sum(one.memory_info().rss for one in self._all())) / 1e6

    def _all(self) -> Iterator[psutil.Process]:
        for process in self.processes:
            yield process
            yield from process.children(recursive=True)


@contextmanager
def station(folder: Path) -> Iterator[Receiver]:
    """Run ours."""
    port, path = _free(), folder / "station.db"
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "STATION_PATH": str(path),
        "STATION_KEY_RATE": "0",
    }
    command = (sys.executable, "-m", "tux", "station", "--port", str(port))
    with _running(command, folder, environment) as process:
        _wait(f"http://127.0.0.1:{port}/health")
        listed = subprocess.run(
            [sys.executable, "-m", "tux", "station", "--port", str(port), "keys", "list"],
            env=environment, cwd=folder, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        dsn = next(word for word in listed.split() if word.startswith("http://"))
        yield Receiver(
            "station", dsn, (process,), lambda: _count(path, _READ), lambda: _count(path, _UNREAD)
        )


@contextmanager
def kent(folder: Path) -> Iterator[Receiver]:
    """Run Kent, which keeps the last hundred in memory."""
    _install(folder, "kent")
    port = _free()
    command = (
        str(folder / "bin" / "kent-server"),
        "run",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    )
    with _running(command, folder, dict(os.environ)) as process:
        _wait(f"http://127.0.0.1:{port}/")
        yield Receiver("Kent", f"http://public@127.0.0.1:{port}/1", (process,))


@contextmanager
def bugsink(folder: Path) -> Iterator[Receiver]:
    """Run Bugsink as its guide for one server says: gunicorn, and a worker that digests later."""
    _install(folder, "bugsink")
    port, bin_ = _free(), folder / "bin"
    environment = {**os.environ, "PYTHONPATH": str(folder)}

    def run(*command: str) -> str:
        done = subprocess.run(
            [str(bin_ / command[0]), *command[1:]],
            env=environment, cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise ReceiverError(done.stderr[-300:])
        return done.stdout

    run("bugsink-create-conf", "--template=singleserver", f"--port={port}", "--host=127.0.0.1",
        f"--base-dir={folder}")  # fmt: skip
    conf = folder / "bugsink_conf.py"
    conf.write_text(conf.read_text() + _SETTINGS)
    run("bugsink-manage", "migrate")
    run("bugsink-manage", "migrate", "--database=snappea")
    told = run("bugsink-manage", "shell", "-c", _PROJECT)
    _, key, project = next(line for line in told.splitlines() if line.startswith("DSN")).split()
    server = (str(bin_ / "gunicorn"), "--bind", f"127.0.0.1:{port}", "--workers=2", "bugsink.wsgi")
    with ExitStack() as stack:
        processes = tuple(
            stack.enter_context(_running(command, folder, environment))
            for command in (server, (str(bin_ / "bugsink-runsnappea"),))
        )
        _wait(f"http://127.0.0.1:{port}/")
        yield Receiver("Bugsink", f"http://{key}@127.0.0.1:{port}/{project}", processes)


@contextmanager
def nothing(folder: Path) -> Iterator[Receiver]:
    """Run a server that only answers: the station's framework alone."""
    port = _free()
    command = (sys.executable, "-m", "benchmarks.station_nothing", str(port))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with _running(command, folder, environment) as process:
        _wait(f"http://127.0.0.1:{port}/")
        yield Receiver("an empty handler", f"http://public@127.0.0.1:{port}/1", (process,))


PEERS: Final = {"Kent": kent, "Bugsink": bugsink, "an empty handler": nothing}


@contextmanager
def _running(
    command: tuple[str, ...], folder: Path, environment: Mapping[str, str]
) -> Iterator[psutil.Process]:
    with (
        (folder / f"{Path(command[0]).name}.log").open("w") as log,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        ) as process,
    ):
        try:
            yield psutil.Process(process.pid)
        finally:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.terminate()
            process.terminate()


def _install(folder: Path, name: str) -> None:
    venv.create(folder, with_pip=True)
    done = subprocess.run(
        [folder / "bin" / "python", "-m", "pip", "install", "--quiet", name],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ReceiverError(f"{name} is not installable here")


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # our own address
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise ReceiverError(f"nothing answers at {url}")


def _count(path: Path, query: str) -> int:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        found: Any = connection.execute(query).fetchone()[0]
        return int(found)

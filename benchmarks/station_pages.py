"""How long the station's pages take over a month of a busy bot, while it receives more."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote, urlsplit

import psutil
import typer
from rich.console import Console

from benchmarks.machine import described
from benchmarks.machine import load as load_of_machine
from benchmarks.report import show
from benchmarks.rounds import ROOT
from benchmarks.station_load import Size, load
from benchmarks.table import Row, Table, judged, percentile
from tux.shared.settings import StationSettings
from tux.station.store import Store
from tux.station.store.retention import prune

if TYPE_CHECKING:
    from collections.abc import Iterator

RANGES: Final = ("15m", "1h", "24h", "7d", "30d")
MOST_MILLISECONDS: Final = 200
MOST_MEGABYTES: Final = 250
RATE: Final = 100.0
"""Envelopes a second: ten times what a busy bot sends."""
# Everything stays, however old.
KINDS: Final = ("event", "transaction", "log", "session", "count", "envelope")
KEPT: Final = tuple(f"{kind}_days" for kind in KINDS)
KEEP: Final = {"STATION_SIZE_MB": "100000", **{f"STATION_{field.upper()}": "400" for field in KEPT}}


@dataclass
class Measured:
    """How long one page took, in milliseconds, by its range."""

    took: dict[str, list[float]] = field(default_factory=dict)

    def of_worst(self, share: float) -> tuple[float, str]:
        """Give a percentile of the range in which it is highest."""
        return max((percentile(values, share), span) for span, values in self.took.items())


@dataclass(frozen=True)
class Served:
    """A station in a process of its own."""

    url: str
    dsn: str
    process: psutil.Process

    def megabytes(self) -> float:
        """Tell how much memory it has."""
        return float(self.process.memory_info().rss) / 1e6


@contextmanager
def serving(path: Path) -> Iterator[Served]:
    """Run a station over a file."""
    environment = {**os.environ, **KEEP, "PYTHONPATH": str(ROOT / "src"), "STATION_PATH": str(path)}
    with subprocess.Popen(
        [sys.executable, "-m", "tux", "station", "--port", "0", "--child"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=path.parent,
    ) as process:
        try:
            assert process.stdout is not None  # noqa: S101  # it is a pipe
            announced = json.loads(process.stdout.readline())
            yield Served(announced["url"], announced["dsn"], psutil.Process(process.pid))
        finally:
            process.terminate()


@contextmanager
def sending(dsn: str, rate: float) -> Iterator[dict[str, float]]:
    """Send all the time; what came of it is there afterwards."""
    found: dict[str, float] = {}
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.station_sender", dsn, str(rate)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src")))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield found
        found |= json.loads(process.communicate("stop\n")[0])


class Browser:
    """Asks for pages over one connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname  # noqa: S101  # the station's own address
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port)

    def close(self) -> None:
        """Leave."""
        self._connection.close()

    def get(self, path: str) -> tuple[bytes, float]:
        """Ask for a page; gives how long it took, in milliseconds."""
        before = time.perf_counter()
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - before) * 1000
        if answer.status != http.client.OK:
            raise ConnectionError(f"{answer.status}: {path}")
        return body, took

    def data(self, path: str) -> Any:
        """Ask for data."""
        return json.loads(self.get(path)[0])


async def tidied(path: Path) -> None:
    """Let go what a station would have let go hour by hour."""
    store = Store(path)
    store.open()
    try:
        await prune(store, StationSettings(**dict.fromkeys(KEPT, 400.0)), time.time())
    finally:
        await asyncio.to_thread(store.close)


def pages(browser: Browser) -> dict[str, str]:
    """Name every page: its address with a place for the range, where it has one."""
    event = browser.data("/data/events?limit=1")[0]
    run = browser.data("/data/transactions?limit=1")[0]
    name = quote(run["name"])
    ranged = {
        "overview": "/?",
        "performance": "/transactions/?",
        "performance, slowest": "/transactions/?sort=slowest&",
        "performance, failed first": "/transactions/?sort=failed&",
        "one command": f"/transactions/?name={name}&",
        "operations": "/operations/?",
        "database": "/queries/?",
        "APIs": "/hosts/?",
        "releases": "/releases/?",
        "users": "/users/?",
        "tags": "/tags/?",
        "errors": "/errors/?",
        "errors of a command": f"/errors/?command={name}&",
        "one command, slowest": f"/transactions/?name={name}&sort=slowest&",
    }
    fixed = {
        "user": f"/users/?id={run['user_id']}",
        "issues": "/issues/",
        "issues, all, page 7": "/issues/?status=all&page=7",
        "issues, search": "/issues/?status=all&query=module3+member",
        "issues, short search": "/issues/?status=all&query=in",
        "issues, by users": "/issues/?status=all&sort=users",
        "issues, by tag": "/issues/?status=all&sort=events&query=command:command*+!level:warning",
        "issues, by user": "/issues/?status=all&query=user.id:*1+age:-30d",
        "issues, by everything": (
            "/issues/?query=is:unresolved+has:cog+release:latest+timesSeen:%3E1+lastSeen:-14d+KeyError"
        ),
        "issue": f"/issues/{event['issue_id']}/",
        "event": f"/events/{event['event_id']}/",
        "event as JSON": f"/events/{event['event_id']}/json",
        "event as text": f"/events/{event['event_id']}/text",
        "trace": f"/traces/{run['trace_id']}/",
        "logs": "/logs/",
        "logs, errors": "/logs/?level=error",
        "logs, search": "/logs/?query=heartbeat",
        "logs, rare search": "/logs/?query=expired+199",
        "logs, search for nothing": "/logs/?query=shard+ready+zzz",
        "logs, short search": "/logs/?query=zq",
        "monitors": "/monitors/",
        "data: counts": "/data/counts",
        "data: events": "/data/events",
        "data: transactions": "/data/transactions",
    }
    return {**{name: path + "range={}" for name, path in ranged.items()}, **fixed}


def measure(served: Served, rounds: int) -> tuple[dict[str, Measured], float]:
    """Ask for everything, so many times; gives the most memory that was seen, too."""
    with closing(Browser(served.url)) as browser:
        asked = pages(browser)
        found = {name: Measured() for name in asked}
        most = 0.0
        for _ in range(rounds):
            for name, path in asked.items():
                for span in RANGES if "{}" in path else ("",):
                    _, took = browser.get(path.format(span))
                    found[name].took.setdefault(span, []).append(took)
            most = max(most, served.megabytes())
    return found, most


def main(
    *,
    path: Annotated[Path | None, typer.Option(help="A station's file to use or to make.")] = None,
    rounds: Annotated[int, typer.Option(help="How often each page is asked for.")] = 20,
    divided: Annotated[int, typer.Option(help="Load only a part of it.")] = 1,
    rate: Annotated[float, typer.Option(help="Envelopes a second; 0: all that go.")] = RATE,
) -> None:
    """Load a month, then ask for every page at every range: in quiet, and while more comes in."""
    console, load_before = Console(width=132, highlight=False), load_of_machine()
    with TemporaryDirectory() as folder:
        file = path or Path(folder) / "station.db"
        if not file.exists():
            seconds = load(file, Size().divided(divided), time.time())
            console.print(f"loaded in {seconds:.0f} s")
        asyncio.run(tidied(file))
        console.print(f"{file.stat().st_size / 1e6:,.0f} MB")
        with serving(file) as served:
            quiet, first = measure(served, rounds)
            with sending(served.dsn, rate) as sent:
                busy, second = measure(served, rounds)
    show(_table(quiet, busy), console)
    console.print(
        f"received {sent['rate']:.0f} envelopes a second, p50 {sent['p50']:.1f} ms, "
        f"p95 {sent['p95']:.1f} ms, at most {sent['max']:.0f} ms"
    )
    limit, is_met = judged(max(first, second), MOST_MEGABYTES, " MB")
    console.print(f"memory {first:.0f} MB, then {second:.0f} MB ({limit}: {is_met})")
    console.print(described(load_before))


def _table(quiet: dict[str, Measured], busy: dict[str, Measured]) -> Table:
    rows = []
    for name, measured in quiet.items():
        cells = []
        for one in (measured, busy[name]):
            p95, span = one.of_worst(0.95)
            cells += [f"{one.of_worst(0.5)[0]:.0f}", f"{p95:.0f}", span]
        worst = max(measured.of_worst(0.95)[0], busy[name].of_worst(0.95)[0])
        rows.append(Row(name, (*cells, *judged(worst, MOST_MILLISECONDS, " ms"))))
    columns = ("p50", "p95", "range", "p50, receiving", "p95", "range", "target", "met")
    note = "In ms, over HTTP, of the range in which each is slowest."
    return Table("Pages of the station", note, columns, rows)


if __name__ == "__main__":
    typer.run(main)

"""How fast the station takes envelopes, beside Kent and Bugsink in the same run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console

from benchmarks.machine import described
from benchmarks.machine import load as load_of_machine
from benchmarks.report import show
from benchmarks.rounds import ROOT
from benchmarks.station_receivers import PEERS, ReceiverError, station
from benchmarks.table import NONE, Row, Table, judged, ratio, times

if TYPE_CHECKING:
    from benchmarks.station_receivers import Receiver

CASES: Final = tuple((kind, count) for kind in ("error", "transaction") for count in (1, 16))
TARGETS: Final = {"Kent": 4.0, "Bugsink": 10.0}
MOST_MEGABYTES: Final = 250
LOOK_SECONDS: Final = 0.05
FASTEST: Final = {1: 6_000, 16: 12_000}
"""Envelopes that are made beforehand for each second, by connections: more than any receiver takes."""


@dataclass
class Taken:
    """What one receiver took in one case, round by round."""

    rates: list[float] = field(default_factory=list)
    """Envelopes a second."""
    costs: list[float] = field(default_factory=list)
    """Milliseconds of processor for each."""
    refused: int = 0
    read: list[float] = field(default_factory=list)
    """Envelopes a second that were made rows of afterwards."""


def run_once(receiver: Receiver, case: tuple[str, int], seconds: float) -> dict[str, Any]:
    """Send for a while from another process."""
    kind, connections = case
    before = receiver.cpu()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.station_client", receiver.dsn, kind),
            *(str(connections), str(seconds), str(int(FASTEST[connections] * seconds))),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    begun, left = time.perf_counter(), receiver.waiting() if receiver.waiting else 0
    while receiver.waiting and receiver.waiting():  # what it still does would slow the others
        time.sleep(LOOK_SECONDS)
    read = left / (time.perf_counter() - begun)
    return {**found, "cpu": receiver.cpu() - before, "left": left, "read": read}


def measure(
    receivers: list[Receiver], rounds: int, seconds: float
) -> dict[tuple[str, int], dict[str, Taken]]:
    """Let all take turns, so that what else runs here meets each alike."""
    found = {case: {one.name: Taken() for one in receivers} for case in CASES}
    for number in range(rounds):
        for case in CASES:
            turn = receivers[number % len(receivers) :] + receivers[: number % len(receivers)]
            for receiver in turn:
                done, taken = run_once(receiver, case, seconds), found[case][receiver.name]
                taken.refused += done["refused"]
                taken.read += [done["read"]] if done["left"] else []
                if done["taken"]:
                    taken.rates.append(done["taken"] / done["seconds"])
                    taken.costs.append(done["cpu"] * 1000 / done["taken"])
    return found


def main(
    *,
    quick: Annotated[bool, typer.Option(help="Only see that all runs.")] = False,
    rounds: Annotated[int, typer.Option(help="How often each case is run.")] = 3,
    seconds: Annotated[float, typer.Option(help="Of one run.")] = 4.0,
) -> None:
    """Compare, print ratios, and check that the station has on disk what it took."""
    console, load_before = Console(width=132, highlight=False), load_of_machine()
    if quick:
        rounds, seconds = 1, 0.5
    with TemporaryDirectory() as folder, ExitStack() as stack:
        ours = stack.enter_context(station(_made(folder, "station")))
        receivers = [ours]
        for name, peer in PEERS.items():
            try:
                receivers.append(stack.enter_context(peer(_made(folder, name))))
            except ReceiverError as error:
                console.print(f"without {name}: {error}")
        found = measure(receivers, rounds, seconds)
        show(_table(found), console)
        limit, is_met = judged(ours.megabytes(), MOST_MEGABYTES, " MB")
        kept = ours.count() if ours.count else 0
        console.print(
            f"memory {ours.megabytes():.0f} MB ({limit}: {is_met}); "
            f"{kept:,} envelopes on disk of those that the station took"
        )
        for one in receivers[1:]:
            console.print(f"{one.name}: {one.megabytes():.0f} MB")
    console.print(described(load_before))


def _made(folder: str, name: str) -> Path:
    path = Path(folder) / name
    path.mkdir()
    return path


def _table(found: dict[tuple[str, int], dict[str, Taken]]) -> Table:
    rows = []
    for (kind, connections), by_name in found.items():
        ours = by_name["station"]
        for name, taken in by_name.items():
            cells = [NONE] * 6
            if taken.rates:
                rate, cost = median(taken.rates), median(taken.costs)
                cells[:2] = [f"{rate:,.0f}", f"{cost:.2f}"]
                if taken is not ours and ours.rates:
                    more = ratio(median(ours.rates), rate)
                    cells[2:4] = [times(more), times(ratio(cost, median(ours.costs)))]
                    if (target := TARGETS.get(name)) is not None:
                        cells[4:] = [f"≥ {target:g}", "yes" if more >= target else "no"]
            note = f", {taken.refused} refused" if taken.refused else ""
            note += f", then read at {median(taken.read):,.0f} a second" if taken.read else ""
            rows.append(Row(f"{kind}, {connections}: {name}{note}", tuple(cells)))
    columns = ("a second", "CPU ms each", "station's rate", "its CPU", "target", "met")
    note = (
        "Envelopes that are answered with 200; errors of 20 KB, transactions of 5 KB, gzipped. The "
        "station has committed each and, in a rush, reads it later, which its CPU includes; Kent keeps a "
        "hundred in memory, Bugsink digests later; the empty handler is aiohttp without a receiver."
    )
    return Table("Ingest", note, columns, rows)


if __name__ == "__main__":
    typer.run(main)

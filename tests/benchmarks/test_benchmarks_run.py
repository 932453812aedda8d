"""The benchmarks run whole, small; nothing here asks for times."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import commands
from benchmarks.peers import with_peers
from benchmarks.registry import BENCHMARKS
from benchmarks.report import BEGIN, END
from benchmarks.rounds import Plan, interleave, workers
from benchmarks.table import NONE, TIMES, Asked, Benchmark

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "performance.md"
FIGURE = re.compile(rf"-?\d+(\.\d+)?{TIMES}?|-?\d+(\.\d+)? to -?\d+(\.\d+)?|≤ .+|yes|no")


@pytest.mark.long
@pytest.mark.timeout(180)
@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda benchmark: benchmark.name)
def test_every_cell_is_a_figure(benchmark: Benchmark) -> None:
    """Each row of a benchmark has a cell for every column: a figure, a target, a verdict or a dash."""
    table = benchmark.run(Asked(is_quick=True))
    assert table.columns[-2:] == ("target", "met")
    assert len({row.name for row in table.rows}) == len(table.rows) > 1
    for row in table.rows:
        assert len(row.cells) == len(table.columns)
        assert all(cell == NONE or FIGURE.fullmatch(cell) for cell in row.cells), row
    assert {row.cells[-1] for row in table.rows} & {"yes", "no"}


def test_a_quick_run_writes_nothing() -> None:
    """`--quick` prints its tables and leaves the page as it is."""
    before = PAGE.read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--only", "captures"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Suppressed captures" in done.stdout
    assert PAGE.read_text(encoding="utf-8") == before
    assert before.index(BEGIN) < before.index(END)


def test_an_unknown_benchmark_is_refused() -> None:
    """`--only` says which benchmarks there are."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--only", "cammands"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "commands" in done.stderr


def test_each_worker_has_its_turn_in_every_round() -> None:
    """As many answers come from each worker as there were rounds."""
    plans = {"one": Plan("bare"), "two": Plan("bare")}
    with workers("benchmarks.captures", plans) as started:
        answers = interleave(started, 3, count=1)
    assert {name: len(of_one) for name, of_one in answers.items()} == {"one": 3, "two": 3}


def test_a_worker_that_fails_is_told() -> None:
    """A worker that cannot start ends the run, with what it said on the terminal."""
    with pytest.raises(ChildProcessError), workers("benchmarks.captures", {"x": Plan("missing")}):
        pass


@pytest.mark.long
def test_a_peer_that_cannot_be_installed_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that does not install here has a row that says why, and no figures."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with with_peers(is_quick=True) as asked:
        table = commands.run(asked)
    (row,) = (row for row in table.rows if row.name.startswith(commands.PEER))
    assert "not installable here: No matching distribution" in row.name
    assert set(row.cells) == {NONE}

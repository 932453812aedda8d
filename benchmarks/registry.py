"""The benchmarks there are: a new one is a module with a ``run``, and a row here."""

from __future__ import annotations

from benchmarks import captures, commands
from benchmarks.table import Benchmark

BENCHMARKS = (
    Benchmark("commands", commands.run),
    Benchmark("captures", captures.run),
)

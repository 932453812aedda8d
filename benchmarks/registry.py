"""The benchmarks there are: a new one is a module with a ``run``, and a row here."""

from __future__ import annotations

from benchmarks import captures, commands, memory, stalls
from benchmarks.table import Benchmark

BENCHMARKS = (
    Benchmark("commands", commands.run),
    Benchmark("captures", captures.run),
    Benchmark("stalls", stalls.run),
    Benchmark("memory", memory.run),
)

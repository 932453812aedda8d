"""The benchmarks there are: a new one is a module with a ``run``, and a row here."""

from __future__ import annotations

from benchmarks import captures, commands, memory, scrubbing, spool, stalls, storm
from benchmarks.table import Benchmark

BENCHMARKS = (
    Benchmark("commands", commands.run),
    Benchmark("captures", captures.run),
    Benchmark("spool", spool.run),
    Benchmark("storm", storm.run),
    Benchmark("stalls", stalls.run),
    Benchmark("memory", memory.run),
    Benchmark("scrubbing", scrubbing.run),
)

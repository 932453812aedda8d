"""Name the machine and the versions that figures were taken with."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")


def load() -> float:
    """Give the number of processes that have wanted to run in the last minute, on average."""
    return os.getloadavg()[0]


def described(load_before: float) -> str:
    """Write one sentence, after a run: others' work tells in its figures."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    packages = ", ".join(f"{name} {version(name)}" for name in ("discord.py", "sentry-sdk"))
    return (
        f"{_cpu()}, {os.cpu_count()} cores, {platform.system()}; {python}, {packages}; "
        f"{datetime.now(UTC):%Y-%m-%d}, load {load_before:.1f} before and {load():.1f} after."
    )


def _cpu() -> str:
    """Give the model: on Linux Python knows no more than the architecture."""
    if CPUINFO.exists():
        for line in CPUINFO.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()

"""The real command line, in a process and an empty folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from pathlib import Path

MINE = ("SENTRY_", "DISCORD_", "BOT_", "DATABASE_", "HTTP_", "STATION_")


class Tux(Protocol):
    """Runs ``tux`` with arguments, and with settings as keyword arguments."""

    def __call__(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]: ...


def environment(**settings: str) -> dict[str, str]:
    """Give this process's environment with no settings of Tux but these."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(MINE)}
    # A narrow terminal would break the lines that the tests look for.
    return {**others, "COLUMNS": "300", "NO_COLOR": "1", **settings}


@pytest.fixture
def tux(tmp_path: Path) -> Tux:
    """Run the real command line in an empty folder."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tux", *arguments],
            cwd=tmp_path,
            env=environment(**settings),
            capture_output=True,
            text=True,
            timeout=45,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return run

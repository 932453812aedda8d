"""The real command line, in a process and an empty folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest
from loguru import logger
from tests.fakes.forked import run_forked

from tux.cli.root import run

MINE = ("SENTRY_", "DISCORD_", "BOT_", "DATABASE_", "HTTP_", "STATION_", "ALERTS_")


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

    def forked(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return run_forked(arguments, tmp_path, environment(**settings))

    return forked


@pytest.fixture
def tux_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Tux:
    """Run the command line in this process: one of its own takes seconds to load.

    For commands that leave nothing behind in it.
    """

    def here(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        with monkeypatch.context() as patch, Path(os.devnull).open(encoding="utf-8") as nothing:
            for name in set(os.environ) - set(environment()):
                patch.delenv(name)
            for name, value in environment(**settings).items():
                patch.setenv(name, value)
            patch.chdir(tmp_path)
            patch.setattr(sys, "argv", ["tux", *arguments])
            patch.setattr(sys, "stdin", nothing)
            with pytest.raises(SystemExit) as ended:
                run()
        # It wrote to this test's streams, which end with it.
        logger.remove()
        said = capsys.readouterr()
        code = ended.value.code
        return subprocess.CompletedProcess(arguments, int(code or 0), said.out, said.err)

    return here

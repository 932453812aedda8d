"""The command line in processes of their own that need not load it: each is forked from one that has.

Loading takes more than a second of a processor, and the tests start it some fifty times.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from tux.cli.commands import COMMANDS
from tux.cli.root import run

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext

_LOADED = [__name__, *sorted({place.path.partition(":")[0] for place in COMMANDS.values()})]
_SECONDS = 45


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED)
    return context


_forks = _context()


def run_forked(
    arguments: tuple[str, ...], folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run ``tux`` with arguments in a folder, and give what it said.

    Raises:
        subprocess.TimeoutExpired: it did not end.
    """
    said = [folder / ".stdout", folder / ".stderr"]
    process = _forks.Process(target=_tux, args=(arguments, folder, environment))
    # The first one starts what all are forked from, and modules read the terminal's width at once.
    with patch.dict(os.environ, environment):
        process.start()
    process.join(_SECONDS)
    if process.is_alive():
        process.kill()
        raise subprocess.TimeoutExpired(list(arguments), _SECONDS)
    stdout, stderr = (path.read_text(encoding="utf-8") for path in said)
    for path in said:
        path.unlink()
    return subprocess.CompletedProcess(arguments, process.exitcode or 0, stdout, stderr)


def _tux(arguments: tuple[str, ...], folder: Path, environment: dict[str, str]) -> Any:
    os.chdir(folder)
    for number, path in ((0, Path(os.devnull)), (1, folder / ".stdout"), (2, folder / ".stderr")):
        opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["tux", *arguments]
    run()

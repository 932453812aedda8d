"""A venv for those that cannot share ours, with the same discord.py."""

from __future__ import annotations

import subprocess
import venv
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.table import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "opentelemetry-instrumentation-discordpy"
PACKAGES = (NAME, "opentelemetry-sdk", f"discord.py=={version('discord.py')}")


@contextmanager
def with_peers(*, is_quick: bool) -> Iterator[Asked]:
    """Install the peers in a temporary folder, and ask for them where that went well."""
    with TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            yield Asked(is_quick, str(python))
            return
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
        why = said[-1].removeprefix("ERROR: ") if said else f"pip ended with {done.returncode}"
        yield Asked(is_quick, no_peers_because=f"not installable here: {why}")

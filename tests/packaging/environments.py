"""Empty environments, and the wheel that goes into them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tux.shared.settings import Settings

ROOT = Path(__file__).parents[2]
SECONDS = 400
OURS = (*(f"{section.upper()}_" for section in Settings.model_fields), "PYTHON", "TUX_")
_PINNED = re.compile(r"^[A-Za-z0-9._-]+==[^\\]+", re.MULTILINE)


def run(*words: str | Path, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program in an environment that tells it nothing of this one."""
    kept = {name: one for name, one in os.environ.items() if not name.startswith(OURS)}
    return subprocess.run(
        words,
        cwd=folder,
        env={**kept, **more},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )


def built(folder: Path, source: Path = ROOT) -> tuple[Path, Path]:
    """Build the source archive and the wheel."""
    done = run(sys.executable, "-m", "hatchling", "build", "-d", folder, folder=source)
    assert done.returncode == 0, done.stderr
    (archive,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return archive, wheel


def locked() -> str:
    """Give what the lock pins, without hashes, as pip's constraints."""
    text = (ROOT / "requirements" / "dev.txt").read_text()
    return "\n".join(line.strip() for line in _PINNED.findall(text))


@dataclass(frozen=True)
class Environment:
    """A virtual environment of this Python."""

    path: Path

    @classmethod
    def empty(cls, path: Path) -> Environment:
        done = run(sys.executable, "-m", "venv", path, folder=path.parent)
        assert done.returncode == 0, done.stderr
        return cls(path)

    def program(self, name: str) -> Path:
        return self.path / "bin" / name

    def install(self, *what: str | Path) -> None:
        pip = (self.program("python"), "-m", "pip", "install", "--quiet", "--no-input")
        done = run(*pip, *what, folder=self.path)
        assert done.returncode == 0, done.stderr[-2000:]

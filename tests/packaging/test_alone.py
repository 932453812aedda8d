"""Two makes at once: the second is told so, and touches nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.packaging.environments import ROOT, run

if TYPE_CHECKING:
    from pathlib import Path

ALONE = (sys.executable, str(ROOT / "packaging" / "alone.py"))


def test_the_second_is_told_at_once(tmp_path: Path) -> None:
    """While one works the other ends with 1 and says why; after it, however it ended, one may again."""
    folder = tmp_path / "venv"
    words = (*ALONE, str(folder), "sh", "-c")
    with subprocess.Popen(
        (*words, "echo at work; exec sleep 600"), stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "at work\n"
        second = run(*words, "echo never", folder=tmp_path)
        assert (second.returncode, second.stdout) == (1, "")
        assert "Another make is installing" in second.stderr
        first.send_signal(signal.SIGKILL)
    third = run(*words, "echo mine; exit 3", folder=tmp_path)
    assert (third.returncode, third.stdout) == (3, "mine\n")


def test_make_installs_alone(tmp_path: Path) -> None:
    """`make` says it, too, where another one is at work on its folder."""
    folder = tmp_path / "venv"
    with subprocess.Popen(
        (*ALONE, str(folder), "sh", "-c", "echo at work; exec sleep 600"),
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdout is not None
        first.stdout.readline()
        second = run("make", "-C", ROOT, "demo", f"VENV={folder}", folder=tmp_path)
        first.kill()
    assert second.returncode != 0
    assert "Another make is installing" in second.stderr

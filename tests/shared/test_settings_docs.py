"""docs/settings.md is what the command line prints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tux.shared.settings import default_of, variables

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_is_what_the_command_line_prints(tmp_path: Path) -> None:
    """`tux settings --markdown` prints docs/settings.md, to the letter."""
    done = subprocess.run(
        [sys.executable, "-m", "tux", "settings", "--markdown"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", variables())
def test_every_setting_is_on_the_page(name: str) -> None:
    """A setting has one row: its name, its meaning and its default."""
    info = variables()[name]
    meaning = " ".join((info.description or "").split())
    assert meaning
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert lines.count(f"| `{name}` | {meaning} | `{default_of(info)}` |") == 1

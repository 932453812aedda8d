"""The site: built without a warning, whole, and from this machine alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer
from tests.docs.pages import ROOT

from tux.cli.root import app

if TYPE_CHECKING:
    from pathlib import Path

DOCS = ROOT / "docs"


def build(source: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """Build as `make docs` does."""
    recipe = next(
        line for line in (ROOT / "Makefile").read_text().splitlines() if " -m sphinx " in line
    )
    words = recipe.split(" -m sphinx ")[1].split()
    assert words[-2:] == ["docs", "site"]
    return subprocess.run(
        [sys.executable, "-m", "sphinx", *words[:-2], source, site],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


@pytest.mark.long
def test_the_site_is_whole(tmp_path: Path) -> None:
    """Nothing is warned of; each page is there, and each command is described."""
    done = build(DOCS, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    pages = {path.stem for path in tmp_path.glob("*.html")}
    assert {path.stem for path in DOCS.glob("*.md")} <= pages
    described = (tmp_path / "cli.html").read_text()
    command = typer.main.get_command(app)
    for name, part in command.commands.items():  # type: ignore[attr-defined]  # a group's
        for path in [
            f"tux {name}",
            *(f"tux {name} {one}" for one in getattr(part, "commands", ())),
        ]:
            assert f'id="{path.replace(" ", "-")}"' in described


def test_what_is_broken_fails_it(tmp_path: Path) -> None:
    """A link, a picture or a page that is not there, or something from elsewhere, is an error."""
    source = tmp_path / "docs"
    source.mkdir()
    shutil.copy(DOCS / "conf.py", source)
    broken = "[a](no-page.md) [b](#no-heading) ![c](no-picture.png)"
    contents = "```{toctree}\nno-chapter\n```"
    foreign = "![d](https://pictures.invalid/one.png)"
    (source / "index.md").write_text(f"# A page\n\n{broken} {foreign}\n\n{contents}\n")
    done = build(source, tmp_path / "site")
    assert done.returncode != 0
    told = ("no-page.md", "no-heading", "no-picture.png", "no-chapter")
    assert [one for one in told if one not in done.stderr] == []
    assert "load something from elsewhere: index.html" in done.stderr

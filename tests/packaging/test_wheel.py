"""The wheel is all that an empty environment needs."""

from __future__ import annotations

import sqlite3
import sys
import tarfile
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.packaging.environments import ROOT, Environment, built, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return built(tmp_path_factory.mktemp("dist"))


def failed_runs(seen: Path) -> str:
    """Tell how what ran ended, for whoever must find why both sides do not agree."""
    with closing(sqlite3.connect(seen / "station.db")) as file:
        asked = "SELECT name, status, count(*) FROM transactions GROUP BY 1, 2"
        return "\n".join(map(str, file.execute(asked)))


def test_nothing_is_left_out(archives: tuple[Path, Path]) -> None:
    """Templates, styles, SQL and tables are in the wheel, and so is the note that it is typed."""
    sources = {
        str(path.relative_to(ROOT / "src"))
        for path in (ROOT / "src" / "tux").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    with zipfile.ZipFile(archives[1]) as wheel:
        packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == sources
    assert "tux/py.typed" in packed


def test_the_source_archive_makes_the_same_wheel(
    archives: tuple[Path, Path], tmp_path: Path
) -> None:
    """Whoever builds from the source archive gets the same files."""
    with tarfile.open(archives[0]) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    assert {"packaging", "docs", "tests", "Makefile"} <= {one.name for one in source.iterdir()}
    _, again = built(tmp_path / "dist", source)
    with zipfile.ZipFile(again) as one, zipfile.ZipFile(archives[1]) as other:
        assert one.namelist() == other.namelist()


def test_an_empty_environment_gets_the_demo(archives: tuple[Path, Path], tmp_path: Path) -> None:
    """`pip install` of the wheel, and `tux demo` shows its table and ends with 0."""
    there = Environment.empty(tmp_path / "venv")
    there.install(archives[1])
    listed = run(there.program("python"), "-m", "pip", "list", folder=tmp_path).stdout
    assert "asyncpg" not in listed
    assert "pytest" not in listed
    words = ("demo", "--seconds", "15", "--port", "0", "--data", "seen")
    done = run(there.program("tux"), *words, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr + failed_runs(tmp_path / "seen")
    assert "done and received agree" in done.stdout
    assert sys.prefix not in done.stdout
    code = "import tux.services.sentry as s; print(s.__file__); s.setup()"
    own = run(there.program("python"), "-c", code, folder=tmp_path)
    assert (own.returncode, str(there.path) in own.stdout) == (0, True)
    assert "SENTRY_DSN" in own.stderr

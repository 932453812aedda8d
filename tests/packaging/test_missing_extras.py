"""What is optional says what to install where it is asked for and missing."""

from __future__ import annotations

import sys
import tomllib
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from tests.docs.commands import extras
from tests.packaging.environments import ROOT, run

if TYPE_CHECKING:
    from pathlib import Path


EVERYWHERE = ("google-re2",)
"""What comes along where it has wheels."""


@pytest.mark.parametrize(
    ("module", "setting", "words", "package"),
    [
        (
            "asyncpg",
            "DISCORD_TOKEN=x\nDATABASE_URL=postgresql://a:b@h/n",
            ["start"],
            "tux[postgres]",
        ),
        (
            "aiosmtplib",
            "ALERTS_SMTP_URL=smtp://localhost\nALERTS_EMAIL_TO=a@example.org",
            ["watch", "test", "team"],
            "tux[station]",
        ),
        ("re2", "PRIVACY_PATTERNS=penguin", ["doctor"], "google-re2"),
        ("pyarrow", "", ["station", "export", "out", "--parquet"], "tux[parquet]"),
    ],
)
def test_an_extra_is_named(
    module: str, setting: str, words: list[str], package: str, tmp_path: Path
) -> None:
    """One line, no traceback, with the words that install it."""
    (tmp_path / ".env").write_text(f"{setting}\nSENTRY_DSN=http://key@127.0.0.1:9/1\n")
    (tmp_path / "tux-data").mkdir()
    (tmp_path / "tux-data" / "station.db").touch()
    code = f"import sys; sys.modules[{module!r}] = None; from tux.cli.root import run; run()"
    done = run(sys.executable, "-c", code, *words, folder=tmp_path)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    quoted = f"'{package}'" if package.startswith("tux[") else package
    assert f"pip install {quoted}" in done.stderr + done.stdout
    assert package in {*(f"tux[{one}]" for one in extras()), *EVERYWHERE}


@pytest.mark.parametrize(
    ("system", "machine", "python", "has_it"),
    [
        ("linux", "x86_64", "CPython", True),
        ("linux", "aarch64", "CPython", True),
        ("darwin", "arm64", "CPython", True),
        ("win32", "AMD64", "CPython", True),
        ("linux", "armv7l", "CPython", False),
        ("linux", "x86_64", "PyPy", False),
    ],
)
def test_what_makes_scrubbing_fast_comes_along(
    system: str, machine: str, python: str, *, has_it: bool
) -> None:
    """RE2 is installed with Tux, and by the lock, wherever there is a wheel of it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (ROOT / "requirements" / "run.txt").read_text().splitlines()
    surroundings = {"sys_platform": system, "platform_machine": machine}
    surroundings["platform_python_implementation"] = python
    for listed in (project["dependencies"], lines):
        (asked,) = [
            Requirement(one.rstrip(" \\")) for one in listed if one.startswith("google-re2")
        ]
        assert asked.marker is not None
        assert asked.marker.evaluate(surroundings) is has_it


def test_the_layer_needs_no_extra(tmp_path: Path) -> None:
    """Somebody's own bot is watched without what is optional."""
    script = tmp_path / "bot.py"
    script.write_text(
        "import sys\n"
        "for name in ('asyncpg', 'aiosmtplib', 're2', 'pyarrow'): sys.modules[name] = None\n"
        "from tux.services.sentry import setup, capture_exception_safe, flush\n"
        "setup()\nprint(capture_exception_safe(ValueError('x')) is None)\n"
    )
    done = run(sys.executable, script, folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr

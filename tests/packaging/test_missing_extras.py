"""What is optional says what to install where it is asked for and missing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from tests.docs.commands import extras
from tests.packaging.environments import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("module", "setting", "words", "extra"),
    [
        ("asyncpg", "DISCORD_TOKEN=x\nDATABASE_URL=postgresql://a:b@h/n", ["start"], "postgres"),
        (
            "aiosmtplib",
            "ALERTS_SMTP_URL=smtp://localhost\nALERTS_EMAIL_TO=a@example.org",
            ["watch", "test", "team"],
            "station",
        ),
        ("re2", "PRIVACY_PATTERNS=penguin", ["doctor"], "patterns"),
        ("pyarrow", "", ["station", "export", "out", "--parquet"], "parquet"),
    ],
)
def test_an_extra_is_named(
    module: str, setting: str, words: list[str], extra: str, tmp_path: Path
) -> None:
    """One line, no traceback, with the words that install it."""
    (tmp_path / ".env").write_text(f"{setting}\nSENTRY_DSN=http://key@127.0.0.1:9/1\n")
    (tmp_path / "tux-data").mkdir()
    code = f"import sys; sys.modules[{module!r}] = None; from tux.cli.root import run; run()"
    done = run(sys.executable, "-c", code, *words, folder=tmp_path)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert f"pip install 'tux[{extra}]'" in done.stderr + done.stdout
    assert extra in extras()


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

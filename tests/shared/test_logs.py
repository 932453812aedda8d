"""Where log lines go, and which."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

SCRIPT = """
import logging, sys
from loguru import logger
from tux.shared.logs import configure_logs

configure_logs(sys.argv[1])
for level in ("TRACE", "DEBUG", "INFO", "WARNING", "ERROR"):
    logger.log(level, "loguru " + level)
for name in ("tux.some", "discord.gateway", "aiosqlite"):
    for level in ("DEBUG", "INFO", "WARNING", "ERROR"):
        logging.getLogger(name).log(getattr(logging, level), "%s %s", name, level)
token = "hunter2"
try:
    len(token) / 0
except ZeroDivisionError:
    logger.exception("broken")
"""
LEVELS = ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR"]


def lines_of(level: str) -> list[str]:
    """Log in a process of its own, and give what it writes."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, level], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


@pytest.mark.parametrize("level", LEVELS)
def test_lines_of_the_level_and_above_are_shown(level: str) -> None:
    """Loguru's lines and stdlib's are shown from the level on, each once."""
    told = [line.split(" - ")[1] for line in lines_of(level) if " - " in line]
    shown = LEVELS[LEVELS.index(level) :]
    assert [line for line in told if line.startswith("loguru")] == [f"loguru {x}" for x in shown]
    ours = [line for line in told if line.startswith("tux.some")]
    assert ours == [f"tux.some {x}" for x in shown if x != "TRACE"]


def test_chatty_libraries_are_heard_from_warnings_on() -> None:
    """What discord.py and aiosqlite tell of their daily work is left out."""
    told = [line for line in lines_of("TRACE") if "discord" in line or "aiosqlite" in line]
    assert len(told) == 4
    assert all("| WARNING" in line or "| ERROR" in line for line in told)


def test_both_kinds_of_line_look_the_same() -> None:
    """A line has time, level, name and message, whoever wrote it."""
    lines = [line for line in lines_of("WARNING") if " - " in line]
    assert lines
    assert all(re.match(r"\d\d:\d\d:\d\d \| [A-Z]+ *\| [\w.]+ - ", line) for line in lines)


def test_the_values_of_locals_are_not_shown() -> None:
    """A traceback in the log has no values: they may be secrets."""
    text = "\n".join(lines_of("ERROR"))
    assert "ZeroDivisionError" in text
    assert "hunter2" not in text

"""The main job: `tux demo`, whole, as a person runs it."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from typing import TYPE_CHECKING

import psutil
import pytest
from tests.cli.conftest import environment

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from pathlib import Path

PLAY_SECONDS = 12
"""For so long the members of the demo act: each alert is provoked meanwhile."""


async def started(folder: Path, seconds: int) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tux", "demo", "--seconds", str(seconds), "--port", "0"),
        cwd=folder,
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        stdin=asyncio.subprocess.DEVNULL,
    )


def row(text: str, what: str) -> tuple[int, int, str]:
    """Read a line of the closing table."""
    found = re.search(rf"{what}\s*│\s*(\d+)[^│]*│\s*(\d*)[^│]*│\s*(\w+)", text)
    assert found is not None, text
    return int(found[1]), int(found[2] or 0), found[3]


def children(pid: int) -> dict[str, psutil.Process]:
    """Name the demo's children by their command lines."""
    names = ("station", "tux.demo.world", "start")
    return {
        name: child
        for child in psutil.Process(pid).children()
        for name in names
        if name in child.cmdline()
    }


@pytest.mark.timeout(120)
async def test_done_and_received_agree(tmp_path: Path) -> None:
    """Ctrl-C ends the demo with 0 and a table in which both sides agree, and leaves no process or file."""
    process = await started(tmp_path, 600)
    assert process.stdout is not None
    text = ""
    parts: dict[str, psutil.Process] = {}
    async for raw in process.stdout:
        text += raw.decode()
        if not parts and re.search(r"[1-9]\d* commands", text):
            parts = children(process.pid)
            asyncio.get_running_loop().call_later(PLAY_SECONDS, process.send_signal, signal.SIGINT)
    assert await process.wait() == 0, text
    assert len(parts) == 3
    assert not any(part.is_running() for part in parts.values())
    assert_agrees(text)
    left = await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
    assert left == []


def assert_agrees(text: str) -> None:
    """What was done was received, no secret was seen, and each alert fired and was told."""
    done, received, agree = row(text, "commands run")
    assert done == received > 5
    assert agree == "yes"
    failed, events, agree = row(text, "failures")
    assert failed == events > 0
    assert agree == "yes"
    in_use, seen, agree = row(text, "secrets on the way")
    assert in_use > 4
    assert seen == 0
    assert agree == "yes"
    for rule in ("error rate", "command duration", "database errors"):
        provoked, told, agree = row(text, f"alert {rule}")
        assert provoked == 1 <= told
        assert agree == "yes"


@pytest.mark.long
@pytest.mark.timeout(180)
@pytest.mark.parametrize("victim", ["station", "tux.demo.world", "start"])
async def test_a_killed_part_heals(tmp_path: Path, victim: str) -> None:
    """Killing station, local Discord or bot in the middle ends in agreement all the same."""
    process = await started(tmp_path, 30)
    assert process.stdout is not None
    text = ""
    killed: psutil.Process | None = None
    async for raw in process.stdout:
        text += raw.decode()
        if killed is None and re.search(r"[1-9]\d* commands", text):
            killed = children(process.pid)[victim]
            killed.kill()
    assert await process.wait() == 0, text
    assert killed is not None
    done, _, agree = row(text, "commands run")
    assert done > 10, text
    assert agree == "yes"
    assert row(text, "failures")[2] == "yes"

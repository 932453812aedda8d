"""Children that are started again, over real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tux.shared.exceptions import TuxServiceError
from tux.supervisor import Child

if TYPE_CHECKING:
    from pathlib import Path

CHILD = """
import asyncio, os
from tux.shared.child import heard, say, until_stopped
async def work():
    say({"pid": os.getpid()})
    async for line in heard():
        say({"heard": line})
asyncio.run(until_stopped(work(), tied=False))
"""


def child(folder: Path, source: str = CHILD, **more: Any) -> Child:
    (folder / "offspring.py").write_text(source)
    return Child("offspring", ("offspring",), dict(os.environ), folder, **more)


async def test_a_child_speaks_and_listens(tmp_path: Path) -> None:
    """The first line is what start returns; each later one is handed over."""
    lines: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    offspring = child(tmp_path, on_line=lines.put_nowait)
    try:
        announced = await offspring.start()
        assert announced == {"pid": offspring.pid}
        await offspring.write("hello")
        assert await lines.get() == {"heard": "hello"}
    finally:
        await offspring.stop()
    assert offspring.pid is None


async def test_a_killed_child_comes_back(tmp_path: Path) -> None:
    """A child that dies is started again, and the restart is told."""
    restarted = asyncio.Event()
    lines: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    offspring = child(tmp_path, on_line=lines.put_nowait, on_restart=restarted.set)
    first = (await offspring.start())["pid"]
    try:
        os.kill(first, signal.SIGKILL)
        await restarted.wait()
        while lines.empty():  # it may not be there, or not listen, yet
            await offspring.write("again")
            await asyncio.sleep(0.05)
        assert await lines.get() == {"heard": "again"}
    finally:
        await offspring.stop()


async def test_a_child_that_never_gets_ready_is_an_error(tmp_path: Path) -> None:
    """A child that ends at once is told by name, not started again."""
    offspring = child(tmp_path, "raise SystemExit(3)")
    with pytest.raises(TuxServiceError, match="offspring: ended before it was ready"):
        await offspring.start()
    await offspring.stop()


async def test_a_child_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    """A tied child sees the end of its standard input, which no kill of the parent prevents."""
    source = CHILD.replace(
        '    async for line in heard():\n        say({"heard": line})',
        "    await asyncio.sleep(60)",
    ).replace("tied=False", "tied=True")
    (tmp_path / "offspring.py").write_text(source)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "offspring"),
        cwd=tmp_path,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert b"pid" in await process.stdout.readline()
    process.stdin.close()
    assert await process.wait() == 0

"""A Python that is killed in the middle of what it does."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Final

FIRST: Final = 20
"""Lines that it says before it is killed."""


async def said_before_kill(script: str, *arguments: str) -> int:
    """Run a script, kill it with SIGKILL after some lines, and count all that it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, *arguments), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    for _ in range(FIRST):
        await process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    said = FIRST + len((await process.stdout.read()).splitlines())
    await process.wait()
    return said

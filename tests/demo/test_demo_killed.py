"""A demo that was killed leaves nothing that runs, and the next one removes its folder."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from tux.demo import runner
from tux.demo.runner import LOCK, PREFIX, _alone_in, _folder, clear_up

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pytest

PARENT = """
import asyncio, os
from pathlib import Path
from tux.demo.runner import _world_child

async def main():
    environment = {**os.environ, "DISCORD_TOKEN": "of-nobody"}
    child = _world_child(environment, Path.cwd(), 7)
    await child.start()
    print(child.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_the_world_ends_with_its_parent(tmp_path: Path) -> None:
    """The local Discord of a demo that was killed goes home without a word."""
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert parent.stdout is not None
    assert parent.stderr is not None
    world = int(await parent.stdout.readline())
    os.kill(world, 0)
    parent.kill()
    await parent.wait()
    # The child has it, too: it ends when both have gone.
    async with asyncio.timeout(20):
        assert await parent.stderr.read() == b""


def test_folders_of_killed_demos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of a demo that was killed is removed; those of others and of running ones stay."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    killed, running, foreign, link = (tmp_path / f"{PREFIX}{number}" for number in range(4))
    for folder in (killed, running, foreign):
        folder.mkdir()
    (killed / LOCK).touch()
    (killed / "station.db").touch()
    link.symlink_to(killed)
    with _alone_in(running), _folder(None) as mine:
        assert sorted(tmp_path.iterdir()) == sorted([running, foreign, link, mine])
        clear_up(tmp_path)
        assert mine.exists()
    assert sorted(tmp_path.iterdir()) == sorted([running, foreign, link])


def test_a_demo_that_starts_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that clears up in the moment before another has locked its folder does not remove that."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def at_the_worst_moment(folder: Path) -> AbstractContextManager[None]:
        monkeypatch.setattr(runner, "_alone_in", _alone_in)
        for name in (LOCK, "mine"):
            (folder / name).touch()
        clear_up(tmp_path)
        return _alone_in(folder)

    monkeypatch.setattr(runner, "_alone_in", at_the_worst_moment)
    with _folder(None) as mine:
        assert (mine / "mine").exists()
        assert mine.name.startswith(PREFIX)
    assert list(tmp_path.iterdir()) == []

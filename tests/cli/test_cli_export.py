"""`tux station export` and `import`, as a person types them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import zlib
from functools import partial
from typing import TYPE_CHECKING

from tests.cli.conftest import environment
from tests.station.test_store_writes import event

from tux.station.store import Store
from tux.station.store.inbox import Unread, put
from tux.station.wire.rows import Batch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Tux


async def test_what_is_exported_comes_in_elsewhere(tux: Tux, tmp_path: Path) -> None:
    """It says how much there is, what waits to be read and is not among it, and is its owner's only."""
    store = Store(tmp_path / "station.db")
    store.open()
    payload = zlib.compress('{"message": "пингвин"}'.encode())
    await store.write(Batch(1, (event(1, payload=payload), event(2, payload=payload))))
    await store.change(partial(put, unread=[Unread(1, 1000.0, "", b"{}\n")]))
    await asyncio.to_thread(store.close)
    path = {"STATION_PATH": "station.db"}
    done = await asyncio.to_thread(tux, "station", "export", "all.jsonl", **path)
    assert "rows." in done.stderr
    assert "1 that came in a rush are not among them" in done.stderr
    assert (tmp_path / "all.jsonl").stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
    assert sorted({line["kind"] for line in lines}) == ["event", "state"]
    taken = await asyncio.to_thread(tux, "station", "import", "all.jsonl", STATION_PATH="other.db")
    assert taken.returncode == 0, taken.stderr
    assert "all.jsonl: 3 taken, 0 were here already, 0 cannot be read." in taken.stdout
    again = await asyncio.to_thread(tux, "station", "import", "all.jsonl", STATION_PATH="other.db")
    assert "all.jsonl: 0 taken, 3 were here already, 0 cannot be read." in again.stdout
    # What goes through a pipe is UTF-8 whatever the terminal is, with no letter lost.
    back = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "tux", "station", "export", "-", "--kind", "event"],
        cwd=tmp_path,
        env=environment(STATION_PATH="other.db", PYTHONIOENCODING="ascii"),
        capture_output=True,
        check=True,
    )
    documents = [json.loads(line) for line in back.stdout.decode().splitlines()]
    assert ["пингвин" in str(one["payload"]) for one in documents] == [True, True]
    assert b"not among them" not in back.stderr
    # And what comes through one is read.
    piped = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "tux", "station", "import", "-"],
        cwd=tmp_path,
        env=environment(STATION_PATH="third.db"),
        input=back.stdout,
        capture_output=True,
        check=True,
    )
    assert b"-: 2 taken, 0 were here already" in piped.stdout


def test_a_file_that_is_not_there_makes_none(tux: Tux, tmp_path: Path) -> None:
    """A name that was mistyped is told as such, and no station's file is made for it."""
    done = tux("station", "import", "al.jsonl", STATION_PATH="new.db")
    assert done.returncode == 2
    assert "al.jsonl is not there" in done.stderr
    assert not (tmp_path / "new.db").exists()

"""``tux issues``, ``tux issue`` and ``tux top`` over a station that runs."""

from __future__ import annotations

import asyncio
import io
from functools import partial
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from tests.station.conftest import station_at
from typer.testing import CliRunner

from tux.cli.issues import ago, issue_table, spark
from tux.cli.root import app
from tux.shared.exceptions import TuxServiceError
from tux.station.access.visitors import create_token, set_password

if TYPE_CHECKING:
    from pathlib import Path

RAISED = {
    "type": "KeyError",
    "value": "'xp' \x1b[31m[red]",
    "stacktrace": {
        "frames": [
            {"filename": "levels.py", "lineno": 7, "function": "rank", "context_line": " x['xp']"}
        ]
    },
}


async def tux(*words: str, **variables: str) -> str:
    """Run a command in a thread; gives what it prints."""
    runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", **variables})
    done = await asyncio.to_thread(runner.invoke, app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


async def test_the_station_is_seen_in_a_terminal(tmp_path: Path) -> None:
    """Issues are listed and found, one is shown with its stack, and nothing of an event is obeyed."""
    async with station_at(tmp_path / "station.db") as station:
        at = ("--station", station.url)
        assert "No unresolved issue" in await tux("issues", *at)
        for user in ("1", "2"):
            await station.send_event(
                exception=[RAISED], user={"id": user}, tags={"command": "rank"}, release="v1"
            )
        await station.send_transaction()
        listed = await tux("issues", "KeyError", "command:rank", *at)
        assert "KeyError: 'xp'" in listed
        assert "█" in listed
        assert "No unresolved issue" in await tux("issues", "command:ban", *at)
        shown = await tux("issue", "1", *at)
        for part in ("2, of 2 users", "levels.py:7 in rank", "x['xp']", "[red]", "rank 100%"):
            assert part in shown, part
        top = await tux("top", "--once", *at)
        for part in ("errors 2", "ban", "KeyError"):
            assert part in top, part
        assert "\x1b[31m" not in listed + shown + top


async def test_what_keeps_the_view_from_a_station_is_told(tmp_path: Path) -> None:
    """No station, a missing token and a wrong query each say what to do."""
    with pytest.raises(TuxServiceError, match="tux station"):
        await tux("issues", "--station", "http://127.0.0.1:9")
    async with station_at(tmp_path / "station.db") as station:
        at = ("--station", station.url)
        with pytest.raises(TuxServiceError, match="query cannot be read"):
            await tux("issues", "timesSeen:>x", *at)
        with pytest.raises(TuxServiceError, match="no such thing"):
            await tux("issue", "99", *at)
        change = station.station.store.change
        await change(partial(set_password, password="correct horse", now=0.0))
        with pytest.raises(TuxServiceError, match="tokens create"):
            await tux("issues", *at)
        token = await change(partial(create_token, label="t", now=0.0))
        assert "No unresolved" in await tux("issues", *at, TUX_STATION_TOKEN=token)
        bare = station.url.removeprefix("http://")
        assert "No unresolved" in await tux("issues", "--station", bare, TUX_STATION_TOKEN=token)
        for wrong in ("bad", token[:-1], "пингвин", f"{token}\n{token}"):
            with pytest.raises(TuxServiceError, match="does not know this token, which is wrong"):
                await tux("issues", *at, TUX_STATION_TOKEN=wrong)


@pytest.mark.parametrize("width", [40, 80, 109, 110])
def test_a_narrow_terminal_keeps_the_numbers(width: int) -> None:
    """Bars go first, then words are cut with an ellipsis; what is counted is always whole."""
    one = {
        "id": 12_345,
        "title": "KeyError: " + "a long story " * 9,
        "level": "error",
        "spark": [1] * 24,
        "times_seen": 1_234_567,
        "users": 98_765,
        "last_seen": 0.0,
    }
    console = Console(width=width, file=io.StringIO())
    console.print(issue_table([one], 11 * 86_400.0, console))
    assert isinstance(console.file, io.StringIO)
    titles, said = console.file.getvalue().splitlines()
    for part in ("12345", "…", "1,234,567", "98,765", "11 d ago"):
        assert part in said, part
    assert ("KeyError: a long story" in said) == (width >= 80)
    assert ("█" in said) == ("24 hours" in titles) == (width == 110)


async def test_top_in_a_narrow_terminal(tmp_path: Path) -> None:
    """A command with a long name does not push its figures out."""
    async with station_at(tmp_path / "station.db") as station:
        await station.send_transaction(transaction="penguins " * 12)
        top = await tux("top", "--once", "--station", station.url, COLUMNS="80")
        (line,) = (line for line in top.splitlines() if "…" in line)
        assert line.startswith("penguins penguins")
        assert line.split("…")[1].split()[:2] == ["1", "0"]


def test_small_drawings() -> None:
    """Counts become bars, the most the highest, and times become words."""
    assert spark([0, 1, 4, 8]) == " ▁▄█"
    assert spark([]) == ""
    assert [ago(seconds) for seconds in (3, 120, 7200, 172_800)] == [
        *("just now", "2 min ago", "2 h ago", "2 d ago"),
    ]

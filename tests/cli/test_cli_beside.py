"""The station beside the bot."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from tux.cli.shared import FAULT
from tux.simulator import LocalDiscord

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Tux


async def test_a_station_that_cannot_start_does_not_stop_the_bot(tux: Tux) -> None:
    """With the dashboard's port taken the bot goes on without, and says so."""
    async with LocalDiscord() as local:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            done = await asyncio.to_thread(
                tux,
                "start",
                DISCORD_TOKEN="wrong",
                DISCORD_API_URL=local.api_url,
                DISCORD_GATEWAY_URL=local.gateway_url,
                STATION_PORT=str(taken.getsockname()[1]),
            )
    assert "the bot runs unwatched" in done.stderr
    assert "start it with --no-station" in done.stderr
    # It came as far as Discord, which refuses this token.
    assert "DISCORD_TOKEN" in done.stderr


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ('[station]\nfingerprints = ["foo"]\n', "STATION_FINGERPRINTS"),
        ('[watch.alerts.error_rate]\nthreshold = "x"\n', "threshold"),
    ],
    ids=["grouping", "watch"],
)
def test_a_wrong_setting_of_the_station_ends_the_start(
    tux: Tux, tmp_path: Path, toml: str, named: str
) -> None:
    """A fault that another start would find again keeps the bot from starting, too."""
    (tmp_path / "tux.toml").write_text(toml)
    done = tux(
        "start",
        DISCORD_TOKEN="wrong",
        DISCORD_API_URL="http://127.0.0.1:9/api/v10",
        STATION_PORT="0",
    )
    assert done.returncode == FAULT
    assert named in done.stderr
    assert "unwatched" not in done.stderr
    assert "127.0.0.1:9" not in done.stderr


def test_brackets_are_shown(tux: Tux, tmp_path: object) -> None:
    """What looks like markup in a message is shown as it is."""
    done = tux("station", "--path", "a[/b].db/x", "--port", "0", STATION_PORT="[/red]")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr

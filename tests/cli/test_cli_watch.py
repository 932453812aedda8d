"""``tux watch``, over real webhooks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.fakes.hooks import hooks

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Tux


async def test_a_team_is_told_that_this_is_a_test(tux: Tux) -> None:
    """Each way says how it went; one that fails ends it with 1, and no address is shown."""
    async with hooks() as taken:
        address = f"{taken.url}/s3cr3t"
        done = await asyncio.to_thread(tux, "watch", "test", "team", ALERTS_WEBHOOK_URLS=address)
        assert done.returncode == 0, done.stderr
        assert taken.posted[0].json["kind"] == "test"
        assert "webhook  127.0.0.1: told" in done.stdout
        taken.status = 404
        done = await asyncio.to_thread(tux, "watch", "test", "team", ALERTS_WEBHOOK_URLS=address)
    assert done.returncode == 1
    assert "webhook  127.0.0.1: answered 404" in done.stdout
    assert "log      the station's log: told" in done.stdout
    assert "s3cr3t" not in done.stdout + done.stderr


def test_an_unknown_team(tux: Tux) -> None:
    """The teams that there are are named."""
    done = tux("watch", "test", "devs")
    assert done.returncode == 2
    assert "There is no team devs; there are team, developers, infrastructure" in done.stderr


def test_what_is_watched_is_listed_and_checked(tux: Tux, tmp_path: Path) -> None:
    """The rules are listed with their teams; a file that is wrong is told all its faults."""
    done = tux("watch", "show")
    assert done.returncode == 0, done.stderr
    assert "commands max > 5 s" in done.stdout
    assert "3 alerts" in tux("watch", "check").stdout
    missing = tux("watch", "check", "nofile.toml")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "nofile.toml is not there" in missing.stderr
    (tmp_path / "tux.toml").write_text(
        "[watch.alerts.error_rate]\nthreshhold = 1\nwindow_seconds = 0\n"
    )
    done = tux("watch", "check")
    assert done.returncode == 2
    assert "tux.toml:2: watch.alerts.error_rate.threshhold: this is unknown" in done.stderr
    assert "tux.toml:3: watch.alerts.error_rate.window_seconds" in done.stderr
    assert "did you mean threshold?\n" in done.stderr
    assert "tux.toml:2" in tux("station", "--port", "0").stderr


def test_help_names_the_section_in_its_brackets(tux: Tux) -> None:
    """What stands in brackets is no markup."""
    assert "[watch]" in tux("watch", "check", "--help").stdout

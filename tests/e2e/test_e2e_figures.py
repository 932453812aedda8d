"""Figures about commands are of every run, whatever share of them is sampled."""

from __future__ import annotations

import asyncio
import time
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from tests.fakes.whole import bot_and_station
from typer.testing import CliRunner

from tux.cli.root import app
from tux.simulator import LocalDiscord
from tux.station.alerting.measuring import measure
from tux.station.queries.ranges import RANGES
from tux.station.store import Store
from tux.watch import AlertRule

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

COMMANDS = 200
FAILING = 10


async def told(client: httpx.AsyncClient) -> None:
    """Wait until the station has been told of all runs."""
    found = 0
    while found < COMMANDS:
        await asyncio.sleep(0.2)
        metrics = (await client.get("/api/v1/metrics", params={"range": "24h"})).json()["metrics"]
        found = sum(one["count"] for one in metrics if one["name"] == "command.duration")
    assert found == COMMANDS


async def shown(client: httpx.AsyncClient, span: str) -> None:
    """Look at every figure of a range that the API and the first page have."""

    async def ask(path: str, **words: str) -> Any:
        return (await client.get(f"/api/v1{path}", params={"range": span, **words})).json()

    overview = await ask("/overview")
    commands = overview["figures"]["commands"]
    assert (commands["count"], commands["failures"]) == (COMMANDS, FAILING)
    sampled = overview["sampling"]["sampled"]
    assert overview["sampling"] == {"sampled": sampled, "ran": COMMANDS, "is_measured": True}
    assert sampled < COMMANDS
    expected = {"work": (COMMANDS - FAILING, 0), "fail": (FAILING, FAILING)}
    for groups in (overview["commands"], (await ask("/transactions"))["groups"]):
        found = {one["name"]: (one["count"], one["failures"]) for one in groups}
        assert {name: found[name] for name in expected} == expected
    for name, (count, failures) in expected.items():
        (group,) = (await ask("/transactions", name=name))["groups"]
        assert (group["count"], group["failures"]) == (count, failures)
        assert 0 < group["p50"] <= group["p95"] <= group["p99"]
    for words, total in (({}, COMMANDS), ({"name": "fail"}, FAILING)):
        points = (await ask("/series/durations", **words))["points"]
        assert sum(point["count"] for point in points) == total
        assert sum(point["failures"] for point in points) == FAILING
    page = unescape((await client.get("/", params={"range": span})).text)
    assert f"{FAILING} of {COMMANDS} runs<" in page
    assert f"Users are of sampled runs only: {sampled} of the {COMMANDS} commands" in page


async def top(client: httpx.AsyncClient) -> str:
    """Look at the bot in a terminal."""
    words = ("top", "--once", "--range", "24h", "--station", str(client.base_url))
    runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"})
    return (await asyncio.to_thread(runner.invoke, app, words, catch_exceptions=False)).output


def value_of(path: Path, aggregate: str, command: str = "") -> float | None:
    """Measure what an alert looks at."""
    store = Store(path)
    store.open()
    rule = AlertRule.model_validate(
        {
            "title": "x",
            "source": "commands",
            "aggregate": aggregate,
            "command": command,
            "threshold": 1,
            "window_seconds": 600,
            "team": "team",
        }
    )
    with store.read() as connection:
        found = measure(connection, rule, time.time())
    store.close()
    return found


@pytest.mark.timeout(120)
@pytest.mark.parametrize("rate", ["0", "0.1"])
async def test_every_run_counts(tmp_path: Path, rate: str) -> None:
    """Of 200 commands 10 fail: that many are known to, though hardly any is sampled, or none."""
    async with LocalDiscord() as local:
        guild = local.add_guild("Penguins")
        channel = guild.add_text_channel("crowd")
        members = [guild.add_member(f"member-{number}") for number in range(COMMANDS)]
        async with bot_and_station(local, tmp_path, SENTRY_COMMAND_SAMPLE_RATE=rate) as client:
            names = ["fail" if number < FAILING else "work" for number in range(COMMANDS)]
            acts = await asyncio.gather(
                *(
                    member.say(channel, f"!{name}") if number % 2 else member.slash(channel, name)
                    for number, (member, name) in enumerate(zip(members, names, strict=True))
                )
            )
            await asyncio.gather(*(local.reply_to(act, timeout=60) for act in acts))
            await told(client)
            for span in RANGES:
                await shown(client, span)
            assert f"commands {COMMANDS} (" in (seen := await top(client))
            assert "failed 5.0%" in seen

    path = tmp_path / "station.db"
    assert value_of(path, "count") == COMMANDS
    assert value_of(path, "failure_rate") == FAILING / COMMANDS
    assert value_of(path, "failure_rate", "work") == 0
    assert value_of(path, "count", "fail") == FAILING
    assert value_of(path, "failure_rate", "fail") == 1

"""Two hundred commands at once, over the real client, process, wire and station."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.fakes.whole import bot_and_station

from tux.simulator import LocalDiscord

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

COMMANDS = 200
ALL = {
    "SENTRY_COMMAND_SAMPLE_RATE": "1",
    # The limiter's own tests show that it holds such a burst back by default.
    "SENTRY_LIMIT_BURST": str(COMMANDS),
    "SENTRY_LIMIT_TOTAL_BURST": str(COMMANDS),
}


async def rows(client: httpx.AsyncClient, kind: str, number: int) -> list[dict[str, Any]]:
    """Ask until so many have arrived, then once more, for what came too much."""
    found: list[dict[str, Any]] = []
    while len(found) < number:
        await asyncio.sleep(0.2)
        found = (await client.get(f"/data/{kind}", params={"limit": 10_000})).json()
        found = [row for row in found if row["tags"].get("command") in {"work", "fail"}]
    return found


@pytest.mark.timeout(120)
async def test_two_hundred_commands_at_once(tmp_path: Path) -> None:
    """Half of 200 commands fail: 100 events, each with its own user, command and trace."""
    async with LocalDiscord() as local:
        guild = local.add_guild("Penguins")
        channel = guild.add_text_channel("crowd")
        members = [guild.add_member(f"member-{number}") for number in range(COMMANDS)]
        async with bot_and_station(local, tmp_path, **ALL) as client:
            acts = await asyncio.gather(
                *(
                    member.say(channel, f"!{name}")
                    if number % 4 < 2
                    else member.slash(channel, name)
                    for number, member in enumerate(members)
                    for name in (("work", "fail")[number % 2],)
                )
            )
            replies = await asyncio.gather(*(local.reply_to(act, timeout=60) for act in acts))
            events = await rows(client, "events", COMMANDS // 2)
            transactions = await rows(client, "transactions", COMMANDS)

    told = {
        str(member.id): re.search(r"[0-9a-f]{32}", reply.embeds[0]["footer"]["text"])
        for number, (member, reply) in enumerate(zip(members, replies, strict=True))
        if number % 2
    }
    assert len(events) == COMMANDS // 2
    assert {row["event_id"]: row["user_id"] for row in events} == {
        found[0]: user_id for user_id, found in told.items() if found
    }
    assert {row["tags"]["command"] for row in events} == {"fail"}
    assert len({row["trace_id"] for row in events}) == COMMANDS // 2
    assert len(transactions) == COMMANDS
    runs = {row["user_id"]: row for row in transactions}
    assert len(runs) == COMMANDS
    assert all(runs[row["user_id"]]["trace_id"] == row["trace_id"] for row in events)
    assert all((row["status"] == "ok") == (row["name"] == "work") for row in transactions)

"""Somebody's shop with two lines of Tux: errors, traces, isolation, privacy, delivery, tests."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING

from tests.examples.running import EXAMPLE, Variant, running
from tests.fakes.receiver import Reply
from tests.fakes.sent import trace_of, types_of

import tux

if TYPE_CHECKING:
    from tux.simulator import Reply as Answer

SHOP = EXAMPLE.parent / "shop"
SAMPLED = (("SENTRY_COMMAND_SAMPLE_RATE", "1"), ("SENTRY_DEFAULT_SAMPLE_RATE", "1"))
WATCHED = Variant(example=SHOP / "bot.py", environment=SAMPLED)
AWAY = Reply(status=503)


def lines_of_code(path: Path) -> int:
    """Count lines that hold more than a comment."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
    bare = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    return len({one.start[0] for one in tokens if one.type not in bare | {tokenize.ENDMARKER}})


def test_how_little_is_added() -> None:
    """The bot has about 60 lines, and at most five of all files are there for Tux."""
    assert lines_of_code(SHOP / "bot.py") <= 60
    added = [
        line
        for path in sorted(SHOP.glob("*.py"))
        for line in path.read_text().splitlines()
        if line.endswith("# tux")
    ]
    assert 1 <= len(added) <= 5
    names_tux = [
        line
        for line in (SHOP / "bot.py").read_text().splitlines()
        if "tux" in line.split("#")[0] and not line.lstrip().startswith(('"""', "``"))
    ]
    assert all(line in added for line in names_tux)


async def test_it_is_watched(tmp_path: Path) -> None:
    """While the receiver is away members fail at once; all arrives, each with its own user."""
    async with running(tmp_path, WATCHED) as script:
        script.receiver.otherwise = AWAY
        members = [script.guild.add_member(f"penguin{number}") for number in range(4)]
        for member in members:
            await member.say(script.channel, f"!buy token=hunter2-{member.id}")

        async def bought(number: int) -> Answer:
            act = await members[number].slash(script.channel, "buy", thing="ice")
            return await script.local.reply_to(act, timeout=10)

        answers = await asyncio.gather(*map(bought, range(4)))
        await script.until(lambda: script.receiver.requests > 0)
        assert script.events == []
        script.receiver.otherwise = Reply()
        await script.until(lambda: len(script.events) == 4)
        token = script.local.token
    assert {answer.content for answer in answers} == {"1 coins for ice."}
    expected = {str(member.id) for member in members}
    assert {event["user"]["id"] for event in script.events} == expected
    assert {types_of(event)[-1] for event in script.events} == {"KeyError"}
    units = {trace_of(one): one["user"]["id"] for one in script.transactions if "user" in one}
    assert all(units[trace_of(event)] == event["user"]["id"] for event in script.events)
    assert b"hunter2" not in script.everything
    assert token.encode() not in script.everything


def test_its_own_tests() -> None:
    """The shop's suite passes with the plug-in, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(SHOP)],
        cwd=SHOP,
        env={**os.environ, "PYTHONPATH": str(Path(tux.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "5 passed" in done.stdout

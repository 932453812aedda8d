"""The guide's patterns, as users write them, in the real bot on a local Discord."""

from __future__ import annotations

import asyncio
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from aiohttp import web
from discord.ext import commands
from tests.fakes.sent import crumbs_of, status_of, trace_of, types_of
from tests.fakes.world import World, running

from tux.core.base_cog import BaseCog
from tux.core.hybrid import hybrid_command
from tux.database.models import Case, CaseKind
from tux.services.http_client import http_client
from tux.services.sentry import SentryManager, capture_api_error, capture_exception_safe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.fakes.sent import Sent

    from tux.core.bot import Tux
    from tux.core.context import TuxContext


class Reports(BaseCog):
    """A cog of the guide."""

    def __init__(self, bot: Tux) -> None:
        super().__init__(bot)
        self.sentry = SentryManager()

    @hybrid_command()
    async def analyze(self, ctx: TuxContext, word: str) -> None:
        """Analyze a word."""
        self.sentry.set_user_context(ctx.author)
        self.sentry.set_command_context(ctx)
        self.sentry.track_command_start("analyze")
        try:
            with self.sentry.start_span(op="report", description="analyze"):
                result = self.process(word)
            await ctx.send(result)
            self.sentry.track_command_end("analyze", success=True)
        except ValueError as error:
            await ctx.send(f"Not a word: {error}")
        except Exception as error:
            self.sentry.track_command_end("analyze", success=False, error=error)
            capture_exception_safe(error, extra_context={"length": len(word)})
            await ctx.send("unexpected error")
            raise

    @staticmethod
    def process(word: str) -> str:
        if word == "empty":
            raise ValueError(word)
        if word == "broken":
            raise LookupError(word)
        return word.upper()


class Cache:
    """A service of the guide."""

    def __init__(self) -> None:
        self.sentry = SentryManager()

    async def initialize(self, *, fail: bool) -> None:
        try:
            if fail:
                raise OSError("no cache")  # noqa: TRY301  # as users write it
            self.sentry.add_breadcrumb("Cache initialized", category="service", level="info")
        except Exception as error:
            self.sentry.capture_exception(error)
            raise


async def tidy(*, fail: bool) -> None:
    """Run a background task of the guide."""
    sentry = SentryManager()
    with sentry.start_transaction(op="task", name="tidy") as transaction:
        try:
            sentry.add_breadcrumb(message="tidying", category="task")
            if fail:
                raise OSError("no room")  # noqa: TRY301  # as users write it
            transaction.set_data("tidied", 7)
        except OSError as error:
            transaction.set_status("internal_error")
            sentry.capture_exception(error)


@pytest.fixture
async def world(sent: Sent, tmp_path: Path) -> AsyncIterator[World]:
    async with running(tmp_path) as made:
        await made.bot.add_cog(Reports(made.bot))
        await made.bot.tree.sync()
        yield made
    await http_client.aclose()
    asyncio.get_running_loop().set_task_factory(None)


async def run(world: World, by: str, word: str) -> tuple[str, list[str]]:
    """Run the command, and give the member's id and what they read."""
    member = world.guild.add_member("pingu")
    if by == "prefix":
        act = await member.say(world.channel, f"!analyze {word}")
    else:
        act = await member.slash(world.channel, "analyze", word=word)
    await world.local.reply_to(act, timeout=10)
    # Whatever would be answered too much comes before the answer to another command.
    await world.say(member, "!analyze after")
    return str(member.id), [reply.content for reply in world.local.replies_to(act)]


async def unit(sent: Sent) -> Any:
    """Wait for the transaction of the first command."""
    async with asyncio.timeout(10):
        while True:
            found = [one for one in sent.transactions if one["transaction"] == "analyze"]
            if len(found) == 2:
                return found[0]
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("by", ["prefix", "slash"])
async def test_command(world: World, sent: Sent, by: str) -> None:
    """A command that works is a transaction of its member, with its duration and its span."""
    member, answers = await run(world, by, "fine")
    transaction = await unit(sent)
    assert answers == ["FINE"]
    assert status_of(transaction) == "ok"
    assert transaction["user"] == {"id": member}
    assert transaction["tags"]["command.result"] == "success"
    assert transaction["contexts"]["trace"]["data"]["command.duration_ms"] > 0
    assert "analyze" in [span["description"] for span in transaction["spans"]]
    assert sent.events == []


@pytest.mark.parametrize("by", ["prefix", "slash"])
async def test_command_answers_a_mistake(world: World, sent: Sent, by: str) -> None:
    """What the command answers itself sends nothing."""
    _, answers = await run(world, by, "empty")
    assert status_of(await unit(sent)) == "ok"
    assert answers == ["Not a word: empty"]
    assert sent.events == []


@pytest.mark.parametrize("by", ["prefix", "slash"])
async def test_command_fails(world: World, sent: Sent, by: str) -> None:
    """What it captures and raises again is one event and one answer."""
    member, answers = await run(world, by, "broken")
    transaction = await unit(sent)
    event = sent.event
    assert answers == ["unexpected error"]
    assert types_of(event) == ["LookupError"]
    assert event["contexts"]["extra_context"] == {"length": 6}
    assert event["user"] == {"id": member}
    assert event["tags"]["command"] == "analyze"
    assert event["tags"]["cog"] == "Reports"
    assert event["tags"]["guild_id"] == str(world.guild.id)
    assert trace_of(event) == trace_of(transaction)
    assert status_of(transaction) == "internal_error"
    assert transaction["tags"]["command.result"] == "failure"


async def test_service(sent: Sent) -> None:
    """A service notes that it began, and captures once why it did not."""
    await Cache().initialize(fail=False)
    with pytest.raises(OSError, match="no cache") as caught:
        await Cache().initialize(fail=True)
    capture_exception_safe(caught.value)
    assert types_of(sent.event) == ["OSError"]
    assert crumbs_of(sent.event) == ["Cache initialized"]


async def test_background_task(sent: Sent) -> None:
    """A task's transaction has what it did, or that it failed, and the event its breadcrumbs."""
    await asyncio.create_task(tidy(fail=False))
    await asyncio.create_task(tidy(fail=True))
    good, bad = sent.transactions
    assert good["contexts"]["trace"]["op"] == "task"
    assert good["contexts"]["trace"]["data"]["tidied"] == 7
    assert status_of(bad) == "internal_error"
    assert crumbs_of(sent.event) == ["tidying"]
    assert trace_of(sent.event) == trace_of(bad)


async def test_load_extension(
    world: World, sent: Sent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cog is loaded by its name; one that fails is captured with it, once."""
    monkeypatch.syspath_prepend(str(tmp_path))
    source = """
        async def setup(bot):
            raise LookupError("no such thing")
    """
    (tmp_path / "broken_cog.py").write_text(dedent(source))
    await world.bot.unload_extension("tux.modules.admin")
    await world.bot.load_extension("tux.modules.admin")
    assert sent.events == []
    with pytest.raises(commands.ExtensionFailed) as caught:
        await world.bot.load_extension("broken_cog")
    capture_exception_safe(caught.value)
    sys.modules.pop("broken_cog", None)
    assert types_of(sent.event) == ["LookupError"]
    assert sent.event["tags"]["cog"] == "broken_cog"


async def test_external_api(sent: Sent) -> None:
    """The shared client's answer may be an error, whose facts are told."""

    async def refuse(_: web.Request) -> web.Response:
        return web.json_response({"error": "busy"}, status=500)

    app = web.Application()
    app.router.add_get("/things", refuse)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/things"
    try:
        response = await http_client.get(url)
        with pytest.raises(httpx.HTTPStatusError) as caught:
            response.raise_for_status()
    finally:
        await http_client.aclose()
        await runner.cleanup()
    error = caught.value
    capture_api_error(
        error,
        endpoint=url,
        status_code=error.response.status_code,
        response_data=error.response.json(),
    )
    assert sent.event["tags"]["api.status_code"] == "500"
    assert sent.event["contexts"]["api"]["response_data"] == {"error": "busy"}


async def test_database(world: World, sent: Sent) -> None:
    """Rows are made and found; the queries are spans of whatever runs."""
    data = {"id": 77, "name": "pingu"}
    user_id = 77
    with SentryManager().start_transaction(op="task", name="database"):
        user = await world.bot.db.user.create(**data)
        await world.bot.db.case.create(
            guild_id=1, kind=CaseKind.WARN.value, user_id=user_id, moderator_id=2
        )
        cases = await world.bot.db.case.find_all(filters=Case.user_id == user_id)
    assert (user.id, [case.kind for case in cases]) == (77, ["warn"])
    found = next(one for one in sent.transactions if one["transaction"] == "database")
    queries = [span["description"] for span in found["spans"] if span["op"] == "db"]
    assert any(query.startswith("INSERT INTO users") for query in queries)
    assert any(query.startswith("SELECT cases") for query in queries)
    assert not any("pingu" in query for query in queries)

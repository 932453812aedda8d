"""The patterns of the contract, as users write them, over the real client."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import httpx
import pytest
import sentry_sdk
from aiohttp import web
from discord.ext import commands
from tests.fakes.world import running

import tux.services.sentry
from tux.core.base_cog import BaseCog
from tux.database.models import Case
from tux.services.http_client import http_client
from tux.services.sentry import (
    SentryManager,
    capture_api_error,
    capture_exception_safe,
    convert_httpx_error,
)
from tux.shared.exceptions import (
    TuxAPIConnectionError,
    TuxAPIPermissionError,
    TuxAPIRequestError,
    TuxAPIResourceNotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.fakes.sent import Sent

    from tux.core.bot import Tux


class Shop(BaseCog):
    """A cog as the contract shows one."""

    def __init__(self, bot: Tux) -> None:
        super().__init__(bot)
        self.sentry = SentryManager()

    @commands.command()
    async def buy(self, ctx: commands.Context[Tux], amount: str) -> None:
        self.sentry.set_user_context(ctx.author)
        self.sentry.set_command_context(ctx)
        try:
            await self.sell(amount)
        except ValueError:
            await ctx.send("that is no number")
        except Exception as error:
            self.sentry.set_context("order", {"amount": amount})
            self.sentry.capture_exception(error)
            await ctx.send("unexpected error")
            raise

    async def sell(self, amount: str) -> None:
        if int(amount) > 99:
            raise RuntimeError("sold out")


async def test_in_a_cog(sent: Sent, tmp_path: Path) -> None:
    """A ValueError is answered and sends nothing; another error is one event and one answer."""
    async with running(tmp_path) as world:
        await world.bot.add_cog(Shop(world.bot))
        member = world.guild.add_member("pingu")
        assert (await world.say(member, "!buy fish")).content == "that is no number"
        act = await member.say(world.channel, "!buy 100")
        await world.local.reply_to(act, timeout=10)
        await world.say(member, "!ping")
        assert [one.content for one in world.local.replies_to(act)] == ["unexpected error"]
        member_id, guild_id = str(member.id), str(world.guild.id)
    event = sent.event
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"
    assert event["user"] == {"id": member_id}
    assert event["contexts"]["order"]["amount"] == "100"
    assert (event["tags"]["command"], event["tags"]["cog"]) == ("buy", "Shop")
    assert event["tags"]["guild_id"] == guild_id


async def test_in_a_service(sent: Sent) -> None:
    """A service leaves a breadcrumb when it starts well, and captures when it does not."""

    class Service:
        def __init__(self, *, works: bool) -> None:
            self.sentry = SentryManager()
            self.works = works

        async def initialize(self) -> None:
            try:
                if not self.works:
                    raise ConnectionError("no cable")  # noqa: TRY301  # as users write it
                self.sentry.add_breadcrumb("service is up", category="service", level="info")
            except Exception as error:
                self.sentry.capture_exception(error)
                raise

    await Service(works=True).initialize()
    with pytest.raises(ConnectionError):
        await Service(works=False).initialize()
    event = sent.event
    assert event["breadcrumbs"]["values"][-1]["message"] == "service is up"


@pytest.mark.parametrize("works", [True, False])
async def test_in_a_background_task(sent: Sent, works: bool) -> None:  # noqa: FBT001  # a case
    """A task's transaction has its data on success, and its status and event on failure."""
    sentry = SentryManager()
    with sentry.start_transaction(op="task", name="clean") as transaction:
        sentry.add_breadcrumb("cleaning", category="task")
        try:
            if not works:
                raise KeyError("dirt")  # noqa: TRY301  # as users write it
            transaction.set_data("removed", 3)
        except KeyError as error:
            transaction.set_status("internal_error")
            sentry.capture_exception(error)
    trace = sent.transaction["contexts"]["trace"]
    assert trace["op"] == "task"
    if works:
        assert trace["data"]["removed"] == 3
        assert sent.events == []
    else:
        assert trace["status"] == "internal_error"
        assert sent.event["breadcrumbs"]["values"][-1]["message"] == "cleaning"
        assert sent.event["contexts"]["trace"]["trace_id"] == trace["trace_id"]


async def test_load_an_extension(
    sent: Sent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failing load is captured with the cog's name, once."""
    (tmp_path / "somebodys_broken.py").write_text("raise KeyError('x')")
    monkeypatch.syspath_prepend(str(tmp_path))
    async with running(tmp_path, bot={"extensions": ("somebodys_broken",)}) as world:
        await world.bot.unload_extension("tux.modules.admin")
        await world.bot.load_extension("tux.modules.admin")
        with pytest.raises(commands.ExtensionFailed):
            await world.bot.load_extension("somebodys_broken")
    # Two loads, each a failure of its own: the one at the start and the one by hand.
    assert [event["tags"]["cog"] for event in sent.events] == ["somebodys_broken"] * 2


@asynccontextmanager
async def answering(status: int) -> AsyncIterator[str]:
    """Serve an API that always answers with one status."""

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"detail": "said the server"}, status=status)

    app = web.Application()
    app.router.add_get("/fish", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/fish"
    finally:
        await http_client.aclose()
        await runner.cleanup()


async def test_an_external_api(sent: Sent) -> None:
    """An error status of the shared client is captured with endpoint and status."""
    async with answering(503) as url:
        try:
            response = await http_client.get(f"{url}?key=of-mine")
            response.raise_for_status()
        except httpx.HTTPStatusError as error:
            capture_api_error(error, endpoint=url, status_code=error.response.status_code)
    event = sent.event
    assert event["tags"]["api.status_code"] == "503"
    assert event["contexts"]["api"]["endpoint"] == url


@pytest.mark.parametrize(
    ("status", "kind", "events"),
    [
        (404, TuxAPIResourceNotFoundError, 0),
        (403, TuxAPIPermissionError, 0),
        (401, TuxAPIPermissionError, 1),
        (429, TuxAPIRequestError, 0),
        (500, TuxAPIRequestError, 1),
    ],
)
async def test_convert_httpx_error(
    sent: Sent, status: int, kind: type[Exception], events: int
) -> None:
    """Each status has its error; 404 and 403 and limits are not captured, the rest once."""
    async with answering(status) as url:
        response = await http_client.get(url)
        with pytest.raises(kind) as caught:  # noqa: PT012  # as users write it
            try:
                response.raise_for_status()
            except httpx.HTTPStatusError as error:
                convert_httpx_error(error, "fishmonger", url, not_found_resource="fish")
    capture_exception_safe(caught.value)
    assert len(sent.events) == events


async def test_convert_an_api_that_is_away(sent: Sent) -> None:
    """No answer is a connection error, captured once."""
    with pytest.raises(TuxAPIConnectionError):  # noqa: PT012  # as users write it
        try:
            await http_client.get("http://127.0.0.1:9/")
        except httpx.RequestError as error:
            convert_httpx_error(error, "fishmonger", "http://127.0.0.1:9/")
    await http_client.aclose()
    assert sent.event["contexts"]["api"]["endpoint"] == "http://127.0.0.1:9/"


async def test_the_database(tmp_path: Path) -> None:
    """Rows are created by keyword and found by filter."""
    async with running(tmp_path) as world:
        data: dict[str, Any] = {"id": 7, "name": "pingu"}
        user = await world.db.user.create(**data)
        await world.db.case.create(guild_id=1, kind="warn", user_id=user.id, moderator_id=2)
        (case,) = await world.db.case.find_all(filters=Case.user_id == user.id)
    assert case.number == 1


def test_a_users_own_patches() -> None:
    """Users' tests patch the SDK and the package, with the layer off."""
    with patch("sentry_sdk.capture_exception") as capture:
        error = RuntimeError("x")
        capture_exception_safe(error, extra_context={"fish": 3})
    capture.assert_called_once()
    assert capture.call_args.args[0] is error
    assert {"fish": 3} in capture.call_args.kwargs["contexts"].values()
    with patch("tux.services.sentry.is_initialized", return_value=True):
        assert tux.services.sentry.is_initialized()
        assert SentryManager().is_initialized


async def test_an_unexpected_error_is_told_with_its_id(sent: Sent, tmp_path: Path) -> None:
    """The member reads the id of the one event that was sent."""

    @commands.command()
    async def fail(ctx: commands.Context[Any]) -> None:
        await asyncio.gather(asyncio.sleep(0), _fail())

    async def _fail() -> None:
        raise LookupError("deep")

    async with running(tmp_path) as world:
        world.bot.add_command(fail)
        reply = await world.say(world.guild.add_member("pingu"), "!fail")
    found = re.fullmatch(r"Event ID ([0-9a-f]{32})", reply.embeds[0]["footer"]["text"])
    assert found is not None
    assert sent.event["event_id"] == found[1]
    assert sentry_sdk.is_initialized()

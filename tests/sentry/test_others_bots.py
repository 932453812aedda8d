"""Bots that do as they like: the layer bends, and neither breaks them nor loses what fails."""

from __future__ import annotations

import asyncio
import copy
import pickle
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest.mock import AsyncMock, MagicMock

import discord
import pytest
import sentry_sdk
from discord.ext import commands, tasks
from tests.fakes.discord_client import assert_failed, connected
from tests.fakes.sent import raised, status_of, types_of

from tux.services.sentry import DiscordIntegration, capture_exception, start_transaction
from tux.services.sentry.context import Facts
from tux.services.sentry.instrument.tasks import set_task_factory
from tux.services.sentry.options import adopt
from tux.services.sentry.units import Unit, unit_of_work

if TYPE_CHECKING:
    from tests.fakes.discord_client import Client
    from tests.fakes.sent import Sent


async def test_a_factory_that_takes_no_context(sent: Sent) -> None:
    """It is called as it was, within a context that keeps spans apart."""
    loop = asyncio.get_running_loop()
    made: list[str] = []

    def before(loop: Any, coro: Any) -> asyncio.Task[Any]:
        made.append(coro.__name__)
        return asyncio.Task(coro, loop=loop)

    loop.set_task_factory(before)
    set_task_factory(loop)

    async def child() -> Any:
        with sentry_sdk.start_span(op="step", name="child") as span:
            await asyncio.sleep(0)
            return span.parent_span_id

    with start_transaction(op="task", name="sum") as transaction:
        parents = await asyncio.gather(child(), child())
    loop.set_task_factory(None)
    assert made == ["child", "child"]
    assert parents == [transaction.span_id] * 2  # type: ignore[attr-defined]  # the SDK's span
    assert sent.events == []


def test_a_marked_error_is_copied_as_it_was(sent: Sent) -> None:
    """It may be pickled and copied, and tells nobody what the layer knows."""
    error = raised(LookupError("gone"))
    with unit_of_work(Unit("command.prefix", "buy")):
        capture_exception(error)
    assert types_of(sent.event) == ["LookupError"]
    assert pickle.loads(pickle.dumps(error)).args == ("gone",)
    assert copy.deepcopy(error).args == ("gone",)
    assert str(vars(error)) == "{'_tux_mark': <mark>}"


def refused() -> discord.Forbidden:
    response: Any = MagicMock(status=403, reason="no")
    return discord.Forbidden(response, {"code": 50013, "message": "Missing Permissions"})


@pytest.mark.parametrize("error", [refused(), commands.CheckFailure(), KeyError("ratelimit")])
async def test_a_loop_that_dies_of_a_mistake(client: Client, error: Exception) -> None:
    """There is no member to be told: what ends a loop is an event, whatever it is elsewhere."""

    async def turn() -> None:
        raise error

    loop: tasks.Loop[Any] = tasks.loop(count=1)(turn)
    with pytest.raises(type(error)):
        await loop.start()
    assert client.sent.event["level"] == "error"
    assert client.sent.event["tags"]["task.dead"] == "true"
    assert status_of(await client.transaction()) != "ok"


async def test_an_invoke_of_the_bots_own(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that is run without discord.py's invoke is a unit of work all the same."""

    async def invoke(ctx: commands.Context[Any]) -> None:
        if ctx.command is not None:
            try:
                await ctx.command.invoke(ctx)
            except commands.CommandError as error:
                await ctx.command.dispatch_error(ctx, error)

    monkeypatch.setattr(client.bot, "invoke", invoke)
    await client.member.say(client.channel, "!bad")
    unit = await client.transaction()
    assert unit["transaction"] == "bad"
    event = assert_failed(client.sent, unit)
    assert event["user"]["id"] == str(client.member.id)


async def test_what_is_set_before_the_bot_runs(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tag that is set after the start of the SDK, as its manuals do, is on every unit; a user is not."""
    sentry_sdk.set_tag("service", "shop")
    sentry_sdk.set_user({"id": "nobody", "username": "nobody"})
    async with connected(sent, monkeypatch) as client:
        await client.member.say(client.channel, "!bad")
        unit = await client.transaction()
    assert unit["tags"]["service"] == "shop"
    assert sent.event["user"] == unit["user"] == {"id": str(client.member.id)}


def test_a_user_without_an_id(sent: Sent) -> None:
    """What a command adds about its member does not take the id away."""
    with unit_of_work(Unit("command.prefix", "buy", partial(Facts, {"id": "7"}))):
        sentry_sdk.set_user({"segment": "penguins"})
        capture_exception(raised(LookupError()))
    assert sent.event["user"] == {"id": "7", "segment": "penguins"}


def test_mocks_of_a_bot(sent: Sent) -> None:
    """Patched methods still count as async ones, so that a user's mocks can be awaited."""
    assert sent.events == []
    assert isinstance(MagicMock(spec=commands.Bot).load_extension, AsyncMock)


def test_options_are_adopted_once() -> None:
    """A bot's own hooks are kept, those of ``_experiments`` too, and see what was added."""
    seen: list[str] = []
    options: dict[str, Any] = {
        "_experiments": {"before_send_log": lambda log, _: seen.append(log["body"])},
        "before_send": lambda event, _: {**event, "extra": {"password": "hunter2-hunter2"}},
    }
    adopt(options)
    hooks = dict(options)
    adopt(options)
    assert options == hooks
    options["before_send_log"]({"body": "line", "attributes": {}}, {})
    assert seen == ["line"]
    event = options["before_send"]({"message": "token=hunter2-hunter2"}, {})
    assert "hunter2" not in str(event)
    assert options["before_send_transaction"]({"transaction": "ban"}, {}) == {"transaction": "ban"}


@pytest.mark.parametrize(
    ("policy", "error", "says"),
    [
        ({"SoldOutError": "nevr"}, ValueError, "SoldOutError: 'nevr' is none of never, breadcrumb"),
        (["SoldOutError"], TypeError, "a mapping is needed"),
    ],
    ids=["word", "form"],
)
def test_a_policy_that_is_none(policy: Any, error: type[Exception], says: str) -> None:
    """What is wrong with it is told with what would be right."""
    with pytest.raises(error, match=says):
        DiscordIntegration(policy=policy)


def test_spans_of_other_integrations_are_scrubbed() -> None:
    """An address with a token does not leave, also where the SDK watches aiohttp by itself."""
    token = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OTpBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWg"
    url = f"https://discord.com/api/v10/interactions/1/{token}/callback"
    options: dict[str, Any] = {}
    adopt(options)
    spans = [
        {"op": "http.client", "origin": "auto.http.aiohttp", "description": f"POST {url}"},
        {"op": "step", "origin": "manual", "description": "one"},
    ]
    left = options["before_send_transaction"]({"transaction": "buy", "spans": spans}, {})
    assert token not in str(left)
    assert left["spans"][1] == spans[1]

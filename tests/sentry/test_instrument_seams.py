"""The private names that the layer stands on: a new discord.py or SDK that moves one fails here."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands
from discord.ext import commands, tasks
from discord.ext.commands.bot import BotBase
from discord.ext.commands.hybrid import HybridAppCommand
from discord.gateway import DiscordWebSocket, GatewayRatelimiter
from discord.http import HTTPClient, Ratelimit
from discord.state import AutoShardedConnectionState, ConnectionState
from discord.ui.view import BaseView, ViewStore
from discord.webhook.async_ import AsyncDeferredLock, AsyncWebhookAdapter
from sentry_sdk.integrations import DidNotEnable

from tux.services.sentry import DiscordIntegration
from tux.services.sentry.instrument.tasks import set_task_factory

if TYPE_CHECKING:
    from tests.fakes.sent import Sent

SEAMS: dict[str, list[str]] = {
    "sentry_sdk.integrations.logging:EventHandler.emit": ["self", "record"],
    "discord.ext.commands.bot:BotBase.invoke": ["self", "ctx"],
    "discord.ext.commands:Command.dispatch_error": ["self", "ctx", "error"],
    "discord.ext.commands:Command.has_error_handler": ["self"],
    "discord.ext.commands:Cog.has_error_handler": ["self"],
    "discord.ext.commands:Cog.cog_check": ["self", "ctx"],
    "discord.ext.commands:Cog.cog_before_invoke": ["self", "ctx"],
    "discord.ext.commands:Cog.cog_after_invoke": ["self", "ctx"],
    "discord.ext.commands:Cog.interaction_check": ["self", "interaction"],
    "discord.ext.commands.bot:BotBase.can_run": ["self", "ctx", "call_once"],
    "discord.ext.commands:Command.can_run": ["self", "ctx"],
    "discord.ext.commands:Command._parse_arguments": ["self", "ctx"],
    "discord.ext.commands:Command.call_before_hooks": ["self", "ctx"],
    "discord.ext.commands:Command.call_after_hooks": ["self", "ctx"],
    "discord.ext.commands:MaxConcurrency.acquire": ["self", "message"],
    "discord.ext.commands.hybrid:HybridAppCommand._check_can_run": ["self", "interaction"],
    "discord.ext.commands.hybrid:HybridAppCommand._transform_arguments": [
        "self",
        "interaction",
        "namespace",
    ],
    "discord.ext.commands.hybrid:HybridAppCommand._invoke_with_namespace": [
        "self",
        "interaction",
        "namespace",
    ],
    "discord:Client.on_error": ["self", "event_method", "args", "kwargs"],
    "discord:Client._run_event": ["self", "coro", "event_name", "args", "kwargs"],
    "discord:Client.login": ["self", "token"],
    "discord:Client.connect": ["self", "reconnect"],
    "discord:AutoShardedClient.connect": ["self", "reconnect"],
    "discord:Client.setup_hook": ["self"],
    "discord.gateway:DiscordWebSocket.from_client": [
        "client",
        "initial",
        "gateway",
        "shard_id",
        "session",
        "sequence",
        "resume",
        "encoding",
        "compress",
    ],
    "discord.gateway:DiscordWebSocket.poll_event": ["self"],
    "discord.gateway:DiscordWebSocket.received_message": ["self", "msg"],
    "discord.state:ConnectionState.parse_ready": ["self", "data"],
    "discord.state:ConnectionState.parse_resumed": ["self", "data"],
    "discord.state:AutoShardedConnectionState.parse_ready": ["self", "data"],
    "discord.state:AutoShardedConnectionState.parse_resumed": ["self", "data"],
    "discord.ext.commands.bot:BotBase.load_extension": ["self", "name", "package"],
    "discord.ext.commands.bot:BotBase.unload_extension": ["self", "name", "package"],
    "discord.ext.commands.bot:BotBase.reload_extension": ["self", "name", "package"],
    "discord.ext.commands.bot:BotBase._call_module_finalizers": ["self", "lib", "key"],
    "discord.app_commands:CommandTree._call": ["self", "interaction"],
    "discord.app_commands:Command._invoke_with_namespace": ["self", "interaction", "namespace"],
    "discord.app_commands:Command._invoke_autocomplete": [
        "self",
        "interaction",
        "name",
        "namespace",
    ],
    "discord.app_commands:CommandTree._dispatch_error": ["self", "interaction", "error"],
    "discord.app_commands:CommandTree.on_error": ["self", "interaction", "error"],
    "discord.app_commands:Group.on_error": ["self", "interaction", "error"],
    "discord.app_commands:Group.interaction_check": ["self", "interaction"],
    "discord.app_commands:Command._check_can_run": ["self", "interaction"],
    "discord.app_commands:Command._transform_arguments": ["self", "interaction", "namespace"],
    "discord.app_commands:Command._has_any_error_handlers": ["self"],
    "discord.app_commands:ContextMenu._check_can_run": ["self", "interaction"],
    "discord.app_commands:ContextMenu._invoke": ["self", "interaction", "arg"],
    "discord.ext.tasks:Loop._loop": ["self", "args", "kwargs"],
    "discord.ext.tasks:Loop._call_loop_function": ["self", "name", "args", "kwargs"],
    "discord.ext.tasks:Loop._error": ["self", "args"],
    "discord.ui.view:BaseView._scheduled_task": ["self", "item", "interaction"],
    "discord.ui.view:BaseView.__init__": ["self", "timeout"],
    "discord.ui.view:BaseView._dispatch_timeout": ["self"],
    "discord.ui.view:BaseView.on_timeout": ["self"],
    "discord.ui.view:BaseView.on_error": ["self", "interaction", "error", "item"],
    "discord.ui.view:ViewStore.schedule_dynamic_item_call": [
        "self",
        "component_type",
        "factory",
        "interaction",
        "custom_id",
        "match",
    ],
    "discord.ui:Modal._scheduled_task": ["self", "interaction", "components", "resolved"],
    "discord.ui:Modal.on_error": ["self", "interaction", "error"],
    "discord.ui.view:BaseView.wait": ["self"],
    "discord:Client.wait_for": ["self", "event", "check", "timeout"],
    "discord.http:HTTPClient.request": ["self", "route", "files", "form", "kwargs"],
    "discord.http:HTTPClient.get_from_cdn": ["self", "url"],
    "discord.http:Ratelimit.acquire": ["self"],
    "discord.http:Ratelimit.__aexit__": ["self", "type", "value", "traceback"],
    "discord.http:asyncio.sleep": ["delay", "result"],
    "discord.http:json_or_text": ["response"],
    "discord.webhook.async_:asyncio.sleep": ["delay", "result"],
    "discord.webhook.async_:json_or_text": ["response"],
    "discord.webhook.async_:AsyncDeferredLock.__aenter__": ["self"],
    "discord.webhook.async_:AsyncDeferredLock.__aexit__": ["self", "exc_type", "exc", "traceback"],
    "discord.gateway:GatewayRatelimiter.block": ["self"],
    "discord.webhook.async_:AsyncWebhookAdapter.request": [
        "self",
        "route",
        "session",
        "payload",
        "multipart",
        "proxy",
        "proxy_auth",
        "files",
        "reason",
        "auth_token",
        "params",
    ],
}
READ_THEM = """
import importlib, inspect, json, sys
found = {}
for seam in json.load(sys.stdin):
    module, _, path = seam.partition(":")
    value = importlib.import_module(module)
    for name in path.split("."):
        value = getattr(value, name)
    found[seam] = list(inspect.signature(value).parameters)
print(json.dumps(found))
"""
PATCHED: list[tuple[type, str]] = [
    (BotBase, "invoke"),
    (commands.Command, "dispatch_error"),
    (discord.Client, "_run_event"),
    (discord.Client, "login"),
    (discord.Client, "connect"),
    (discord.AutoShardedClient, "connect"),
    (DiscordWebSocket, "from_client"),
    (DiscordWebSocket, "poll_event"),
    (ConnectionState, "parse_ready"),
    (ConnectionState, "parse_resumed"),
    (AutoShardedConnectionState, "parse_ready"),
    (AutoShardedConnectionState, "parse_resumed"),
    (BotBase, "load_extension"),
    (BotBase, "unload_extension"),
    (BotBase, "reload_extension"),
    (BotBase, "_call_module_finalizers"),
    (app_commands.CommandTree, "_call"),
    (app_commands.Command, "_invoke_with_namespace"),
    (app_commands.Command, "_invoke_autocomplete"),
    (app_commands.ContextMenu, "_invoke"),
    (app_commands.CommandTree, "_dispatch_error"),
    (BotBase, "can_run"),
    (commands.Command, "can_run"),
    (commands.Command, "_parse_arguments"),
    (commands.Command, "call_before_hooks"),
    (commands.Command, "call_after_hooks"),
    (commands.MaxConcurrency, "acquire"),
    (app_commands.Command, "_check_can_run"),
    (app_commands.Command, "_transform_arguments"),
    (app_commands.ContextMenu, "_check_can_run"),
    (HybridAppCommand, "_check_can_run"),
    (HybridAppCommand, "_transform_arguments"),
    (HybridAppCommand, "_invoke_with_namespace"),
    (ViewStore, "schedule_dynamic_item_call"),
    (tasks.Loop, "_loop"),
    (tasks.Loop, "_call_loop_function"),
    (BaseView, "_dispatch_timeout"),
    (BaseView, "_scheduled_task"),
    (BaseView, "__init__"),
    (discord.ui.Modal, "_scheduled_task"),
    (BaseView, "wait"),
    (discord.Client, "wait_for"),
    (HTTPClient, "request"),
    (HTTPClient, "get_from_cdn"),
    (Ratelimit, "acquire"),
    (Ratelimit, "__aexit__"),
    (AsyncDeferredLock, "__aenter__"),
    (AsyncDeferredLock, "__aexit__"),
    (GatewayRatelimiter, "block"),
    (AsyncWebhookAdapter, "request"),
]
TWICE = {(discord.Client, "login")}
"""Watched for the loop's task factory, and for the set-up and its errors."""


def test_seams_are_there() -> None:
    """Each patched method of an untouched discord.py has the parameters that we count on."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ_THEM],
        input=json.dumps(list(SEAMS)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == SEAMS


def test_signatures_stay(sent: Sent) -> None:
    """A patched method has the parameters of the one in whose place it stands."""
    for owner, name in PATCHED:
        key = next(seam for seam in SEAMS if seam.endswith(f":{owner.__name__}.{name}"))
        assert list(inspect.signature(getattr(owner, name)).parameters) == SEAMS[key]
    # Test doubles of others look for it when they are imported.
    assert "coro" in discord.Client._run_event.__code__.co_varnames


def test_patched_once(sent: Sent) -> None:
    """However often a client is set up, each method is patched once."""
    before = [getattr(owner, name) for owner, name in PATCHED]
    for _ in range(3):
        sent.start()
    assert [getattr(owner, name) for owner, name in PATCHED] == before
    for seam, method in zip(PATCHED, before, strict=True):
        original = getattr(method, "__wrapped__", None)
        if seam in TWICE:
            original = getattr(original, "__wrapped__", None)
        assert not hasattr(original, "__wrapped__")
        assert method.__module__.startswith(("tux.", "discord."))


@pytest.mark.parametrize("version", [(2, 6), (2, 8), (3, 0)])
def test_other_versions(version: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A discord.py whose seams nobody has looked at is left alone."""
    other = type("Version", (), {"major": version[0], "minor": version[1]})
    monkeypatch.setattr(discord, "version_info", other)
    with pytest.raises(DidNotEnable, match=r"2\.7"):
        DiscordIntegration.setup_once()


async def test_a_bot_that_is_made_can_be_told_how_long_to_wait_for_guilds() -> None:
    """The pytest plug-in sets this of a client that somebody else has made."""
    for kind in (discord.Client, discord.AutoShardedClient):
        made = kind(intents=discord.Intents.none(), guild_ready_timeout=3.5)
        assert made._connection.guild_ready_timeout == 3.5
        made._connection.guild_ready_timeout = 0.05
        assert "guild_ready_timeout" in vars(made._connection), (
            "no property that reads it elsewhere"
        )


async def nothing_of(_: Any) -> None: ...


def test_lone_names() -> None:
    """What is read, not patched, is there too."""

    async def nothing() -> None: ...

    loop = tasks.loop(seconds=1)(nothing)
    assert isinstance(loop._valid_exception, tuple)
    assert loop.reconnect is True
    assert loop.coro is nothing
    assert loop.get_task() is None
    assert [getattr(loop, name) for name in ("_before_loop", "_after_loop")] == [None, None]
    bot = commands.Bot("!", intents=discord.Intents.none())
    assert (bot._checks, bot._check_once) == ([], [])
    command: commands.Command[Any, ..., Any] = commands.Command(nothing_of, name="nothing")
    for hooked in (bot, command):
        assert (hooked._before_invoke, hooked._after_invoke) == (None, None)
    slash: app_commands.Command[Any, ..., Any] = app_commands.Command(
        name="nothing", description="d", callback=nothing_of
    )
    assert (slash._params, slash.on_error, slash.parent, slash.binding) == ({}, None, None, None)
    assert bot._connection._command_tree is bot.tree
    assert commands.Cog().__discord_app_commands_error_handler__ is None
    error = LookupError()
    assert commands.CommandInvokeError(error).original is error
    assert discord.http.Route("GET", "/users/{user_id}", user_id=1).path == "/users/{user_id}"


async def test_patches_sleep_without_a_client() -> None:
    """Without a client a patched method does what it always did."""
    seen: list[object] = []

    async def heard(*args: object) -> None:
        seen.extend(args)

    async with discord.Client(intents=discord.Intents.none()) as client:
        await client._run_event(heard, "on_thing", 1, 2)
    assert seen == [1, 2]


async def test_task_factory_calls_the_one_before() -> None:
    """A factory that was there is called in turn, with the context; eagerness is its affair."""
    loop = asyncio.get_running_loop()
    made: list[str] = []

    def before(loop: Any, coro: Any, **options: Any) -> asyncio.Task[Any]:
        made.append(coro.__name__)
        return asyncio.Task(coro, loop=loop, **options)

    loop.set_task_factory(before)
    set_task_factory(loop)
    word: contextvars.ContextVar[str] = contextvars.ContextVar("word", default="none")
    context = contextvars.copy_context()
    context.run(word.set, "there")

    async def read() -> str:
        return word.get()

    assert await asyncio.create_task(read(), context=context, name="reader") == "there"
    assert list(await asyncio.gather(read(), read())) == ["none", "none"]
    assert made == ["read"] * 3
    loop.set_task_factory(None)

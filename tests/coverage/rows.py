"""The rows of docs/coverage.md: what is done, and what has to arrive of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord.ext import commands
from tests.coverage.works import Works, fail, fail_late
from tests.fakes.discord_client import connected
from tests.fakes.lives import Plain, living, point_at

from tux.simulator import Fault, LocalDiscord

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import pytest
    from tests.fakes.discord_client import Client
    from tests.fakes.sent import Sent

    Act = Callable[[Sent, pytest.MonkeyPatch], Awaitable[str | None]]
    """Does it, and gives the id of the user whose work it was."""

EVENT, MISTAKE = True, False


@dataclass(frozen=True)
class Row:
    """One kind of work."""

    work: str
    op: str
    """Of its transaction; empty where there is none."""
    name: str
    act: Act
    fails: bool = EVENT
    """Whether an event has to arrive; a member's mistake is a status only."""
    span: str | None = None
    """Op of the span that it is within its transaction."""
    times: int = 1
    """How often it is done: what is asked too often is asked twice."""


def by_member(do: Callable[[Client], Awaitable[Any]]) -> Act:
    """Let a member do something with a bot that is ready."""

    async def act(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> str:
        async with connected(sent, monkeypatch) as client:
            await _prepare(client)
            await do(client)
            await _settle(client)
            return str(client.member.id)

    return act


def by_bot(do: Callable[[Client], Awaitable[Any]]) -> Act:
    """Let something happen that no member asked for."""

    async def act(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
        async with connected(sent, monkeypatch) as client:
            await _prepare(client)
            await do(client)
            await _settle(client)

    return act


async def _prepare(client: Client) -> None:
    await client.bot.remove_cog("Watched")
    await client.bot.add_cog(Works(client.bot))
    await client.bot.tree.sync()


async def _settle(client: Client) -> None:
    """Wait until no unit of work of the bot runs any more."""
    for _ in range(400):
        await asyncio.sleep(0.005)
        names = {task.get_name() for task in asyncio.all_tasks()}
        if not any(
            name.startswith(("discord.py: on_", "CommandTree", "discord-")) for name in names
        ):
            break


def says(text: str) -> Act:
    return by_member(lambda client: client.member.say(client.channel, text))


def slashes(command: str) -> Act:
    return by_member(lambda client: client.member.slash(client.channel, command))


async def _panel(client: Client, custom_id: str) -> None:
    panel = await client.local.reply_to(await client.member.say(client.channel, "!show"))
    await client.member.click(panel, custom_id)


async def _menu_of_message(client: Client) -> None:
    act = await client.member.say(client.channel, "a message")
    assert act.message is not None
    await client.member.use_menu(client.channel, "of_message", act.message)


async def _form(client: Client) -> None:
    form = await client.local.reply_to(await client.member.slash(client.channel, "form"))
    await client.member.submit_modal(form, word="w")


async def _closing(client: Client) -> None:
    await client.local.reply_to(await client.member.say(client.channel, "!closing"))
    await asyncio.sleep(0.05)


async def _unsynced(client: Client) -> None:
    client.bot.tree.remove_command("unsynced")
    await client.member.slash(client.channel, "unsynced")


async def _cooled(client: Client) -> None:
    await client.local.reply_to(await client.member.say(client.channel, "!cooled"))
    await client.member.say(client.channel, "!cooled")


async def _limited(client: Client) -> None:
    path = "/channels/{channel_id}/messages"
    client.local.faults.add(Fault("POST", path, status=429, retry_after=0.05))
    await client.local.reply_to(await client.member.say(client.channel, "!limited"))


async def _asking(client: Client) -> None:
    await client.local.reply_to(await client.member.say(client.channel, "!asking"))
    await client.member.say(client.channel, "me")


def _user(client: Client) -> discord.User:
    data: Any = client.member.user.payload()
    return discord.User(state=client.bot._connection, data=data)


async def _listener(client: Client) -> None:
    client.bot.dispatch("thing", _user(client))


async def _client_event(client: Client) -> None:
    async def on_happening(_: discord.User) -> None:
        fail()

    client.bot.event(on_happening)
    client.bot.dispatch("happening", _user(client))


async def _bot_listen(client: Client) -> None:
    async def on_listened(_: discord.User) -> None:
        fail()

    client.bot.add_listener(on_listened, "on_happening")
    client.bot.dispatch("happening", _user(client))


async def _unknown(client: Client) -> None:
    await client.member.say(client.channel, "!nothing")


async def _server_error(client: Client) -> None:
    path = "/channels/{channel_id}/messages"
    client.local.faults.add(Fault("POST", path, status=502))
    await client.member.say(client.channel, "!limited")
    await asyncio.sleep(1.2)


def loops(**options: bool) -> Act:
    async def do(client: Client) -> None:
        cog = client.bot.get_cog("Works")
        assert isinstance(cog, Works)
        with suppress(LookupError):
            await cog.make_loop(**options).start()

    return by_bot(do)


async def _extension(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(sent.folder))
    path = sent.folder / "broken_extension.py"
    path.write_text("raise LookupError\n")
    async with connected(sent, monkeypatch) as client:
        with suppress(commands.ExtensionFailed):
            await client.bot.load_extension(path.stem)


async def _teardown(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(sent.folder))
    path = sent.folder / "broken_teardown.py"
    path.write_text("async def setup(bot): pass\nasync def teardown(bot): raise LookupError\n")
    async with connected(sent, monkeypatch) as client:
        await client.bot.load_extension(path.stem)
        await client.bot.unload_extension(path.stem)


async def _reload(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(sent.folder))
    path = sent.folder / "broken_later.py"
    path.write_text("async def setup(bot): pass\n")
    async with connected(sent, monkeypatch) as client:
        await client.bot.load_extension(path.stem)
        path.write_text("raise LookupError  # and so of another size\n")
        with suppress(commands.ExtensionFailed):
            await client.bot.reload_extension(path.stem)


async def _set_up(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:  # as all rows
    bot = Plain()
    bot.setup_hook = fail_late  # type: ignore[method-assign]  # as users do
    async with LocalDiscord() as local, bot:
        point_at(local, monkeypatch)
        with suppress(LookupError):
            await bot.login(local.token)


async def _connect(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:  # as all rows
    async with living(Plain(), monkeypatch):
        pass


async def _resume(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:  # as all rows
    async with living(Plain(), monkeypatch) as life:
        heard = life.hears("resumed")
        await life.local.drop_connections()
        await heard


async def _fatal(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:  # as all rows
    async with living(Plain(), monkeypatch) as life:
        await life.local.close_gateway(4014)
        await life.end()


ROWS = [
    Row("word that is no command", "", "", by_member(_unknown), MISTAKE),
    Row(
        "max_concurrency, waited for",
        "command.prefix",
        "queued",
        says("!queued"),
        span="middleware.discord",
    ),
    Row("bot.listen", "event.discord", "on_happening", by_member(_bot_listen)),
    Row("after_loop", "task.loop", "Works.make_loop.<locals>.turn.after_loop", loops(after=True)),
    Row("extension that is reloaded", "extension.reload", "broken_later", _reload),
    Row("teardown of an extension", "extension.unload", "broken_teardown", _teardown),
    Row(
        "answer to an interaction (webhook adapter)",
        "command.slash",
        "answering",
        slashes("answering"),
        span="http.client",
    ),
    Row(
        "retry after a server error of Discord",
        "command.prefix",
        "limited",
        by_member(_server_error),
        span="discord.retry",
    ),
    Row("close code that ends the bot", "", "", _fatal),
    Row("prefix command", "command.prefix", "prefix", says("!prefix")),
    Row(
        "its error, with a handler of the command's own",
        "command.prefix",
        "handled",
        says("!handled"),
    ),
    Row("its check", "command.prefix", "checked", says("!checked"), span="middleware.discord"),
    Row(
        "its converter",
        "command.prefix",
        "converted",
        says("!converted w"),
        span="middleware.discord",
    ),
    Row(
        "its argument, mistaken by the member",
        "command.prefix",
        "numbered",
        says("!numbered w"),
        MISTAKE,
    ),
    Row("its cooldown", "command.prefix", "cooled", by_member(_cooled), MISTAKE, times=2),
    Row(
        "its before_invoke", "command.prefix", "before", says("!before"), span="middleware.discord"
    ),
    Row("its after_invoke", "command.prefix", "after", says("!after"), span="middleware.discord"),
    Row("hybrid command by prefix", "command.prefix", "hybrid", says("!hybrid")),
    Row("hybrid command by slash", "command.slash", "hybrid", slashes("hybrid")),
    Row("slash command", "command.slash", "slash", slashes("slash")),
    Row(
        "its error, with a handler of the command's own ",
        "command.slash",
        "slash_handled",
        slashes("slash_handled"),
    ),
    Row(
        "its check, raising what discord.py does not wrap",
        "command.slash",
        "slash_checked",
        slashes("slash_checked"),
        span="middleware.discord",
    ),
    Row(
        "slash command that the bot does not know",
        "command.slash",
        "unsynced",
        by_member(_unsynced),
    ),
    Row(
        "context menu of a member",
        "command.menu",
        "of_user",
        by_member(lambda client: client.member.use_menu(client.channel, "of_user", client.member)),
    ),
    Row("context menu of a message", "command.menu", "of_message", by_member(_menu_of_message)),
    Row(
        "autocompletion",
        "command.autocomplete",
        "complete",
        by_member(
            lambda client: client.member.autocomplete(client.channel, "complete", "word", "w")
        ),
    ),
    Row(
        "item of a view",
        "ui.action",
        "Panel.button",
        by_member(lambda client: _panel(client, "button")),
    ),
    Row(
        "DynamicItem",
        "ui.action",
        "Vote.callback",
        by_member(lambda client: _panel(client, "vote:1")),
    ),
    Row("View.on_timeout", "ui.timeout", "Closing.on_timeout", by_bot(_closing)),
    Row("modal", "ui.action", "Form", by_member(_form)),
    Row("listener of a cog", "event.discord", "on_thing", by_member(_listener)),
    Row("event of the client", "event.discord", "on_happening", by_member(_client_event)),
    Row("iteration of tasks.loop", "task.loop", "Works.make_loop.<locals>.turn", loops()),
    Row(
        "iteration, with a handler of the loop's own",
        "task.loop",
        "Works.make_loop.<locals>.turn",
        loops(handler=True),
    ),
    Row(
        "before_loop", "task.loop", "Works.make_loop.<locals>.turn.before_loop", loops(before=True)
    ),
    Row("extension that is loaded", "extension.load", "broken_extension", _extension),
    Row("setup_hook", "bot.setup", "setup_hook", _set_up),
    Row("connect to the gateway", "gateway", "connect", _connect, MISTAKE),
    Row("resume of the gateway", "gateway", "resume", _resume, MISTAKE),
    Row("REST call", "command.prefix", "limited", by_member(_limited), span="http.client"),
    Row(
        "wait for a rate limit",
        "command.prefix",
        "limited",
        by_member(_limited),
        span="discord.ratelimit",
    ),
    Row("wait for a person", "command.prefix", "asking", by_member(_asking), span="ui.wait"),
]

"""What is done for the rows of docs/coverage.md: by members, by the bot, to the bot."""

from __future__ import annotations

import asyncio
from contextlib import suppress
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


async def do_panel(client: Client, custom_id: str) -> None:
    panel = await client.local.reply_to(await client.member.say(client.channel, "!show"))
    await client.member.click(panel, custom_id)


async def do_menu_of_message(client: Client) -> None:
    act = await client.member.say(client.channel, "a message")
    assert act.message is not None
    await client.member.use_menu(client.channel, "of_message", act.message)


async def do_form(client: Client) -> None:
    form = await client.local.reply_to(await client.member.slash(client.channel, "form"))
    await client.member.submit_modal(form, word="w")


async def do_closing(client: Client) -> None:
    await client.local.reply_to(await client.member.say(client.channel, "!closing"))
    await asyncio.sleep(0.05)


async def do_unsynced(client: Client) -> None:
    client.bot.tree.remove_command("unsynced")
    await client.member.slash(client.channel, "unsynced")


async def do_cooled(client: Client) -> None:
    await client.local.reply_to(await client.member.say(client.channel, "!cooled"))
    await client.member.say(client.channel, "!cooled")


async def do_limited(client: Client) -> None:
    path = "/channels/{channel_id}/messages"
    client.local.faults.add(Fault("POST", path, status=429, retry_after=0.05))
    await client.local.reply_to(await client.member.say(client.channel, "!limited"))


async def do_asking(client: Client) -> None:
    await client.local.reply_to(await client.member.say(client.channel, "!asking"))
    await client.member.say(client.channel, "me")


def _user(client: Client) -> discord.User:
    data: Any = client.member.user.payload()
    return discord.User(state=client.bot._connection, data=data)


async def do_listener(client: Client) -> None:
    client.bot.dispatch("thing", _user(client))


async def do_client_event(client: Client) -> None:
    async def on_happening(_: discord.User) -> None:
        fail()

    client.bot.event(on_happening)
    client.bot.dispatch("happening", _user(client))


async def do_bot_listen(client: Client) -> None:
    async def on_listened(_: discord.User) -> None:
        fail()

    client.bot.add_listener(on_listened, "on_happening")
    client.bot.dispatch("happening", _user(client))


async def do_unknown(client: Client) -> None:
    await client.member.say(client.channel, "!nothing")


async def do_server_error(client: Client) -> None:
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


async def do_extension(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(sent.folder))
    path = sent.folder / "broken_extension.py"
    path.write_text("raise LookupError\n")
    async with connected(sent, monkeypatch) as client:
        with suppress(commands.ExtensionFailed):
            await client.bot.load_extension(path.stem)


async def do_teardown(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(sent.folder))
    path = sent.folder / "broken_teardown.py"
    path.write_text("async def setup(bot): pass\nasync def teardown(bot): raise LookupError\n")
    async with connected(sent, monkeypatch) as client:
        await client.bot.load_extension(path.stem)
        await client.bot.unload_extension(path.stem)


async def do_reload(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(sent.folder))
    path = sent.folder / "broken_later.py"
    path.write_text("async def setup(bot): pass\n")
    async with connected(sent, monkeypatch) as client:
        await client.bot.load_extension(path.stem)
        path.write_text("raise LookupError  # and so of another size\n")
        with suppress(commands.ExtensionFailed):
            await client.bot.reload_extension(path.stem)


async def do_set_up(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:  # as all rows
    bot = Plain()
    bot.setup_hook = fail_late  # type: ignore[method-assign]  # as users do
    async with LocalDiscord() as local, bot:
        point_at(local, monkeypatch)
        with suppress(LookupError):
            await bot.login(local.token)


async def do_connect(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:  # as all rows
    async with living(Plain(), monkeypatch):
        pass


async def do_resume(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:  # as all rows
    async with living(Plain(), monkeypatch) as life:
        heard = life.hears("resumed")
        await life.local.drop_connections()
        await heard


async def do_fatal(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:  # as all rows
    async with living(Plain(), monkeypatch) as life:
        await life.local.close_gateway(4014)
        await life.end()

"""Extensions that are loaded, unloaded and reloaded, by members and by the bot itself."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from discord.ext import commands
from tests.fakes.lives import Plain, living
from tests.fakes.sent import parent_of, status_of, trace_of, types_of
from tests.fakes.shops import BROKEN, CHANGED, GOOD, TORN_DOWN, UNLOADED, Keeper
from tests.fakes.world import running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fakes.discord_client import Client
    from tests.fakes.sent import Sent

    Write = Callable[..., str]


@pytest.fixture
async def keeper(client: Client) -> Client:
    await client.bot.add_cog(Keeper(client.bot))
    return client


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    folder = tmp_path / "extensions"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    # Two versions of one second would share their byte code.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(source: str, name: str = "somebodys_shop") -> str:
        path = folder.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(source))
        return name

    return write


def assert_span(unit: Any, op: str, name: str, status: str) -> None:
    (span,) = spans_of(unit)
    assert (span["op"], span["description"], span.get("status", "ok")) == (op, name, status)


async def test_in_a_command(keeper: Client, write: Write) -> None:
    """What a command does to an extension is a span of the command."""
    name = write(GOOD)
    for deed in ("load", "unload"):
        await keeper.member.say(keeper.channel, f"!change {deed} {name}")
    for unit, op in zip(
        await keeper.transactions(2), ("extension.load", "extension.unload"), strict=True
    ):
        assert unit["transaction"] == "change"
        assert_span(unit, op, name, "ok")
    assert keeper.sent.events == []


async def test_by_itself(client: Client, write: Write) -> None:
    """What nobody's command asked for is a unit of its own; a reload has the load as a span."""
    name = write(GOOD, "street.shop")
    await client.bot.load_extension(".shop", package="street")
    await client.bot.reload_extension(name)
    await client.bot.unload_extension(name)
    units = await client.transactions(3)
    deeds = ["load", "reload", "unload"]
    assert [unit["contexts"]["trace"]["op"] for unit in units] == [f"extension.{d}" for d in deeds]
    for unit in units:
        assert unit["transaction"] == unit["tags"]["extension"] == name
        assert status_of(unit) == "ok"
        assert parent_of(unit) is None
    assert_span(units[1], "extension.load", name, "ok")
    assert len({trace_of(unit) for unit in units}) == 3


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("command", ["change", "attempt"])
async def test_broken_in_a_command(keeper: Client, write: Write, how: str, command: str) -> None:
    """A broken extension is one event of the command, whatever the command makes of it."""
    source, level, kind = BROKEN[how]
    name = write(source)
    await keeper.member.say(keeper.channel, f"!{command} load {name}")
    unit = await keeper.transaction()
    event = keeper.sent.event
    assert (event["level"], types_of(event)[-1]) == (level, kind)
    assert event["tags"]["extension"] == name
    assert event["tags"]["error.wrapper"] == "ExtensionFailed"
    assert event["user"]["id"] == str(keeper.member.id)
    assert trace_of(event) == trace_of(unit)
    assert spans_of(unit)[0]["status"] != "ok"


def spans_of(unit: Any) -> list[Any]:
    return [span for span in unit["spans"] if span["op"].startswith("extension.")]


@pytest.mark.parametrize("how", BROKEN)
async def test_broken_by_itself(client: Client, write: Write, how: str) -> None:
    """A broken extension that the bot loads by itself is one event of the load."""
    source, level, kind = BROKEN[how]
    name = write(source)
    with pytest.raises(commands.ExtensionFailed):
        await client.bot.load_extension(name)
    unit = await client.transaction()
    event = client.sent.event
    assert (event["level"], types_of(event)[-1]) == (level, kind)
    assert event["tags"]["extension"] == name
    assert trace_of(event) == trace_of(unit)
    assert status_of(unit) != "ok"


REFUSED = {
    "not there": ("load", "not_there", "ExtensionNotFound"),
    "in no package": ("load", "not.even.a.package", "ModuleNotFoundError"),
    "there already": ("load", "somebodys_shop", "ExtensionAlreadyLoaded"),
    "not loaded": ("unload", "not_there", "ExtensionNotLoaded"),
    "not loaded before": ("reload", "not_there", "ExtensionNotLoaded"),
    "no extension": ("load", "no_setup", "NoEntryPointError"),
    "lost": ("load", ".somebodys_shop", "ExtensionNotFound"),
}


@pytest.fixture
async def shop(keeper: Client, write: Write) -> Client:
    """A keeper with one extension that is loaded, and one that is none."""
    write("x = 1", "no_setup")
    await keeper.bot.load_extension(write(GOOD))
    keeper.sent.forget()
    return keeper


@pytest.mark.parametrize("why", REFUSED)
@pytest.mark.parametrize("command", ["change", "attempt"])
async def test_wrong_name_in_a_command(shop: Client, why: str, command: str) -> None:
    """A wrong name that a member types is no event."""
    deed, name, _ = REFUSED[why]
    await shop.member.say(shop.channel, f"!{command} {deed} {name}")
    await shop.transaction()
    assert shop.sent.events == []


@pytest.mark.parametrize("why", REFUSED)
async def test_wrong_name_by_itself(shop: Client, why: str) -> None:
    """A wrong name that nobody types is one error."""
    deed, name, kind = REFUSED[why]
    with pytest.raises((commands.ExtensionError, ImportError)) as caught:
        await getattr(shop.bot, f"{deed}_extension")(name)
    logging.getLogger("shop").error("again", exc_info=caught.value)
    event = shop.sent.event
    assert (event["level"], types_of(event)[-1]) == ("error", kind)
    assert event["tags"]["extension"] == name


async def test_in_the_setup(
    sent: Sent, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Extensions of the set-up are its spans, and each one that fails is one error of it."""
    names = [write(GOOD), write("def (", "broken"), "not_there"]

    class Setting(Plain):
        async def setup_hook(self) -> None:
            for name in names:
                with suppress(commands.ExtensionError):
                    await self.load_extension(name)

    async with living(Setting(), monkeypatch):
        units = {unit["contexts"]["trace"]["op"]: unit for unit in sent.transactions}
        assert set(units) == {"bot.setup", "gateway"}
        spans = [(span["op"], span["description"]) for span in units["bot.setup"]["spans"]]
        assert spans == [("extension.load", name) for name in names]
        events = sent.events
    assert [event["tags"]["extension"] for event in events] == names[1:]
    assert {event["level"] for event in events} == {"error"}
    assert {trace_of(event) for event in events} == {trace_of(units["bot.setup"])}


async def test_setup_that_a_wrong_name_ends(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong name that nobody catches is one error, and ends the bot."""

    class Setting(Plain):
        async def setup_hook(self) -> None:
            await self.load_extension("not_there")

    async with living(Plain(), monkeypatch) as life:
        async with Setting() as other:
            with pytest.raises(commands.ExtensionNotFound):
                await other.start(life.local.token)
        (event,) = sent.receiver.of("event")
        assert event["level"] == "error"
        assert sent.event == event


@pytest.mark.parametrize("source", [UNLOADED, TORN_DOWN])
@pytest.mark.parametrize("deed", ["unload", "reload"])
async def test_bad_end_in_a_command(keeper: Client, write: Write, source: str, deed: str) -> None:
    """What fails while an extension is taken out is one event of the command, which goes on."""
    name = write(source)
    await keeper.bot.load_extension(name)
    keeper.sent.forget()
    await keeper.member.say(keeper.channel, f"!change {deed} {name}")
    unit = await keeper.transaction()
    assert status_of(unit) == "ok"
    event = keeper.sent.event
    assert types_of(event)[-1] == "LookupError"
    assert event["exception"]["values"][-1]["mechanism"]["handled"] is False
    assert trace_of(event) == trace_of(unit)
    assert (name in keeper.bot.extensions) is (deed == "reload")


@pytest.mark.parametrize("source", [UNLOADED, TORN_DOWN])
async def test_bad_end_of_the_bot(
    sent: Sent, write: Write, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """What fails in an extension while the bot closes is one event."""
    async with living(Plain(), monkeypatch) as life:
        await life.bot.load_extension(write(source))
    assert types_of(sent.event)[-1] == "LookupError"
    assert sent.transactions[-1]["contexts"]["trace"]["op"] == "extension.unload"
    assert trace_of(sent.event) == trace_of(sent.transactions[-1])


async def test_reload_of_what_is_broken_now(shop: Client, write: Write) -> None:
    """A new version that is broken is one event, and the old one stays and is watched."""
    name = write("raise LookupError")
    await shop.member.say(shop.channel, f"!change reload {name}")
    unit = await shop.transaction()
    assert types_of(shop.sent.event) == ["LookupError"]
    assert [(span["op"], span["status"]) for span in spans_of(unit)] == [
        ("extension.reload", "internal_error"),
        ("extension.load", "internal_error"),
    ]
    await shop.member.say(shop.channel, "!buy")
    _, bought = await shop.transactions(2)
    assert (bought["transaction"], status_of(bought)) == ("buy", "ok")


async def test_after_a_reload(shop: Client, write: Write) -> None:
    """Commands and listeners of a new version are watched, and its lines are those of the file."""
    name = write(CHANGED)
    await shop.member.say(shop.channel, f"!change reload {name}")
    reload_ = await shop.transaction()
    other = shop.guild.add_member("robby")
    await other.say(shop.channel, "!buy")
    _, unit = await shop.transactions(2)
    assert unit["user"]["id"] == str(other.id)
    assert trace_of(unit) != trace_of(reload_)
    event = shop.sent.event
    assert trace_of(event) == trace_of(unit)
    assert event["user"] == unit["user"]
    assert "breadcrumbs" not in event or event["breadcrumbs"]["values"] == []
    frame = event["exception"]["values"][-1]["stacktrace"]["frames"][-1]
    assert (frame["module"], frame["lineno"]) == (name, 7)
    assert frame["context_line"].strip() == 'raise LookupError("sold out")'
    shop.bot.dispatch("delivery")
    *_, heard = await shop.transactions(3)
    assert (heard["transaction"], status_of(heard)) == ("on_delivery", "internal_error")
    assert "user" not in heard
    assert len(shop.sent.events) == 2


async def test_by_tux(sent: Sent, write: Write, tmp_path: Path) -> None:
    """Tux's own loader, which captures what it is told, sends one event for each."""
    names = {write(source, f"tux_{n}"): kind for n, (source, _, kind) in enumerate(BROKEN.values())}
    async with running(tmp_path, bot={"extensions": tuple(names)}) as world:
        failed = dict(world.bot.extensions_loaded.failed)
    events = {event["tags"]["extension"]: event for event in sent.events}
    assert len(sent.events) == len(events) == len(names)
    for name, kind in names.items():
        assert types_of(events[name])[-1] == kind
        assert failed[name] == events[name]["event_id"]


async def test_unsampled(sent: Sent, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no transaction is kept, errors still arrive."""
    sent.start(default_sample_rate=0.0)
    async with living(Plain(), monkeypatch) as life:
        with pytest.raises(commands.ExtensionFailed):
            await life.bot.load_extension(write("raise LookupError"))
        assert types_of(sent.event) == ["LookupError"]
        assert sent.event["tags"]["extension"] == "somebodys_shop"
    assert sent.transactions == []

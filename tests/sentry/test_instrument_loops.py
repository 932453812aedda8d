"""What can happen to a loop: before, after and beside its iterations, retries, restarts, its end."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from discord.backoff import ExponentialBackoff
from discord.ext import commands, tasks
from tests.fakes.discord_client import assert_failed, assert_unit
from tests.fakes.sent import status_of, trace_of, types_of
from tests.sentry.watched import fail

from tux.services.sentry import capture_exception

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.discord_client import Client


class Script:
    """What each iteration of a loop does, in order."""

    def __init__(self, *acts: Exception | Callable[[], object] | None) -> None:
        self.acts = list(acts)

    async def play(self) -> None:
        act = self.acts.pop(0)
        if isinstance(act, Exception):
            raise act
        if act is not None:
            act()
            # A cancelled task hears of it here.
            await asyncio.sleep(0)


class Looping(commands.Cog):
    """A loop with all that one may have."""

    def __init__(self, *acts: Exception | Callable[[], object] | None) -> None:
        self.script = Script(*acts)
        self.broken: set[str] = set()
        self.seen: list[str] = []
        self.captured: list[str | None] = []

    @tasks.loop(seconds=0)
    async def work(self) -> None:
        if not self.script.acts:
            self.work.stop()
            return
        await self.script.play()

    @work.before_loop
    async def before(self) -> None:
        self.note("before")

    @work.after_loop
    async def after(self) -> None:
        self.note("after")

    @work.error
    async def failed(self, error: BaseException) -> None:
        self.captured.append(capture_exception(error))
        self.note("error")

    def note(self, name: str) -> None:
        self.seen.append(name)
        if name in self.broken:
            fail(name)


async def ended(loop: tasks.Loop[Any]) -> None:
    """Wait for the end of a loop, however it ends."""
    task = loop.get_task()
    assert task is not None
    await asyncio.wait([task])
    # What nobody retrieves is told of when it is forgotten.
    loop._task = None
    del task
    gc.collect()


NAME = "Looping.work"


def words_of(events: list[Any]) -> list[tuple[str, str | None]]:
    """Give what each event was about, and whether it was the end of a loop."""
    return [
        (event["exception"]["values"][-1]["value"], event["tags"].get("task.dead"))
        for event in events
    ]


async def test_around_a_loop(client: Client) -> None:
    """What runs before and after the iterations is a unit each, with a trace of its own."""
    cog = Looping(None)
    _ = cog.work.start()
    await ended(cog.work)
    units = await client.transactions(4)
    assert [unit["transaction"] for unit in units] == [
        f"{NAME}.before_loop",
        NAME,
        NAME,
        f"{NAME}.after_loop",
    ]
    for unit in units:
        assert_unit(unit, "task.loop", unit["transaction"], "ok")
        assert unit["tags"] == {"loop": NAME}
    assert len({trace_of(unit) for unit in units}) == 4
    assert client.sent.events == []


@pytest.mark.parametrize(
    ("where", "acts", "expected"),
    [
        ("before", (), [("before", "true")]),
        ("after", (), [("after", None)]),
        ("error", (LookupError("work"),), [("work", "true"), ("error", "true")]),
        ("none", (LookupError("work"),), [("work", "true")]),
    ],
)
async def test_around_a_loop_fails(
    client: Client, where: str, acts: tuple[Exception, ...], expected: list[tuple[str, str | None]]
) -> None:
    """What fails there is one event of its unit, which tells whether the loop is dead."""
    cog = Looping(*acts)
    cog.broken.add(where)
    _ = cog.work.start()
    await ended(cog.work)
    await asyncio.sleep(0)
    units = {trace_of(unit): unit for unit in client.sent.transactions}
    events = client.sent.events
    assert words_of(events) == expected
    for event in events:
        unit = units[trace_of(event)]
        assert_unit(unit, "task.loop", event["transaction"], "internal_error")
        assert event["exception"]["values"][-1]["mechanism"]["handled"] is False
        assert event["tags"]["loop"] == NAME
        assert "user" not in event
    if where != "none":
        assert (
            events[-1]["transaction"]
            == {
                "before": f"{NAME}.before_loop",
                "after": f"{NAME}.after_loop",
                "error": f"{NAME}.error",
            }[where]
        )


def make_loop(*acts: Exception | Callable[[], object] | None, **options: Any) -> tasks.Loop[Any]:
    """Make a loop without anything around it."""
    script = Script(*acts)

    async def work() -> None:
        await script.play()

    made: tasks.Loop[Any] = tasks.loop(seconds=0, count=len(acts), **options)(work)
    return made


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let loops try again at once."""
    monkeypatch.setattr(ExponentialBackoff, "delay", lambda _: 0)


@pytest.mark.usefixtures("_at_once")
async def test_retries(client: Client) -> None:
    """What is tried again is a status and a breadcrumb, and a warning the fifth time in a row."""
    loop = make_loop(*[OSError(str(number)) for number in range(6)], None)
    _ = loop.start()
    # A success ends the row: the seventh ends the loop, for it counts those alone.
    loop.count = 1
    await ended(loop)
    units = await client.transactions(7)
    assert [status_of(unit) for unit in units] == ["unavailable"] * 6 + ["ok"]
    event = client.sent.event
    assert event["level"] == "warning"
    assert event["exception"]["values"][-1]["value"] == "4"
    assert event["exception"]["values"][-1]["mechanism"]["handled"] is True
    assert event["contexts"]["loop"]["failures_in_a_row"] == 5
    assert "task.dead" not in event["tags"]
    assert trace_of(event) == trace_of(units[4])


@pytest.mark.usefixtures("_at_once")
async def test_success_ends_the_row(client: Client) -> None:
    """Failures with successes between them are no row."""
    acts = [OSError("once"), OSError("twice"), None] * 4
    loop = make_loop(*acts)
    loop.count = 4
    _ = loop.start()
    await ended(loop)
    await client.transactions(12)
    assert client.sent.events == []


@pytest.mark.usefixtures("_at_once")
async def test_dies_after_retries(client: Client) -> None:
    """The error that ends the loop is the only event, and has nothing of the retried ones."""
    loop = make_loop(OSError("retried"), LookupError("loop"))
    _ = loop.start()
    await ended(loop)
    units = await client.transactions(2)
    event = assert_failed(client.sent, units[1])
    assert event["tags"]["task.dead"] == "true"


async def test_nothing_is_retried(client: Client) -> None:
    """A loop that is told not to try again dies of what others try again."""
    loop = make_loop(OSError("fatal"), reconnect=False)
    _ = loop.start()
    await ended(loop)
    unit = await client.transaction()
    assert_unit(unit, "task.loop", unit["transaction"], "internal_error")
    assert words_of(client.sent.events) == [("fatal", "true")]


async def test_cancelled_within(client: Client) -> None:
    """A loop that cancels itself is no failure."""
    cog = Looping()
    cog.script = Script(cog.work.cancel)
    _ = cog.work.start()
    await ended(cog.work)
    units = await client.transactions(3)
    assert [status_of(unit) for unit in units] == ["ok", "cancelled", "ok"]
    assert client.sent.events == []


async def test_restart_and_interval(client: Client) -> None:
    """A loop that is restarted, with another interval, is watched as before."""
    cog = Looping()

    def again() -> None:
        cog.work.change_interval(seconds=0.001)
        cog.work.restart()

    cog.script = Script(again, None, LookupError("work"))
    first = cog.work.start()
    await asyncio.wait([first])
    await asyncio.sleep(0)
    await ended(cog.work)
    units = await client.transactions(8)
    names = [str(unit["transaction"]).removeprefix(NAME) for unit in units]
    assert names == [
        *(".before_loop", "", ".after_loop"),
        *(".before_loop", "", "", ".error", ".after_loop"),
    ]
    assert words_of(client.sent.events) == [("work", "true")]


async def test_error_handler_restarts(client: Client) -> None:
    """A loop that its error handler starts anew is watched, and one failure stays one event."""
    cog = Looping(LookupError("first"), LookupError("second"))

    async def restart(*_: object) -> None:
        if cog.script.acts:
            cog.work.restart()
            await asyncio.sleep(0)

    cog.work.error(restart)
    first = cog.work.start()
    await asyncio.wait([first])
    await asyncio.sleep(0)
    await ended(cog.work)
    with suppress(LookupError, asyncio.CancelledError):
        await first
    assert words_of(client.sent.events) == [("first", "true"), ("second", "true")]
    first_event, second_event = client.sent.events
    assert trace_of(first_event) != trace_of(second_event)


async def test_reloaded_cog(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop of a cog that is reloaded is watched like the one before."""
    source = """
from discord.ext import commands, tasks

class Again(commands.Cog):
    @tasks.loop(seconds=0, count=1)
    async def work(self):
        raise LookupError("loop")

    async def cog_load(self):
        self.work.start()

async def setup(bot):
    await bot.add_cog(Again())
"""
    path = client.sent.folder / "reloaded.py"
    path.write_text(source)
    monkeypatch.syspath_prepend(str(client.sent.folder))
    await client.bot.load_extension("reloaded")
    await client.transactions(2)
    await client.bot.reload_extension("reloaded")
    units = [one for one in await client.transactions(4) if "loop" in one["tags"]]
    assert len(units) == 2
    for unit in units:
        assert_unit(unit, "task.loop", "Again.work", "internal_error")
    assert words_of(client.sent.events) == [("loop", "true")] * 2
    await client.bot.unload_extension("reloaded")


async def test_called_by_hand(client: Client) -> None:
    """A loop's function that is called by hand is no iteration, and its error ends no loop."""
    cog = Looping(None)
    _ = cog.work.start()
    await ended(cog.work)
    before = len(await client.transactions(4))
    cog.script = Script(LookupError("by hand"))
    with pytest.raises(LookupError, match="by hand"):
        await cog.work()
    assert len(await client.transactions(4)) == before
    assert client.sent.events == []


async def test_handler_captures(client: Client) -> None:
    """A handler that captures what it is given tells the same failure, by the same id."""
    cog = Looping(LookupError("work"))
    _ = cog.work.start()
    await ended(cog.work)
    event = client.sent.event
    assert types_of(event)[-1] == "LookupError"
    assert event["transaction"] == NAME
    assert event["tags"]["task.dead"] == "true"
    assert cog.captured == [event["event_id"]]

"""Views and forms: checks, menus, layouts, handlers, what outlives its message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest
from tests.fakes.discord_client import assert_failed, assert_unit
from tests.fakes.sent import attributes_of, reset, trace_of, types_of
from tests.sentry import showing
from tests.sentry.showing import Sender, shown, used, with_items
from tests.sentry.watched import Form, Interaction, Panel, fail

if TYPE_CHECKING:
    from tests.fakes.discord_client import Client

cog, ready = showing.cog, showing.ready


class Guarded(Panel):
    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        fail()
        return True


class PickyButton(discord.ui.Button[Any]):
    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        fail()
        return True


class Menu(discord.ui.View):
    @discord.ui.select(custom_id="menu", options=[discord.SelectOption(label="bad")])
    async def choose(self, interaction: Interaction, select: Any) -> None:
        await interaction.response.send_message("trying")
        fail()


class Layout(discord.ui.LayoutView):
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()

    @row.button(label="bad", custom_id="bad")
    async def bad(self, interaction: Interaction, _: Any) -> None:
        await interaction.response.send_message("trying")
        fail()


class Gentle(Panel):
    mishap: Exception | None = None

    async def on_error(self, interaction: Any, error: Exception, item: Any, /) -> None:
        if self.mishap is not None:
            raise self.mishap


class GentleForm(Form, title="Form"):
    mishap: Exception | None = None

    async def on_error(self, interaction: Any, error: Exception, /) -> None:  # type: ignore[override]  # discord.py's own is so
        if self.mishap is not None:
            raise self.mishap


class GuardedForm(Form, title="Form"):
    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        fail()
        return True


FAILING = [
    (Guarded, "good", "Guarded.good"),
    (lambda: with_items(PickyButton(label="bad", custom_id="bad")), "bad", "View.PickyButton"),
    (Layout, "bad", "Layout.bad"),
    (lambda: Panel(timeout=None), "bad", "Panel.bad"),
]


@pytest.mark.parametrize(("view", "button", "name"), FAILING)
async def test_click_fails(ready: Client, cog: Sender, view: Any, button: str, name: str) -> None:
    """A check or a callback that raises is one event of who clicked."""
    message = await shown(ready, cog, view())
    other = ready.guild.add_member("robby")
    await other.click(message, button)
    unit = await used(ready)
    assert_unit(unit, "ui.action", name, "internal_error", other)
    assert_failed(ready.sent, unit)


async def test_menu(ready: Client, cog: Sender) -> None:
    """Choosing from a menu is a unit of who chose."""
    message = await shown(ready, cog, Menu())
    other = ready.guild.add_member("robby")
    await other.choose(message, "menu", "bad")
    unit = await used(ready)
    assert_unit(unit, "ui.action", "Menu.choose", "internal_error", other)
    assert_failed(ready.sent, unit)


async def test_persistent_view(ready: Client, cog: Sender) -> None:
    """A view that answers for messages of an earlier process is watched like one just sent."""
    message = await shown(ready, cog, Panel(timeout=None))
    store = ready.bot._connection._view_store
    store._views.clear()
    store._synced_message_views.clear()
    ready.bot.add_view(Panel(timeout=None))
    await ready.member.click(message, "bad")
    unit = await used(ready)
    assert_unit(unit, "ui.action", "Panel.bad", "internal_error", ready.member)
    assert_failed(ready.sent, unit)


async def no_handler(*_: object) -> None:
    """Do nothing, but be there."""


@pytest.mark.parametrize("assigned", [False, True])
async def test_handler_of_a_view(ready: Client, cog: Sender, *, assigned: bool) -> None:
    """A failure that the view's handler is told of is one event that names it, and is counted."""
    view = Panel() if assigned else Gentle()
    if assigned:
        view.on_error = no_handler  # type: ignore[method-assign]  # as users do
    await ready.member.click(await shown(ready, cog, view), "bad")
    event = assert_failed(ready.sent, await used(ready), handled=True)
    assert event["tags"]["error.handler"] == "view"
    (metric,) = ready.sent.metrics_of("errors.handled")
    assert attributes_of(metric)["handler"] == "view"


async def test_handler_of_a_view_fails(ready: Client, cog: Sender) -> None:
    """What the handler of a view raises is one unhandled event more, of who clicked."""
    view = Gentle()
    view.mishap = ZeroDivisionError()
    other = ready.guild.add_member("robby")
    await other.click(await shown(ready, cog, view), "bad")
    assert_two_events(ready, await used(ready), other)


def assert_two_events(client: Client, unit: Any, member: Any) -> None:
    first, second = client.sent.events
    assert [types_of(event)[-1] for event in (first, second)] == [
        "LookupError",
        "ZeroDivisionError",
    ]
    for event, handled in ((first, True), (second, False)):
        assert event["exception"]["values"][-1]["mechanism"]["handled"] is handled
        assert event["user"] == {"id": str(member.id)}
        assert event["transaction"] == unit["transaction"]
        assert trace_of(event) == trace_of(unit)


async def test_timeout_given_later(ready: Client, cog: Sender) -> None:
    """What a view is given to do at its end after it was made is watched, too."""
    view = Panel(timeout=0.01)

    async def on_timeout() -> None:
        fail()

    view.on_timeout = on_timeout  # type: ignore[method-assign]  # as users do
    await shown(ready, cog, view)
    unit = await used(ready)
    assert_unit(unit, "ui.timeout", "Panel.on_timeout", "internal_error")
    assert_failed(ready.sent, unit)


async def submitted(client: Client, cog: Sender, form: Form, word: str) -> Any:
    cog.form = form
    act = await client.member.slash(client.channel, "ask")
    await client.member.submit_modal(await client.local.reply_to(act), word=word)
    return await used(client)


async def test_check_of_a_form(ready: Client, cog: Sender) -> None:
    """A form's check that raises is one event of who sent the form."""
    unit = await submitted(ready, cog, GuardedForm(), "good")
    assert_unit(unit, "ui.action", "GuardedForm", "internal_error", ready.member)
    assert_failed(ready.sent, unit)


async def test_handler_of_a_form(ready: Client, cog: Sender) -> None:
    """A failure that the form's handler is told of is one event that names it."""
    unit = await submitted(ready, cog, GentleForm(), "bad")
    event = assert_failed(ready.sent, unit, handled=True)
    assert event["tags"]["error.handler"] == "modal"


async def test_handler_of_a_form_fails(ready: Client, cog: Sender) -> None:
    """What the handler of a form raises is one unhandled event more."""
    form = GentleForm()
    form.mishap = ZeroDivisionError()
    unit = await submitted(ready, cog, form, "bad")
    assert_two_events(ready, unit, ready.member)


async def test_without_a_client(ready: Client) -> None:
    """With the client gone the handlers of a view are called as ever."""
    called: list[str] = []

    class Quiet(Panel):
        async def on_error(self, *_: Any) -> None:
            called.append("error")

        async def on_timeout(self) -> None:
            called.append("timeout")

    view = Quiet()
    reset()
    await view.on_error(None, LookupError(), None)
    await view.on_timeout()
    assert called == ["error", "timeout"]

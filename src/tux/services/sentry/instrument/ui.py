"""Views and modals: what members click, choose and fill in."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import discord
from discord.ui.view import BaseView

from tux.services.sentry.context import facts_of
from tux.services.sentry.instrument.patching import (
    current_transaction,
    fail,
    is_watching,
    open_unit,
    watch,
)
from tux.services.sentry.units import Unit, unit_of_work

if TYPE_CHECKING:
    from tux.services.sentry.instrument.patching import Method


def install() -> None:
    """Watch the tasks of views and modals, and their ``on_error`` and ``on_timeout``."""
    watch(BaseView, "_scheduled_task")(_act)
    watch(discord.ui.Modal, "_scheduled_task")(_submit)
    made = BaseView.__init__

    @wraps(made)
    def __init__(self: BaseView, *args: Any, **kwargs: Any) -> None:  # noqa: N807  # it is one
        made(self, *args, **kwargs)
        # On the instance: others may take the bound method before anything is dispatched.
        self.on_error = _watched_error(self.on_error)  # type: ignore[method-assign]
        if type(self).on_timeout is not BaseView.on_timeout:
            self.on_timeout = _watched_timeout(self, self.on_timeout)  # type: ignore[method-assign]

    BaseView.__init__ = __init__  # type: ignore[method-assign]


async def _act(
    original: Method,
    view: BaseView,
    item: discord.ui.Item[Any],
    interaction: discord.Interaction[Any],
) -> None:
    with open_unit(_unit_of_item, view, item, interaction):
        await original(view, item, interaction)


def _unit_of_item(
    view: BaseView, item: discord.ui.Item[Any], interaction: discord.Interaction[Any]
) -> Unit:
    # The decorated function of a view, else the class of the item: a custom id may be any text.
    function = getattr(getattr(item, "callback", None), "callback", None)
    name = getattr(function, "__name__", type(item).__name__)
    return Unit("ui.action", f"{type(view).__qualname__}.{name}", partial(facts_of, interaction))


async def _submit(
    original: Method, modal: discord.ui.Modal, interaction: discord.Interaction[Any], *args: Any
) -> None:
    name = type(modal).__qualname__
    with unit_of_work(Unit("ui.action", name, partial(facts_of, interaction))):
        await original(modal, interaction, *args)


def _watched_error(on_error: Any) -> Any:
    @wraps(on_error)
    async def watched(interaction: discord.Interaction[Any], error: Exception, *args: Any) -> None:
        if is_watching():
            fail(error, current_transaction())
        await on_error(interaction, error, *args)

    return watched


def _watched_timeout(view: BaseView, on_timeout: Any) -> Any:
    @wraps(on_timeout)
    async def watched() -> None:
        if not is_watching():
            await on_timeout()
            return
        name = f"{type(view).__qualname__}.on_timeout"
        with unit_of_work(Unit("ui.timeout", name)) as transaction:
            try:
                await on_timeout()
            except BaseException as error:
                fail(error, transaction)
                raise

    return watched

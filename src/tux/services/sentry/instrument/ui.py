"""Views and modals: what members click, choose and fill in."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Final

import discord
from discord.ui.view import BaseView

from tux.services.sentry.context import facts_of
from tux.services.sentry.health import contained
from tux.services.sentry.instrument.handlers import is_overridden, tell
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

_MARK: Final = "_tux_watched"


def install() -> None:
    """Watch the tasks of views and modals, and their ``on_error`` and ``on_timeout``."""
    watch(BaseView, "_scheduled_task")(_act)
    watch(discord.ui.Modal, "_scheduled_task")(_submit)
    made, ends = BaseView.__init__, BaseView._dispatch_timeout  # noqa: SLF001  # the seam; a test pins its name

    @wraps(made)
    def __init__(self: BaseView, *args: Any, **kwargs: Any) -> None:  # noqa: N807  # it is one
        made(self, *args, **kwargs)
        # Now, for others may take the bound method before anything is dispatched.
        _watch_handlers(self)

    @wraps(ends)
    def _dispatch_timeout(self: BaseView) -> None:
        _watch_handlers(self)
        ends(self)  # type: ignore[no-untyped-call]  # as discord.py has it

    BaseView.__init__ = __init__  # type: ignore[method-assign]
    BaseView._dispatch_timeout = _dispatch_timeout  # type: ignore[method-assign]  # noqa: SLF001  # the seam


def _watch_handlers(view: BaseView) -> None:
    """Put ours around the view's ``on_error`` and ``on_timeout``, unless they are there.

    They are not where the view is older than the watch, or has been given others since.
    """
    with contained():
        if not hasattr(view.on_error, _MARK):
            view.on_error = _watched_error(view, view.on_error)  # type: ignore[method-assign]
        has_timeout = is_overridden(view.on_timeout, BaseView.on_timeout)
        if has_timeout and not hasattr(view.on_timeout, _MARK):
            view.on_timeout = _watched_timeout(view, view.on_timeout)  # type: ignore[method-assign]


async def _act(
    original: Method,
    view: BaseView,
    item: discord.ui.Item[Any],
    interaction: discord.Interaction[Any],
) -> None:
    _watch_handlers(view)
    with open_unit(_unit_of_item, view, item, interaction) as transaction:
        try:
            await original(view, item, interaction)
        except BaseException as error:
            # What the callback raised was told already: this is the handler's own.
            fail(error, transaction)
            raise


def _unit_of_item(
    view: BaseView, item: discord.ui.Item[Any], interaction: discord.Interaction[Any]
) -> Unit:
    # The decorated function of a view, else the class of the item: a custom id may be any text.
    function = getattr(getattr(item, "callback", None), "callback", None)
    name = getattr(function, "__name__", type(item).__name__)
    return Unit(
        "ui.action",
        f"{type(view).__qualname__}.{name}",
        partial(facts_of, interaction),
        about=interaction,
    )


async def _submit(
    original: Method, modal: discord.ui.Modal, interaction: discord.Interaction[Any], *args: Any
) -> None:
    _watch_handlers(modal)
    name = type(modal).__qualname__
    with unit_of_work(
        Unit("ui.action", name, partial(facts_of, interaction), about=interaction)
    ) as transaction:
        try:
            await original(modal, interaction, *args)
        except BaseException as error:
            fail(error, transaction)
            raise


def _watched_error(view: BaseView, on_error: Any) -> Any:
    @wraps(on_error)
    async def watched(
        interaction: discord.Interaction[Any], error: Exception, *args: Any, **kwargs: Any
    ) -> None:
        if is_watching():
            tell(error, current_transaction(), partial(_handler_of, view, on_error))
        await on_error(interaction, error, *args, **kwargs)

    setattr(watched, _MARK, True)
    return watched


def _handler_of(view: BaseView, on_error: Any) -> str | None:
    if not is_overridden(on_error, BaseView.on_error, discord.ui.Modal.on_error):
        return None
    return "modal" if isinstance(view, discord.ui.Modal) else "view"


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

    setattr(watched, _MARK, True)
    return watched

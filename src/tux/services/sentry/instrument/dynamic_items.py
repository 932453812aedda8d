"""Dynamic items: what members click on messages whose views are long forgotten."""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Final

from discord.ui.view import ViewStore

from tux.services.sentry.context import facts_of
from tux.services.sentry.health import contained
from tux.services.sentry.instrument.patching import (
    current_transaction,
    fail,
    is_watching,
    open_unit,
    watch,
)
from tux.services.sentry.units import Unit

if TYPE_CHECKING:
    import discord

    from tux.services.sentry.instrument.patching import Method

    Kind = type[discord.ui.DynamicItem[Any]]

_MARK: Final = "_tux_watched"


def install() -> None:
    """Watch ``ViewStore.schedule_dynamic_item_call``, the task of one click."""
    watch(ViewStore, "schedule_dynamic_item_call")(_act)


async def _act(
    original: Method,
    store: ViewStore,
    component_type: int,
    factory: Kind,
    interaction: discord.Interaction[Any],
    *args: Any,
) -> None:
    with open_unit(_unit, factory, interaction) as transaction:
        try:
            await original(store, component_type, _Maker(factory), interaction, *args)
        except BaseException as error:
            fail(error, transaction)
            raise


def _unit(factory: Kind, interaction: discord.Interaction[Any]) -> Unit:
    return Unit(
        "ui.action",
        f"{factory.__qualname__}.callback",
        partial(facts_of, interaction),
        about=interaction,
    )


class _Maker:
    """Stands for the item's class where discord.py makes the item of one click.

    It swallows what the item raises, and logs only some of it: the item itself has to tell.
    """

    __slots__ = ("_kind",)

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kind, name)

    def __repr__(self) -> str:
        return repr(self._kind)

    async def from_custom_id(self, *args: Any) -> Any:
        made = await _telling(self._kind.from_custom_id)(*args)
        with contained():
            for name in ("interaction_check", "callback"):
                method = getattr(made, name)
                # The bot may keep its items, and give the same one again.
                if not hasattr(method, _MARK):
                    setattr(made, name, _telling(method))
        return made


def _telling(method: Any) -> Any:
    @wraps(method)
    async def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return await method(*args, **kwargs)
        except BaseException as error:
            if is_watching():
                fail(error, current_transaction())
            raise

    setattr(told, _MARK, True)
    return told

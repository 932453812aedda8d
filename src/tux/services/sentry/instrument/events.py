"""Listeners: of cogs, of the client, of ``bot.listen``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import discord

from tux.services.sentry.context import Facts, facts_of, user_of
from tux.services.sentry.health import contained
from tux.services.sentry.instrument.handlers import in_failed_unit, remember_failure
from tux.services.sentry.instrument.patching import fail, is_watching, open_unit
from tux.services.sentry.privacy import told_id
from tux.services.sentry.reporting import Details
from tux.services.sentry.units import Unit, current_work, pristine_scope, told_late

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    Coro = Callable[..., Coroutine[Any, Any, Any]]

OF_COMMANDS: Final = frozenset(
    {"on_command", "on_command_completion", "on_command_error", "on_app_command_completion"}
)
"""Events that belong to a command that runs or has just run: they share its scope."""


def install() -> None:
    """Watch ``Client._run_event``."""
    original = discord.Client._run_event  # noqa: SLF001  # the seam; a test pins its name

    # The argument must be called `coro`: simcord looks for it when it is imported.
    async def _run_event(
        self: discord.Client, coro: Coro, event_name: str, *args: Any, **kwargs: Any
    ) -> None:
        if is_watching() and not _is_of_library(coro):
            coro = _watched(coro, event_name)
        try:
            await original(self, coro, event_name, *args, **kwargs)
        except BaseException as error:
            # The client's ``on_error``, which is called when the unit is over.
            if is_watching():
                with in_failed_unit():
                    fail(error, None)
            raise

    discord.Client._run_event = _run_event  # type: ignore[method-assign]  # noqa: SLF001  # the seam


def _is_of_library(coro: Coro) -> bool:
    """Tell the bot's own ``on_message``, which runs commands, from what users write."""
    return str(getattr(coro, "__module__", "")).startswith("discord.")


def _watched(coro: Coro, event_name: str) -> Coro:
    async def watched(*args: Any, **kwargs: Any) -> None:
        listener = str(getattr(coro, "__qualname__", event_name))
        if event_name in OF_COMMANDS:
            # Its command may have ended by now.
            with told_late():
                try:
                    await coro(*args, **kwargs)
                except BaseException as error:
                    _fail_of_command(error, event_name, listener, args)
                    raise
            return
        with open_unit(_unit, event_name, listener, args) as transaction:
            try:
                await coro(*args, **kwargs)
            except BaseException as error:
                fail(error, transaction)
                remember_failure()
                raise

    return watched


def _fail_of_command(
    error: BaseException, event_name: str, listener: str, args: tuple[Any, ...]
) -> None:
    tags: Mapping[str, str] = {"event": event_name, "listener": listener}
    if current_work() is not None:
        fail(error, None, Details(tags=tags, handled=False, by_code=False))
        return
    # A word that is no command has no unit of its own.
    with contained(), pristine_scope(_unit(event_name, listener, args)):
        fail(error, None, Details(handled=False, by_code=False))
        remember_failure()


def _unit(event_name: str, listener: str, args: tuple[Any, ...]) -> Unit:
    return Unit(
        "event.discord", event_name, partial(_facts, event_name, listener, args), about=args
    )


def _facts(event_name: str, listener: str, args: tuple[Any, ...]) -> Facts:
    known = facts_of(args[0]) if args else Facts()
    # The user of a reaction comes second, that of a raw event by its id.
    users = [user_of(one) for one in args if isinstance(one, discord.abc.User)]
    raw = getattr(args[0], "user_id", None) if args else None
    user = next(iter(users), None) or known.user or ({"id": told_id(raw)} if raw else {})
    tags = {**known.tags, "event": event_name, "listener": listener}
    return Facts(user, tags, {**known.discord, "event": event_name})

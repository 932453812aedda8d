"""Extensions: loaded, unloaded and reloaded, and what goes wrong in their modules."""

from __future__ import annotations

from functools import partial
from importlib.util import resolve_name
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from discord.ext import commands
from discord.ext.commands.bot import BotBase

from tux.services.sentry.context import Facts
from tux.services.sentry.health import contained
from tux.services.sentry.instrument.patching import fail, open_unit, watch
from tux.services.sentry.monitoring import start_span
from tux.services.sentry.policy import decide
from tux.services.sentry.policy_rules import Verdict
from tux.services.sentry.reporting import Details
from tux.services.sentry.units import Unit, current_work

if TYPE_CHECKING:
    from types import ModuleType

    from tux.services.sentry.instrument.patching import Method
    from tux.services.sentry.units import Span

DEEDS: Final = ("load", "unload", "reload")
REFUSED: Final = (
    commands.ExtensionNotFound,
    commands.ExtensionAlreadyLoaded,
    commands.ExtensionNotLoaded,
    commands.NoEntryPointError,
)
"""It was not even tried: somebody has given the wrong name."""
OF_PEOPLE: Final = ("command.", "ui.")
"""Ops of units that somebody asked for, who reads the answer."""


def install() -> None:
    """Watch ``load_extension``, ``unload_extension``, ``reload_extension``, and ``teardown``."""
    for deed in DEEDS:
        watch(BotBase, f"{deed}_extension")(partial(_change, f"extension.{deed}"))
    watch(BotBase, "_call_module_finalizers")(_finalise)


async def _change(
    op: str, original: Method, bot: BotBase, name: str, *, package: str | None = None
) -> None:
    full = _full_name(name, package)
    if current_work() is None:
        with open_unit(_unit, op, full) as transaction:
            failure = await _tried(original(bot, name, package=package), transaction, full)
            if failure is not None:
                raise failure
        return
    with start_span(op=op, description=full) as span:
        failure = await _tried(original(bot, name, package=package), span, full)
    if failure is not None:
        # Here, for the SDK gives a span through which it passes a status of its own.
        raise failure


def _unit(op: str, name: str) -> Unit:
    return Unit(op, name, partial(Facts, tags={"extension": name}))


def _full_name(name: str, package: str | None) -> str:
    try:
        return resolve_name(name, package)
    except Exception:  # noqa: BLE001  # whatever was given, discord.py says what is wrong with it
        return str(name)


async def _tried(deed: Any, span: Span, name: str) -> Exception | None:
    try:
        await deed
    except Exception as error:  # noqa: BLE001  # the caller raises it
        with contained():
            fail(error, span, _details(error, name))
        return error
    return None


def _details(error: Exception, name: str) -> Details:
    # A cog is what most people call it, and what a load that they capture by hand is tagged with.
    tags = {"extension": name, "cog": name}
    verdict = None
    if _is_refusal(error, name):
        verdict = Verdict.BREADCRUMB if _is_of_people() else Verdict.ERROR
    elif not decide(error).verdict.is_sent:
        # What is a member's mistake in a command is nobody's in a module.
        verdict = Verdict.ERROR
    return Details(tags=tags, handled=False, by_code=False, verdict=verdict)


def _is_refusal(error: Exception, name: str) -> bool:
    if isinstance(error, ModuleNotFoundError) and error.name is not None:
        # discord.py looks for the module through its parents, and lets their absence pass as it is.
        return name.startswith(f"{error.name}.")
    return isinstance(error, REFUSED)


def _is_of_people() -> bool:
    work = current_work()
    return work is not None and work.unit.op.startswith(OF_PEOPLE)


async def _finalise(original: Method, bot: BotBase, lib: ModuleType, key: str) -> None:
    teardown = getattr(lib, "teardown", None)
    if teardown is None:
        await original(bot, lib, key)
        return

    async def watched(of: BotBase) -> None:
        try:
            await teardown(of)
        except BaseException as error:
            # discord.py drops it without a word.
            fail(error, None, Details(tags={"extension": key}, handled=False, by_code=False))
            raise

    # What discord.py reads of a module here; the module itself may be needed again.
    await original(bot, SimpleNamespace(__name__=lib.__name__, teardown=watched), key)

"""Extensions: found, loaded, and named when they are broken."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final

from discord.ext import commands
from loguru import logger

from tux.services.sentry import capture_cog_error
from tux.services.sentry.policy import unwrap
from tux.shared.exceptions import TuxConfigurationError, TuxExtensionError

if TYPE_CHECKING:
    from collections.abc import Iterable

PACKAGE: Final = "tux.modules"
LOAD_ERRORS: Final = (commands.ExtensionError, ImportError)
"""What loading may raise: discord.py lets an import error of a parent package pass as it is."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of loading extensions."""

    names: tuple[str, ...] = ()
    failed: dict[str, str | None] = field(default_factory=dict)
    """Extension → id of the event that tells why."""


def own_extensions() -> list[str]:
    """Name Tux's own modules."""
    spec = find_spec(PACKAGE)
    places = spec.submodule_search_locations if spec else None
    return sorted(f"{PACKAGE}.{module.name}" for module in iter_modules(places))


def full_name(name: str, allowed: Iterable[str]) -> str:
    """Give the dotted name of an extension that a person calls by its last part.

    Raises:
        TuxExtensionError: it is none of those that are allowed: nobody imports what he likes.
    """
    known = list(allowed)
    for candidate in (name, f"{PACKAGE}.{name}"):
        if candidate in known:
            return candidate
    raise TuxExtensionError(name, "there is no such extension")


async def load_all(bot: commands.Bot, names: Iterable[str]) -> Loaded:
    """Load extensions; one that is broken is told once, and the others are loaded all the same."""
    loaded: list[str] = []
    failed: dict[str, str | None] = {}
    for name in names:
        try:
            await bot.load_extension(name)
        except LOAD_ERRORS as error:
            failed[name] = capture_cog_error(error, cog_name=name)
            logger.warning("{} is left out: {}", name, reason_of(error))
        else:
            loaded.append(name)
    return Loaded(tuple(loaded), failed)


def reason_of(error: BaseException) -> str:
    """Say in one line why an extension could not be loaded; values of settings stay out."""
    root = unwrap(error)
    if isinstance(root, TuxConfigurationError | commands.ExtensionError):
        return str(root)
    # These speak of code, others may quote a secret.
    says = f" ({root})" if isinstance(root, NameError | ImportError | SyntaxError) else ""
    return f"{type(root).__name__} while it was loaded{says}"

"""``tux.toml`` → definitions; all faults of it are told together, each with its line."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from tux.shared.exceptions import TuxConfigurationError
from tux.shared.toml_lines import TomlLines
from tux.watch.definitions import (
    AlertRule,
    Cron,
    Definition,
    Definitions,
    Metric,
    Team,
    Widget,
    strangers,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

SECTION: Final = "watch"
FILE: Final = Path("tux.toml")
KINDS: Final[dict[str, type[Definition]]] = {
    "metrics": Metric,
    "widgets": Widget,
    "alerts": AlertRule,
    "crons": Cron,
    "teams": Team,
}
"""Tables below ``[watch]``, and what each entry of them is."""


@cache
def default_document() -> Mapping[str, Any]:
    """Read what Tux watches by itself."""
    return tomllib.loads(files("tux.watch").joinpath("defaults.toml").read_text(encoding="utf-8"))


def default_definitions() -> Definitions:
    """Make the definitions of a station that nobody gave a file."""
    return definitions_of({}, TomlLines(""), FILE)


def load_definitions(path: Path = FILE) -> Definitions:
    """Read the definitions: Tux's own, and what ``[watch]`` of a file says instead or beside.

    Raises:
        TuxConfigurationError: the file cannot be read, or something below ``[watch]`` is wrong. The
            message names every fault with its line, never a value.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        # Only the line of a TOML error is told: its text may quote a secret.
        where = str(error) if isinstance(error, tomllib.TOMLDecodeError) else type(error).__name__
        hint = f"{path} cannot be read: {where}. Mend it or take it away."
        raise TuxConfigurationError(str(path), hint) from None
    return definitions_of(document.get(SECTION, {}), TomlLines(text), path)


def definitions_of(given: object, lines: TomlLines, path: Path) -> Definitions:
    """Make definitions of what stands below ``[watch]``; see ``load_definitions``."""
    merged = _merged(default_document(), given) if isinstance(given, dict) else given
    try:
        made = Definitions.model_validate(merged)
    except ValidationError as error:
        faults = [(_place(fault), _words(fault)) for fault in error.errors()]
    else:
        faults = []
    faults += strangers(merged) if isinstance(merged, dict) else []
    if not faults:
        return made
    told = sorted({(lines.line_of((SECTION, *place)) or 1, place, text) for place, text in faults})
    raise TuxConfigurationError(
        str(path),
        "".join(
            f"\n  {path}:{line}: {'.'.join((SECTION, *map(str, place)))}: {text}{'' if text.endswith('?') else '.'}"
            for line, place, text in told
        ),
    )


def _merged(default: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Lay what is given over the default, name by name; lists are taken whole."""
    return dict(default) | {
        name: _merged(default[name], value)
        if isinstance(value, dict) and isinstance(default.get(name), dict)
        else value
        for name, value in given.items()
    }


def _place(fault: ErrorDetails) -> tuple[str | int, ...]:
    # pydantic says `[key]` of a name that is wrong, and goes into unions by their branch.
    return tuple(part for part in fault["loc"] if part != "[key]")[:4]


def _words(fault: ErrorDetails) -> str:
    """Say what is wrong, with what may have been meant, and never the value."""
    message = fault["msg"][:1].lower() + fault["msg"][1:]
    if fault["type"] == "extra_forbidden":
        return f"this is unknown{_suggestion([str(part) for part in fault['loc']])}"
    if fault["type"] == "missing":
        return "this is missing"
    if fault["type"] in {"dict_type", "mapping_type", "model_type"}:
        return "this must be a table"
    return message


def _suggestion(place: list[str]) -> str:
    # The last part is the unknown one: below [watch] it is a table's name, further down a field's.
    known = list(KINDS if len(place) == 1 else KINDS[place[0]].model_fields)
    close = get_close_matches(place[-1], known, n=1, cutoff=0.6)
    return f", did you mean {close[0]}?" if close else f"; known are {', '.join(known)}"

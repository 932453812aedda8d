"""A command as a member writes it → the data of its interaction, typed as the bot registered it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tux.simulator.errors import BadOptionError, UnknownCommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tux.simulator.model import Json
    from tux.simulator.resolved import Resolved

SUBCOMMAND, GROUP = 1, 2
STRING, INTEGER, BOOLEAN, NUMBER = 3, 4, 5, 10
"""Option types, https://discord.com/developers/docs/interactions/application-commands, API v10."""
POINTERS = frozenset({6, 7, 8, 9})
"""User, channel, role, mentionable."""


def _text(value: object) -> object:
    return value if isinstance(value, str) else str(value)


def _whole(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    return int(value)


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    return float(value)


def _yes_or_no(value: object) -> object:
    if not isinstance(value, bool):
        raise TypeError
    return value


PLAIN: dict[int, tuple[str, Callable[[object], object]]] = {
    STRING: ("a text", _text),
    INTEGER: ("a whole number", _whole),
    BOOLEAN: ("True or False", _yes_or_no),
    NUMBER: ("a number", _number),
}
"""Option type → what it takes, in words, and what makes a value of it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A command line: words after the slash, and options by name."""

    words: str
    options: Mapping[str, object]
    focused: str | None = None
    """The option being typed, for an autocompletion: it need not be right, others not be there."""


def command_data(known: Mapping[str, Json], written: Written, resolved: Resolved) -> Json:
    """Build the field ``data`` of a command's interaction.

    Raises:
        UnknownCommandError: the bot has synced no such command.
        BadOptionError: an option is unknown, missing or of a wrong type.
    """
    name, *path = written.words.removeprefix("/").split()
    if name not in known:
        raise UnknownCommandError(written.words, _names(known))
    command = known[name]
    schema: list[Json] = command.get("options", [])
    nested: list[Json] = []
    for word in path:
        found = [o for o in schema if o["name"] == word and o["type"] in {SUBCOMMAND, GROUP}]
        if not found:
            raise UnknownCommandError(written.words, _names(known))
        nested.append(found[0])
        schema = found[0].get("options", [])
    if any(option["type"] in {SUBCOMMAND, GROUP} for option in schema):
        raise UnknownCommandError(written.words, _names(known))
    options = _options(written, schema, resolved)
    for step in reversed(nested):
        options = [{"name": step["name"], "type": step["type"], "options": options}]
    data: Json = {key: command[key] for key in ("id", "name", "type", "guild_id") if key in command}
    return {**data, "options": options, **resolved.described()}


def _names(known: Mapping[str, Json]) -> list[str]:
    """List commands as they are written, with their subcommands."""
    names: list[str] = []
    waiting = [(name, command) for name, command in known.items()]
    while waiting:
        name, node = waiting.pop()
        below = [o for o in node.get("options", []) if o["type"] in {SUBCOMMAND, GROUP}]
        waiting += [(f"{name} {option['name']}", option) for option in below]
        if not below:
            names.append(name)
    return names


def _options(written: Written, schema: list[Json], resolved: Resolved) -> list[Json]:
    registered = {option["name"]: option for option in schema}
    for name in written.options:
        if name not in registered:
            known = ", ".join(registered) or "none"
            raise BadOptionError(written.words, name, f"is unknown; known: {known}")
    if written.focused is None:
        for name, option in registered.items():
            if option.get("required") and written.options.get(name) is None:
                raise BadOptionError(written.words, name, "is required")
    return [
        {
            "name": name,
            "type": registered[name]["type"],
            "value": value
            if name == written.focused
            else _value(written.words, registered[name], value, resolved),
            **({"focused": True} if name == written.focused else {}),
        }
        for name, value in written.options.items()
        if value is not None
    ]


def _value(command: str, option: Json, value: object, resolved: Resolved) -> object:
    name, kind = option["name"], option["type"]
    if kind in POINTERS:
        return resolved.point(value)
    if kind not in PLAIN:
        raise BadOptionError(command, name, f"is of type {kind}, which no scripted member can give")
    words, make = PLAIN[kind]
    try:
        made = make(value)
    except (TypeError, ValueError):
        raise BadOptionError(command, name, f"takes {words}, not {value!r}") from None
    _check_bounds(command, option, made)
    return made


def _check_bounds(command: str, option: Json, value: object) -> None:
    choices = [choice["value"] for choice in option.get("choices", [])]
    if choices and value not in choices:
        raise BadOptionError(command, option["name"], f"must be one of {choices}, not {value!r}")
    measures = {
        "value": value if isinstance(value, int | float) else None,
        "length": len(value) if isinstance(value, str) else None,
    }
    for measure, size in measures.items():
        low, high = option.get(f"min_{measure}"), option.get(f"max_{measure}")
        if size is not None and not (low is None or size >= low):
            raise BadOptionError(command, option["name"], f"must have a {measure} from {low}")
        if size is not None and not (high is None or size <= high):
            raise BadOptionError(command, option["name"], f"must have a {measure} up to {high}")

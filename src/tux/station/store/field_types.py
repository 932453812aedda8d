"""What is wrong with the values of a row that was made of foreign JSON. Pure."""

from __future__ import annotations

import math
import typing
from dataclasses import fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST: Final = 2**63
_NAMES: Final[dict[type, str]] = {
    str: "a text",
    float: "a number",
    int: "a whole number",
    bool: "true or false",
    bytes: "bytes",
    type(None): "null",
    list: "a list",
    dict: "an object",
}


def fault_of(row: Any) -> str | None:
    """Name the first field whose value the file cannot hold, and say what it is instead."""
    kind: Any = type(row)
    for name, expected in _fields(kind).items():
        value = getattr(row, name)
        for one in value if isinstance(value, tuple) else (value,):
            if is_dataclass(one) and (fault := fault_of(one)) is not None:
                return f"its {name}: {fault}"
        if expected and not any(_fits(value, kind) for kind in expected):
            wanted = " or ".join(_NAMES[kind] for kind in expected)
            return f"its {name} is {_told(value)}, and must be {wanted}"
    return None


@cache
def _fields(row: type[Any]) -> Mapping[str, tuple[type, ...]]:
    """Give the types that each field may have; none where it is no plain value."""
    hints = typing.get_type_hints(row)
    found: dict[str, tuple[type, ...]] = {}
    for one in fields(row):
        arms = typing.get_args(hints[one.name]) or (hints[one.name],)
        found[one.name] = (
            tuple(arms) if all(type(arm) is type and arm in _NAMES for arm in arms) else ()
        )
    return found


def _fits(value: object, kind: type) -> bool:
    if type(value) is int:
        return kind in (int, float) and abs(value) < _LARGEST
    if type(value) is float:
        return kind is float and math.isfinite(value)
    return type(value) is kind


def _told(value: object) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "no finite number"
    if type(value) is int and abs(value) >= _LARGEST:
        return "too large"
    return _NAMES.get(type(value), "something else")

"""What the names in a mapping tell of its values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tux.services.sentry.scrubbing.markers import MARKER, marker
from tux.services.sentry.scrubbing.names import is_count, is_plain

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from tux.services.sentry.scrubbing.own_rules import OwnRules

# What receivers find things by: a part of it that looks like a secret is chance.
IDS = frozenset(
    {"event_id", "trace_id", "span_id", "parent_span_id", "segment_id", "check_in_id", "sid"}
)
ID = re.compile(r"[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?")
"""Each is seen once: there is nothing to remember of the rules' work."""
# In quotes among the variables of a frame.
_OPTION = re.compile(r"(['\"]?)--?([\w-]{2,64})\1")
_PAIR_FIELDS = ("name", "key", "header", "custom_id", "type")
_KEY_PARTS = frozenset({"d", "k", "p", "q", "dp", "dq", "qi"})
_ATTRIBUTE = frozenset({"value", "type", "unit"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be looked at in mappings of the same names."""

    telling: dict[Any, str]
    """Name → kind of its value; of an id, its name."""
    names: tuple[str, ...] | None
    """The names without secrets; None when they are as they were."""
    looks_beside: bool
    """Whether one value may tell what another is."""


def looks_beside(names: Container[object]) -> bool:
    """Tell whether in a mapping of these names one value may tell what another is."""
    return "value" in names or "kty" in names


def kinds_beside(data: dict[Any, Any], own: OwnRules) -> dict[str, str]:
    """Tell what a value is by what stands beside it."""
    # A number is a metric's.
    if isinstance(data.get("value"), str | list | dict):
        for field in _PAIR_FIELDS:
            name = data.get(field)
            if isinstance(name, dict):
                name = name.get("value")
            kind = None if name is None else own.kind_of_pair(field, str(name))
            if kind is not None:
                return {"value": kind}
    return dict.fromkeys(_KEY_PARTS, "private key") if "kty" in data else {}


def removed(value: Any, kind: str) -> Any:
    """Return what stands for a value whose name tells that it is a secret."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and (MARKER.fullmatch(value) or is_plain(kind, value)):
        return value
    if isinstance(value, int | float) and is_count(kind, f"{abs(value)}"):
        return value
    if isinstance(value, dict) and value.keys() >= {"value", "type"} and value.keys() <= _ATTRIBUTE:
        # An attribute of a log line, metric or span: receivers insist on its form.
        if removed(value["value"], kind) is value["value"]:
            return value
        return {"value": marker(kind), "type": "string"}
    return marker(kind)


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Number names that have become the same, so that no value is lost."""
    told: dict[str, None] = {}
    for name in names:
        number, one = 1, name
        while one in told:
            number += 1
            one = f"{name} {number}"
        told[one] = None
    return tuple(told)


def without_arguments(data: list[Any], own: OwnRules) -> list[Any]:
    """Remove what follows an option in a list of arguments: ``["--password", "…"]``."""
    told = data
    for place, (option, value) in enumerate(pairwise(data), 1):
        found = _OPTION.fullmatch(option) if type(option) is str and type(value) is str else None
        kind = found and own.kind_of(found[2])
        if found and kind and kind != "content" and not value.startswith(f"{found[1]}--"):
            told = list(data) if told is data else told
            told[place] = f"{found[1]}{removed(value, kind)}{found[1]}"
    return told


def without_headers(data: list[Any], own: OwnRules) -> list[Any]:
    """Remove the values of headers in pairs: ``[["Cookie", "…"], …]``."""
    if not all(isinstance(one, list | tuple) and len(one) == 2 for one in data):  # noqa: PLR2004  # a pair
        return data
    return [
        [name, removed(value, kind)]
        if isinstance(name, str)
        and (kind := own.kind_of(name)) is not None
        and value not in ("", *own.kept_values)
        else [name, value]
        for name, value in data
    ]

"""Buttons, menus and forms: finding one as a person does, and filling it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.simulator.errors import ImpossibleActError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tux.simulator.model import Json

BUTTON, STRING_MENU, TEXT_INPUT = 2, 3, 4
POINTER_MENUS = frozenset({5, 6, 7, 8})
"""Component types, https://discord.com/developers/docs/components/reference, API v10."""
LABEL = 18
LINK_STYLE = 5


def walk(components: Sequence[Json]) -> Iterator[Json]:
    """Go through components and those inside them."""
    for component in components:
        yield component
        inside = [component[key] for key in ("component", "accessory") if component.get(key)]
        yield from walk([*component.get("components", []), *inside])


def usable(components: Sequence[Json], wanted: str, kinds: frozenset[int]) -> Json:
    """Find what a person would use, by its custom id or by what is written on it.

    Raises:
        ImpossibleActError: it is not there, or disabled.
    """
    found = [part for part in walk(components) if part.get("type") in kinds]
    for key in ("custom_id", "label", "placeholder"):
        for part in found:
            if part.get(key) == wanted and "custom_id" in part:
                if part.get("disabled"):
                    raise ImpossibleActError(f"{wanted!r} is disabled")
                return part
    there = [part.get("label") or part.get("custom_id") for part in found]
    raise ImpossibleActError(f"there is no {wanted!r} to use, only {there}")


def filled(modal: Json, fields: Mapping[str, str]) -> list[Json]:
    """Fill in a form. Fields go by custom id, or by label in small letters with underscores.

    Raises:
        ImpossibleActError: a field is unknown or a required one is left empty.
    """
    left = dict(fields)
    # A row that is only to be read comes back to nobody.
    rows = [
        _filled_row(row, left)
        for row in modal.get("components", [])
        if "components" in row or "component" in row
    ]
    if left:
        raise ImpossibleActError(f"the form has no field {', '.join(left)}")
    return rows


def _filled_row(row: Json, left: dict[str, str]) -> Json:
    if row.get("type") == LABEL:
        inside = _filled_input(row["component"], row.get("label", ""), left)
        return {"type": LABEL, "id": row.get("id", 0), "component": inside}
    inputs = [_filled_input(part, part.get("label") or "", left) for part in row["components"]]
    return {"type": row["type"], "id": row.get("id", 0), "components": inputs}


def _filled_input(part: Json, label: str, left: dict[str, str]) -> Json:
    names = (part["custom_id"], label, label.lower().replace(" ", "_"))
    given = [left.pop(name) for name in names if name in left]
    value = given[0] if given else part.get("value") or ""
    if part.get("required", True) and not value:
        raise ImpossibleActError(f"the form's field {label or names[0]!r} is required")
    described = {"type": part["type"], "id": part.get("id", 0), "custom_id": part["custom_id"]}
    if part["type"] == TEXT_INPUT:
        return {**described, "value": value}
    return {**described, "values": [value] if value else []}

"""Wanted and found → what to do. Pure.

Three things are held against each other: what the definitions ask for, what Sentry has, and, by the
hash in an object's mark, what was last applied. So it can be told who changed something.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tux.provisioning.comparable import comparable
from tux.provisioning.marks import spec_of
from tux.provisioning.objects import REMOVABLE, Body, Found, Kind, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Verb(StrEnum):
    """What is done to an object."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Cause(StrEnum):
    """Why something is to be done."""

    NEW = "is not there yet"
    YOURS = "you changed it"
    THEIRS = "someone edited it in Sentry"
    BOTH = "you changed it, and someone edited it in Sentry"
    DIFFERS = "differs"
    """The object has no room for a mark, so who did it cannot be told."""
    ADOPTED = "is taken over"
    GONE = "is no longer declared"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that is another."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do."""

    verb: Verb
    kind: Kind
    key: str
    title: str
    cause: Cause
    changes: tuple[Change, ...]
    wanted: Wanted | None = None
    found: Found | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is to be done, in order."""

    actions: tuple[Action, ...] = ()
    orphans: tuple[Found, ...] = ()
    """Ours, and no longer declared: they stay unless pruning is asked for."""
    faults: tuple[str, ...] = ()
    """What a person must decide first; then there are no actions."""


def plan(
    wanted: Sequence[Wanted], found: Sequence[Found], *, prune: bool = False, adopt: bool = False
) -> Plan:
    """Say what must be done so that Sentry has what is wanted, and what of ours is left over."""
    faults = (*_doubles(found), *(() if adopt else _strangers(wanted, found)))
    if faults:
        return Plan(faults=faults)
    there = _there(found, adopt=adopt)
    names = {(one.kind, one.key) for one in wanted}
    orphans = tuple(one for one in found if one.is_ours and (one.kind, one.key) not in names)
    kinds = list(Kind)
    made = (
        action
        for one in sorted(wanted, key=lambda one: kinds.index(one.kind))
        if (action := _action(one, there.get((one.kind, one.key))))
    )
    if not prune:
        return Plan(tuple(made), orphans)
    return Plan((*removals(orphans), *made))


def removals(found: Sequence[Found]) -> Iterator[Action]:
    """Say how objects are removed: alerts hold on to monitors, so they go first."""
    for kind in REMOVABLE:
        for one in found:
            if one.kind is kind:
                yield Action(Verb.DELETE, kind, one.key, one.title, Cause.GONE, (), None, one)


def spec(one: Wanted) -> str:
    """Hash what is wanted, as it will stand in the object's mark."""
    return spec_of(comparable(one.kind, one.body))


def _there(found: Sequence[Found], *, adopt: bool) -> dict[tuple[Kind, str], Found]:
    strangers = {(one.kind, one.key): one for one in found if adopt and not one.is_ours}
    return strangers | {(one.kind, one.key): one for one in found if one.is_ours}


def _doubles(found: Sequence[Found]) -> Iterator[str]:
    counted = Counter((one.kind, one.key) for one in found if one.is_ours)
    for (kind, key), count in counted.items():
        if count > 1:
            ids = ", ".join(one.id for one in found if (one.kind, one.key) == (kind, key))
            yield f"{count} {kind}s carry the mark of {key} (ids {ids}): remove the copies in Sentry."


def _strangers(wanted: Sequence[Wanted], found: Sequence[Found]) -> Iterator[str]:
    ours = {(one.kind, one.key) for one in found if one.is_ours}
    names = {(one.kind, one.key) for one in wanted}
    for one in found:
        name = (one.kind, one.key)
        if not one.is_ours and name in names and name not in ours:
            yield (
                f'the {one.kind} "{one.title}" (id {one.id}) has our name but not our mark: '
                "rename it, or take it over with --adopt."
            )


def _action(wanted: Wanted, found: Found | None) -> Action | None:
    after = comparable(wanted.kind, wanted.body)
    title = wanted.title
    if found is None:
        changes = tuple(Change(path, None, value) for path, value in _flat(after))
        return Action(Verb.CREATE, wanted.kind, wanted.key, title, Cause.NEW, changes, wanted)
    before = comparable(found.kind, found.body)
    changes = tuple(_changes(before, after))
    is_marked = found.spec is None or found.spec == spec_of(after)
    if not changes and is_marked and found.is_ours:
        return None
    cause = _cause(found, spec_of(before), spec_of(after))
    return Action(Verb.UPDATE, wanted.kind, wanted.key, title, cause, changes, wanted, found)


def _cause(found: Found, before: str, after: str) -> Cause:
    if not found.is_ours:
        return Cause.ADOPTED
    if found.spec is None:
        return Cause.DIFFERS
    if found.spec == after:
        return Cause.THEIRS
    return Cause.YOURS if before in {found.spec, after} else Cause.BOTH


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Write a tree as path and value; an empty table has no path."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _flat(part, f"{path}.{name}" if path else name)
    else:
        yield path, value


def _changes(before: Body, after: Body) -> Iterator[Change]:
    old, new = dict(_flat(before)), dict(_flat(after))
    for path in [*new, *(path for path in old if path not in new)]:
        if old.get(path) != new.get(path):
            yield Change(path, old.get(path), new.get(path))

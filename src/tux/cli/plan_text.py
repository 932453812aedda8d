"""A plan, as people read it and as programs do."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from rich.markup import escape

from tux.provisioning.plan import Cause, Verb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tux.provisioning.plan import Action, Change
    from tux.provisioning.session import Sight

_SIGNS: Final = {
    Verb.CREATE: "[green]+[/]",
    Verb.UPDATE: "[yellow]~[/]",
    Verb.DELETE: "[red]-[/]",
}
_WORDS: Final = {
    Verb.CREATE: "to create",
    Verb.UPDATE: "to change",
    Verb.DELETE: "to remove",
}


def headline(action: Action) -> str:
    """Say what is done to what, in one line."""
    named = f"{action.kind} [bold]{escape(action.key)}[/]"
    title = f' "{escape(action.title)}"' if action.title != action.key else ""
    return f"{_SIGNS[action.verb]} {named}{title}"


def lines_of(action: Action) -> Iterator[str]:
    """Say what is done, and every value that becomes another."""
    cause = "" if action.cause is Cause.NEW else f"  [dim]({action.cause})[/]"
    yield f"{headline(action)}{cause}"
    if action.verb is Verb.UPDATE and not action.changes:
        yield "    [dim]only its mark[/]"
    for change in action.changes:
        if action.verb is Verb.UPDATE:
            yield f"    {_sign(change)} {escape(change.path)}: {_values(change)}"
        elif change.after not in (None, "", []):
            yield f"    [green]+[/] {escape(change.path)}: {_value(change.after)}"


def summary(sight: Sight) -> str:
    """Say how much there is to do."""
    counts = Counter(action.verb for action in sight.plan.actions)
    text = (
        "[bold]Plan:[/] " + ", ".join(f"{counts[verb]} {_WORDS[verb]}" for verb in Verb) + "."
        if counts
        else "[bold green]Nothing to do:[/] Sentry has what is declared."
    )
    if orphans := sight.plan.orphans:
        names = ", ".join(escape(f"{one.kind} {one.key}") for one in orphans)
        text += f"\nOurs, and no longer declared: {names}. [bold]--prune[/] removes them."
    return text


def as_json(sight: Sight) -> dict[str, Any]:
    """Give programs the same."""
    counts = Counter(action.verb for action in sight.plan.actions)
    return {
        "actions": [
            {
                "action": action.verb,
                "kind": action.kind,
                "key": action.key,
                "title": action.title,
                "id": action.found.id if action.found else None,
                "cause": action.cause,
                "changes": [
                    {"path": one.path, "before": one.before, "after": one.after}
                    for one in action.changes
                ],
            }
            for action in sight.plan.actions
        ],
        "orphans": [
            {"kind": one.kind, "key": one.key, "id": one.id, "title": one.title}
            for one in sight.plan.orphans
        ],
        "notes": list(sight.notes),
        "summary": {verb.value: counts[verb] for verb in Verb},
    }


def _sign(change: Change) -> str:
    if change.before is None:
        return _SIGNS[Verb.CREATE]
    return _SIGNS[Verb.DELETE if change.after is None else Verb.UPDATE]


def _values(change: Change) -> str:
    if change.before is None:
        return _value(change.after)
    if change.after is None:
        return f"[red]{_value(change.before)}[/]"
    return f"[red]{_value(change.before)}[/] → [green]{_value(change.after)}[/]"


def _value(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return escape(json.dumps(value, ensure_ascii=False))

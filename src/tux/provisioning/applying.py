"""A plan → requests, in its order. What an interruption leaves undone, the next plan finds."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tux.provisioning.marks import Mark, marked
from tux.provisioning.objects import MONITORS, Body, Kind, Wanted
from tux.provisioning.plan import Verb, spec
from tux.provisioning.routes import ROUTES
from tux.provisioning.sentry_api import SERVICE
from tux.shared.exceptions import TuxAPIRequestError, TuxAPIResourceNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tux.provisioning.objects import Found
    from tux.provisioning.plan import Action
    from tux.provisioning.sentry_api import SentryAPI

_METHODS: Final = {Verb.CREATE: "POST", Verb.UPDATE: "PUT", Verb.DELETE: "DELETE"}
_ONCE_SET: Final = (Kind.PROJECT, Kind.FILTER, Kind.KEY)
"""Always there, so that they are only ever changed."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known only while it is done."""

    monitors: Mapping[str, int]
    now: str


class Applier:
    """Carries out actions, one after the other."""

    def __init__(
        self, api: SentryAPI, found: Sequence[Found], tell: Callable[[Action], object]
    ) -> None:
        self._api = api
        self._tell = tell
        self._monitors = {
            one.key: int(one.id) for one in found if one.kind is Kind.MONITOR and one.id.isdigit()
        }
        """Key → id, which alerts name monitors by; those that are made are added."""

    def apply(self, actions: Sequence[Action]) -> None:
        """Do all of it; a request that fails ends it.

        Raises:
            TuxAPIError: Sentry refused, or gave no answer. Done is what was told.
        """
        for action in actions:
            if action.verb is Verb.DELETE:
                self._remove(action)
            else:
                self._put(action)
            self._tell(action)

    def _remove(self, action: Action) -> None:
        route = ROUTES[action.kind]
        # Somebody may have been faster.
        with suppress(TuxAPIResourceNotFoundError):
            self._api.write("DELETE", route.one, _id_of(action), None, route.scopes)

    def _put(self, action: Action) -> None:
        wanted, route = action.wanted, ROUTES[action.kind]
        if wanted is None:
            raise TypeError("only what is wanted is written")
        verb = Verb.UPDATE if action.kind in _ONCE_SET else action.verb
        now = datetime.fromtimestamp(self._api.clock.now(), UTC).isoformat(timespec="seconds")
        make = _BODIES.get(wanted.kind)
        body = make(wanted, action.found, _Known(self._monitors, now)) if make else wanted.body
        path = route.one if verb is Verb.UPDATE else route.made or route.many
        answer = self._api.write(_METHODS[verb], path, _id_of(action), body, route.scopes)
        if verb is Verb.CREATE and action.kind is Kind.MONITOR:
            self._monitors[wanted.key] = int(answer["id"])
        if verb is Verb.CREATE and action.kind is Kind.DASHBOARD:
            self._check_title(wanted, answer)

    def _check_title(self, wanted: Wanted, answer: Any) -> None:
        """Take back what was saved under another title: a board that we cannot see has ours."""
        title = str(answer.get("title"))
        if title == wanted.title:
            return
        route = ROUTES[Kind.DASHBOARD]
        self._api.write("DELETE", route.one, str(answer["id"]), None, route.scopes)
        raise TuxAPIRequestError(
            SERVICE,
            "POST dashboards/",
            200,
            f'"{wanted.title}" was saved as "{title}", so another dashboard has this title; it was '
            "removed again. Rename the other one.",
        )


def _id_of(action: Action) -> str:
    if action.found is not None:
        return action.found.id
    if action.kind in _ONCE_SET:
        return action.key
    return action.wanted.within if action.wanted else ""


def _monitor(wanted: Wanted, found: Found | None, _known: _Known) -> Body:
    text = marked(wanted.body["description"], Mark(wanted.key, spec(wanted)))
    # With the list of alerts an update would let go of those that it has.
    return wanted.body | {"description": text} | ({} if found else {"workflowIds": []})


def _alert(wanted: Wanted, found: Found | None, known: _Known) -> Body:
    ids = [known.monitors[key] for key in wanted.body[MONITORS]]
    return wanted.body | {MONITORS: ids} | ({"id": found.id} if found else {})


def _board(wanted: Wanted, found: Found | None, _known: _Known) -> Body:
    """Mark each widget, so that any that is left tells whose it is, and give it the id it has.

    Without the ids of widgets and of their queries, Sentry makes all of them anew.
    """
    mark = Mark(wanted.key, spec(wanted))
    there: dict[str, Body] = {}
    for widget in (found.body.get("widgets") or []) if found else []:
        there.setdefault(str(widget.get("title")), widget)
    widgets = []
    for widget in wanted.body["widgets"]:
        text = marked(widget["description"], mark)
        old = there.get(widget["title"], {})
        queries = [
            query | ({"id": str(known["id"])} if (known := _at(old, place)) else {})
            for place, query in enumerate(widget["queries"])
        ]
        id_ = {"id": str(old["id"])} if old else {}
        widgets.append(widget | id_ | {"description": text, "queries": queries})
    return wanted.body | {"widgets": widgets}


def _at(widget: Body, place: int) -> Body:
    queries = widget.get("queries") or []
    return queries[place] if place < len(queries) else {}


_BODIES: Final[dict[Kind, Callable[[Wanted, Found | None, _Known], Body]]] = {
    Kind.MONITOR: _monitor,
    Kind.ALERT: _alert,
    Kind.DASHBOARD: _board,
    Kind.RELEASE: lambda wanted, _found, known: wanted.body | {"dateReleased": known.now},
    Kind.DEPLOY: lambda wanted, _found, known: (
        wanted.body | {"dateStarted": known.now, "dateFinished": known.now}
    ),
}
"""What is sent of a kind, where that is more than what is wanted."""

"""Buttons of the pages about issues → what becomes of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from tux.station.access.visitors import VISITOR
from tux.station.errors import MalformedError, NotThereError
from tux.station.rollups.periods import DAY, HOUR
from tux.station.store.merging import merge, unmerge
from tux.station.store.retention import finish_merges
from tux.station.store.states import IGNORED, RESOLVED, UNRESOLVED
from tux.station.store.triage import MOST, Decision, decide

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from tux.station.pages.rendering import Handler
    from tux.station.store import Store

EVER: Final = "ever"
IGNORING: Final[dict[str, tuple[str, float | None, int | None]]] = {
    EVER: ("for ever", None, None),
    "1h": ("for 1 hour", HOUR, None),
    "24h": ("for 24 hours", DAY, None),
    "7d": ("for 7 days", 7 * DAY, None),
    "30d": ("for 30 days", 30 * DAY, None),
    "10e": ("for 10 more events", None, 10),
    "100e": ("for 100 more events", None, 100),
    "1000e": ("for 1,000 more events", None, 1000),
}
"""How long: choice → words, seconds, events."""
LEAST: Final = {"merge": 2}
"""Issues that an act needs, where it is more than one."""
MOST_EVENTS: Final = 10**9
_NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Form:
    """What was pressed, and by whom."""

    act: str
    issues: tuple[int, ...]
    fields: Mapping[str, str]
    hashes: tuple[int, ...]
    who: str
    now: float


def routes(store: Store) -> list[web.RouteDef]:
    """List the routes: of one issue, and of those that are chosen in a list."""
    handler = _acting(store)
    return [
        web.post(f"/issues/{{issue:[0-9]{{1,18}}}}/{{act:{'|'.join(_ACTS)}}}", handler),
        web.post("/issues/act", handler),
    ]


def _acting(store: Store) -> Handler:
    async def act(request: web.Request) -> web.Response:
        form = await _form(request, store.clock())
        if form.act not in _ACTS:
            raise MalformedError(f"the act must be one of {', '.join(_ACTS)}")
        if len(form.issues) < (needed := LEAST.get(form.act, 1)):
            raise MalformedError(
                f"{'an issue' if needed == 1 else 'two issues'} must be chosen first"
            )
        await finish_merges(store)
        work = _ACTS[form.act](form)
        done = await store.change(work)
        await finish_merges(store)
        single = "issue" in request.match_info
        if single and not done:
            raise NotThereError("there is no such issue, or it is so already")
        place = _back(form.fields.get("back", ""), f"/issues/{form.issues[0]}/" if single else "")
        if form.act == "merge" and done:
            place = f"/issues/{done}/"
        return web.Response(status=303, headers={"Location": place})

    return act


async def _form(request: web.Request, now: float) -> Form:
    posted = await request.post()
    fields = {name: value for name, value in posted.items() if isinstance(value, str)}
    given: list[Any] = posted.getall("issue", [])
    if fields.get("all") and (page := fields.get("page_ids")):
        given = page.split(",")
    if "issue" in request.match_info:
        given = [request.match_info["issue"]]
    return Form(
        request.match_info.get("act") or fields.get("act", ""),
        _numbers(given),
        fields,
        _numbers(posted.getall("hash", [])),
        "a program" if request[VISITOR].is_program else "a person",
        now,
    )


def _numbers(given: list[Any]) -> tuple[int, ...]:
    found = [int(one) for one in given if isinstance(one, str) and _NUMBER.fullmatch(one)]
    return tuple(dict.fromkeys(found))[:MOST]


def _back(asked: str, usual: str) -> str:
    """Lead back to where the button was; only to a page of ours."""
    is_ours = re.fullmatch(r"/issues/(?!/)[\w./?=&%+:*~-]*", asked, re.ASCII) is not None
    return asked if is_ours and len(asked) <= 2000 else usual or "/issues/"  # noqa: PLR2004  # an address


def _deciding(status: str, *, in_next_release: bool = False) -> Callable[[Form], Any]:
    def decided(form: Form) -> Callable[[sqlite3.Connection], int]:
        decision = Decision(status, form.who, form.now, in_next_release=in_next_release)
        return partial(decide, issues=form.issues, decision=decision)

    return decided


def _ignoring(form: Form) -> Callable[[sqlite3.Connection], int]:
    seconds, events = _how_long(form)
    decision = Decision(IGNORED, form.who, form.now, seconds=seconds, events=events)
    return partial(decide, issues=form.issues, decision=decision)


def _how_long(form: Form) -> tuple[float | None, int | None]:
    """Read what was typed, or else what was chosen.

    Raises:
        MalformedError: it is neither a time that comes nor a number of events.
    """
    if typed := form.fields.get("moment", "").strip():
        try:
            moment = datetime.fromisoformat(typed).replace(tzinfo=UTC).timestamp()
        except (ValueError, OverflowError):
            raise MalformedError("the time must be like 2026-12-24T18:00, in UTC") from None
        if moment <= form.now:
            raise MalformedError("the time until which to ignore is over already")
        return moment - form.now, None
    if typed := form.fields.get("events", "").strip():
        if not _NUMBER.fullmatch(typed) or not 0 < int(typed) <= MOST_EVENTS:
            raise MalformedError("the number of events must be a number, 1 or more")
        return None, int(typed)
    _, seconds, events = IGNORING.get(form.fields.get("until", EVER), IGNORING[EVER])
    return seconds, events


def _merging(form: Form) -> Callable[[sqlite3.Connection], int | None]:
    return partial(merge, issues=form.issues, who=form.who, at=form.now)


def _unmerging(form: Form) -> Callable[[sqlite3.Connection], list[int]]:
    return partial(unmerge, issue=form.issues[0], hashes=form.hashes, who=form.who, at=form.now)


_ACTS: Final[dict[str, Callable[[Form], Callable[[sqlite3.Connection], Any]]]] = {
    "resolve": _deciding(RESOLVED),
    "resolve-next": _deciding(RESOLVED, in_next_release=True),
    "unresolve": _deciding(UNRESOLVED),
    "ignore": _ignoring,
    "merge": _merging,
    "unmerge": _unmerging,
}
"""What a button may say."""

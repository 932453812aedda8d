"""Terms of a search → SQL over issues, with everything foreign as a parameter. Pure.

A row for each key: what it is compared with. A key that is none of them is a tag.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from tux.station.queries.search import plain, trigrams
from tux.station.queries.terms import TEXT, Fault, Term, Value
from tux.station.rollups.periods import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

SEARCHED: Final = 5000
"""Latest issues that are looked through where all words are too short for an index."""
STATES: Final = ("unresolved", "resolved", "ignored")
_STATUS: Final = {**{state: state for state in STATES}, "archived": "ignored", "muted": "ignored"}
IS: Final = (*_STATUS, "regressed", "new", "unhandled", "handled")
NEW: Final = DAY
"""So long an issue is new."""
_UNITS: Final = {"s": 1.0, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_SPAN: Final = re.compile(r"([+-])(\d{1,6})([smhdw])", re.IGNORECASE | re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,15}", re.ASCII)
_TAGGED: Final = "SELECT issue_id FROM issue_tags WHERE key = ?"
_LATEST_RELEASE: Final = "(SELECT name FROM releases_seen ORDER BY first_seen DESC LIMIT 1)"
_HOLDS: Final = "(SELECT rowid FROM issues_text WHERE issues_text MATCH ?)"
_NEWEST: Final = "(SELECT id FROM issues ORDER BY last_seen DESC LIMIT ?)"


@dataclass(slots=True)
class Where:
    """What SQL needs: conditions that must all hold, and their parameters, in order."""

    conditions: list[str] = field(default_factory=list)
    parameters: list[Any] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    """Which states are asked for; empty where the search says nothing of them."""
    tags: list[Term] = field(default_factory=list)
    """Terms about tags, which may be unknown."""


class RefusedError(ValueError):
    """A term's value makes no sense for its key; the message says why."""


Sql = tuple[str, tuple[Any, ...]]


def where(terms: Sequence[Term], now: float) -> Where:
    """Write the conditions of a search."""
    found = Where()
    words = [term for term in terms if term.key == TEXT]
    for term in terms:
        if term.key == TEXT:
            continue
        key = canonical(term.key)
        try:
            condition, parameters = _OF_KEY.get(key, _tag)(key, term, now)
        except RefusedError as refused:
            found.faults.append(Fault(term.begin, term.end, str(refused)))
            continue
        if key == "is":
            found.states += [_STATUS[one.text] for one in term.values if one.text in _STATUS]
        elif key not in _OF_KEY:
            found.tags.append(term)
        found.conditions.append(f"NOT ({condition})" if term.is_negated else condition)
        found.parameters += parameters
    _add_words(found, words)
    return found


def canonical(key: str) -> str:
    """Give a key its one spelling: ``firstSeen``, ``first-seen`` and ``first_seen`` are one."""
    if key.startswith("tags["):
        return key[5:-1]
    return _SPELLINGS.get(key.lower().replace("-", "").replace("_", ""), key)


def suggestion(key: str, known: Collection[str]) -> str:
    """Say which key may be meant."""
    names = {name.lower(): name for name in (*KEYS, *known)}
    close = get_close_matches(key.lower(), names, n=1, cutoff=0.6)
    return f" Did you mean {names[close[0]]}?" if close else ""


def _add_words(found: Where, words: Sequence[Term]) -> None:
    """Let an index find what has all the letters, and compare that."""
    wanted = [(text, term) for term in words for value in term.values if (text := _plain(value))]
    for text, term in wanted:
        sign = "=" if term.is_negated else ">"
        if "*" in text and term.values[0].glob is not None:
            like = "NOT " if term.is_negated else ""
            found.conditions.append(f"lower(i.title || ' ' || i.culprit) {like}GLOB ?")
            found.parameters.append(f"*{plain(term.values[0].glob)}*")
        else:
            found.conditions.append(f"instr(lower(i.title || ' ' || i.culprit), ?) {sign} 0")
            found.parameters.append(text)
    parts = [part for text, term in wanted if not term.is_negated for part in text.split("*")]
    if parts:
        known = " AND ".join(filter(None, map(trigrams, parts)))
        found.conditions.append(f"i.id IN {_HOLDS if known else _NEWEST}")
        found.parameters.append(known or SEARCHED)


def _plain(value: Value) -> str:
    return plain(value.text)


def _is(_key: str, term: Term, now: float) -> Sql:
    parts: list[str] = []
    parameters: list[Any] = []
    for value in term.values:
        word = value.text.lower()
        if word in _STATUS:
            parts.append("i.status = ?")
            parameters.append(_STATUS[word])
        elif word == "regressed":
            parts.append("i.status = 'unresolved' AND i.regressed IS NOT NULL")
        elif word == "new":
            parts.append("i.first_seen >= ?")
            parameters.append(now - NEW)
        elif word in {"handled", "unhandled"}:
            parts.append(f"i.id IN ({_TAGGED} AND value = ?)")
            parameters += ["handled", "yes" if word == "handled" else "no"]
        else:
            close = get_close_matches(word, IS, n=1, cutoff=0.5)
            hint = f" Did you mean is:{close[0]}?" if close else ""
            raise RefusedError(f"is: knows {', '.join(IS)}.{hint}")
    return " OR ".join(f"({part})" for part in parts) or "0", tuple(parameters)


def _tag(key: str, term: Term, _now: float) -> Sql:
    """Ask which issues have an event with the tag."""
    if not term.values:
        return f"i.id NOT IN ({_TAGGED})", (key,)
    condition, parameters = _any(term, "value")
    return f"i.id IN ({_TAGGED} AND ({condition}))", (key, *parameters)


def _has(_key: str, term: Term, _now: float) -> Sql:
    parts: list[str] = []
    parameters: list[Any] = []
    for value in term.values:
        key = canonical(value.text)
        if key == "user.id":
            parts.append("i.users > 0")
        elif key in _RELEASE_COLUMNS:
            parts.append(f"i.{_RELEASE_COLUMNS[key]} IS NOT NULL")
        else:
            parts.append(f"i.id IN ({_TAGGED})")
            parameters.append(key)
    return " OR ".join(parts) or "0", tuple(parameters)


def _user(key: str, term: Term, _now: float) -> Sql:
    """Ask who met it; who has no id is known by the next best, with its kind."""
    kind = {"user.email": "email:", "user.username": "username:", "user.ip": "ip_address:"}.get(
        key, ""
    )
    if not term.values:
        return "i.users = 0", ()
    condition, parameters = _any(term, "user_id", kind)
    return f"i.id IN (SELECT issue_id FROM issue_users WHERE {condition})", parameters  # noqa: S608  # question marks


def _text(key: str, term: Term, _now: float) -> Sql:
    """Compare a column as a person would: any part of it, capitals or not."""
    column = {"title": "i.title", "location": "i.culprit"}.get(key, "i.title || ' ' || i.culprit")
    parts: list[str] = []
    parameters: list[Any] = []
    for value in term.values:
        if value.glob is not None:
            parts.append(f"lower({column}) GLOB ?")
            parameters.append(plain(value.glob))
        else:
            parts.append(f"instr(lower({column}), ?) > 0")
            parameters.append(plain(value.text))
    return " OR ".join(parts) or "0", tuple(parameters)


def _release(key: str, term: Term, now: float) -> Sql:
    values = term.values
    if [value.text for value in values] == ["latest"]:
        if key == "release":
            return f"i.id IN ({_TAGGED} AND value = {_LATEST_RELEASE})", ("release",)
        return f"i.{_RELEASE_COLUMNS[key]} IS {_LATEST_RELEASE}", ()
    if key == "release":
        return _tag(key, term, now)
    column = f"i.{_RELEASE_COLUMNS[key]}"
    if not values:
        return f"{column} IS NULL", ()
    condition, parameters = _any(term, column)
    return f"coalesce({condition}, 0)", parameters


def _any(term: Term, column: str, kind: str = "") -> Sql:
    parts = [f"{column} {'=' if value.glob is None else 'GLOB'} ?" for value in term.values]
    values = tuple(
        kind + (value.text if value.glob is None else value.glob) for value in term.values
    )
    return " OR ".join(parts), values


def _number(key: str, term: Term, _now: float) -> Sql:
    value = term.values[0].text if len(term.values) == 1 else ""
    if not _NUMBER.fullmatch(value):
        raise RefusedError(f"{key} is a number: {key}:>10, {key}:<=3 or {key}:1.")
    return f"i.{_NUMBERS[key]} {term.operator or '='} ?", (int(value),)


def _moment(key: str, term: Term, now: float) -> Sql:
    column = f"i.{_MOMENTS[key]}"
    value = term.values[0].text if len(term.values) == 1 else ""
    if (span := _SPAN.fullmatch(value)) and not term.operator:
        moment = now - int(span[2]) * _UNITS[span[3].lower()]
        return f"{column} {'>=' if span[1] == '-' else '<='} ?", (moment,)
    day = _day(value)
    if day is None:
        raise RefusedError(
            f"{key} is a time: {key}:-24h (in the last 24 hours), {key}:+7d (longer ago), "
            f"{key}:>2026-11-01 or {key}:2026-11-01. Units are m, h, d and w."
        )
    if term.operator:
        return f"{column} {term.operator} ?", (day,)
    return f"{column} >= ? AND {column} < ?", (day, day + DAY)


def _day(value: str) -> float | None:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (OverflowError, ValueError):
        return None


def _event(key: str, term: Term, _now: float) -> Sql:
    column = {"id": "event_id", "trace": "trace_id"}[key]
    ids = [value.text.lower().replace("-", "") for value in term.values]
    if not ids or not all(re.fullmatch(r"[0-9a-f]{32}", one, re.ASCII) for one in ids):
        raise RefusedError(f"{key} is 32 hex digits, as an event's page shows them.")
    places = ", ".join("?" * len(ids))
    scope = "project_id IN (SELECT id FROM projects) AND " if key == "id" else ""
    sql = f"SELECT issue_id FROM events WHERE {scope}{column} IN ({places})"  # noqa: S608  # constants
    return f"i.id IN ({sql})", tuple(ids)


_NUMBERS: Final = {"timesSeen": "times_seen", "users": "users", "issue": "id"}
_MOMENTS: Final = {"firstSeen": "first_seen", "age": "first_seen", "lastSeen": "last_seen"}
_RELEASE_COLUMNS: Final = {"firstRelease": "first_release", "lastRelease": "last_release"}
_OF_KEY: Final[dict[str, Callable[[str, Term, float], Sql]]] = {
    "is": _is,
    "has": _has,
    **dict.fromkeys(("title", "message", "location"), _text),
    **dict.fromkeys(("user.id", "user.email", "user.username", "user.ip"), _user),
    **dict.fromkeys(("release", *_RELEASE_COLUMNS), _release),
    **dict.fromkeys(_NUMBERS, _number),
    **dict.fromkeys(_MOMENTS, _moment),
    **dict.fromkeys(("id", "trace"), _event),
}
KEYS: Final = (
    *_OF_KEY,
    *("level", "environment", "transaction", "error.type", "handled"),
)
"""Keys that every station knows, whatever tags its events have."""
_SPELLINGS: Final = {
    **{key.lower(): key for key in KEYS},
    "user": "user.id",
    "culprit": "location",
    "usercount": "users",
    "count": "timesSeen",
    "event.id": "id",
    "type": "error.type",
    "error.handled": "handled",
    "env": "environment",
}

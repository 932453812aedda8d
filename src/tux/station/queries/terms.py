"""What a person types into the search of issues → terms, in Sentry's syntax. Pure.

``is:unresolved !command:ban level:[error, fatal] timesSeen:>10 "no such row" key*`` is a list of
terms that must all hold. There is nothing nested in it, so that one regular expression is the
whole grammar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_TERMS: Final = 30
MOST_VALUES: Final = 20
"""Of one list."""
TEXT: Final = ""
"""The key of free text."""

_TERM: Final = re.compile(
    r"""
    (?P<not>!)?
    (?:(?P<key>tags\[[^\]\s"]+\]|[A-Za-z_][\w.-]*):(?=\S))?
    (?P<operator>>=|<=|>|<)?
    (?:
        (?P<list>\[[^\]]*\])
        | (?P<quoted>"(?:[^"\\]|\\.)*")(?=\s|$)
        | (?P<open>"(?:[^"\\]|\\.)*\\?$)
        | (?P<bare>\S+)
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_OF_LIST: Final = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^",]+))\s*(?:,|$)')
_MARK: Final = re.compile(r"\\(.)|(\*)")
_GLOB: Final = str.maketrans({"[": "[[]", "?": "[?]"})
_WORDS_OF_LOGIC: Final = {"OR", "AND", "NOT"}


@dataclass(frozen=True, slots=True)
class Value:
    """What is looked for."""

    text: str
    """As it is compared, stars and all."""
    glob: str | None = None
    """The same as SQLite's pattern, where it has a star."""


@dataclass(frozen=True, slots=True)
class Term:
    """One condition."""

    key: str
    """As it was typed; empty for free text."""
    values: tuple[Value, ...]
    """Of which one is enough; none where the value is empty."""
    operator: str
    """``>``, ``>=``, ``<``, ``<=`` or nothing."""
    is_negated: bool
    begin: int
    """Where it stands in what was typed."""
    end: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a place of what was typed."""

    begin: int
    end: int
    text: str


def terms_of(typed: str) -> tuple[list[Term], list[Fault]]:
    """Take a search apart; what cannot be understood is told with its place."""
    terms: list[Term] = []
    faults: list[Fault] = []
    for found in _TERM.finditer(typed):
        if len(terms) == MOST_TERMS:
            faults.append(Fault(found.start(), len(typed), f"At most {MOST_TERMS} conditions."))
            break
        if text := _fault_of(found):
            faults.append(Fault(found.start(), found.end(), text))
        else:
            terms.append(_term(found))
    return terms, faults


def value_of(typed: str) -> Value:
    """Read a value: a star stands for anything, behind a backslash for itself."""
    text, glob, place, is_pattern = "", "", 0, False
    for found in _MARK.finditer(typed):
        before = typed[place : found.start()]
        kept = found[1] or "*"
        text += before + kept
        glob += before.translate(_GLOB)
        glob += "*" if found[2] else "[*]" if kept == "*" else kept.translate(_GLOB)
        is_pattern |= bool(found[2])
        place = found.end()
    rest = typed[place:]
    return Value(text + rest, glob + rest.translate(_GLOB) if is_pattern else None)


def _term(found: re.Match[str]) -> Term:
    key, operator = found["key"] or TEXT, found["operator"] or ""
    is_list = found["list"] is not None and key != TEXT
    if is_list:
        values = tuple(_values(found["list"][1:-1]))
    elif found["quoted"] is not None:
        values = (value_of(found["quoted"][1:-1]),)
    else:
        values = (value_of(found["list"] or found["bare"]),)
    if key == TEXT and operator:  # an arrow in a text
        values = (Value(operator + values[0].text),)
        operator = ""
    is_empty = key != TEXT and values == (Value(""),)
    return Term(
        key,
        () if is_empty else values,
        operator,
        found["not"] is not None,
        found.start(),
        found.end(),
    )


def _values(inside: str) -> Iterator[Value]:
    for quoted, bare in _OF_LIST.findall(inside)[:MOST_VALUES]:
        yield value_of(quoted or bare.strip())


def _fault_of(found: re.Match[str]) -> str | None:
    if found["open"] is not None:
        return 'A quote (") is opened here and never closed.'
    if found["list"] is not None and found["key"]:
        values = _OF_LIST.findall(found["list"][1:-1])
        if not values:
            return f"A list needs values: {found['key']}:[a, b]."
        if len(values) > MOST_VALUES:
            return f"At most {MOST_VALUES} values in a list."
    if found["bare"] in _WORDS_OF_LOGIC and not found["key"] and not found["not"]:
        return (
            f"{found['bare']} is not known here: all conditions must hold. "
            "For one of several values write key:[a, b], for the contrary !key:value."
        )
    if found["bare"] is not None and found["bare"].startswith("[") and found["key"]:
        return "A list is opened here with [ and never closed with ]."
    return None

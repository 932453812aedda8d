"""Names with their values inside a text: ``password=…``, ``"token": "…"``, ``Cookie: …``."""

from __future__ import annotations

import re

from tux.services.sentry.scrubbing_names import kind_of_key
from tux.services.sentry.scrubbing_rules import MARKER, marker

KEYWORDS = (
    *("passw", "passphrase", "pwd", "secret", "token", "authorization", "auth", "cookie", "key"),
    *("credential", "session", "dsn", "content", "csrf", "xsrf", "jwt", "otp", "cvv"),
)
"""A text without one of these, in lower case, holds no assignment that matters."""

_NAMED = re.compile(
    r"(?:passw|passphrase|pwd|secret|token|authorization|auth|cookie|credential|session|dsn|"
    r"content|csrf|xsrf|jwt|otp|cvv|(?:api|access|private|signing|encryption|master)[_ -]?key)"
    r"[\w-]{0,40}+"
    r"(?P<close>\\{0,3}[\"']?\]?)"
    r"(?P<separator>\s{0,3}(?:=>|:=|==?|:|%3D|%3A)\s{0,3})",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"[\w-]*+")
_OPEN = re.compile(r"(?:[bru]{1,2}|[A-Za-z]{1,20}\()?(\\{0,3}[\"'])", re.IGNORECASE)
_BARE = re.compile(r"[^\s,;&\"'<>()\[\]{}\\]++")
_HEADER = re.compile(r"[^\r\n\"'\\}]++")
_SCHEMED = re.compile(r"(?:[A-Za-z]{2,12}[ \t]{1,3})?[^\s,;&\"'<>()\[\]{}\\]++")
_CONTAINER = re.compile(r"[\[{(](?=\s?[\"'\d])")
_CLOSES = {"[": "]", "{": "}", "(": ")"}
_WORD = re.compile(r"[A-Za-z_][A-Za-z_.]*+")
_TYPES = frozenset(
    {"str", "int", "bytes", "bool", "none", "null", "true", "false", "any", "object", "secretstr"}
)
_FOLLOWS_CODE = frozenset("([.")


def scrub_assignments(text: str) -> str:
    """Remove the values of names that tell of a secret."""
    parts: list[str] = []
    done = 0
    for named in _NAMED.finditer(text):
        if named.start() < done:
            continue
        before = _BEFORE.match(text[max(done, named.start() - 40) : named.start()][::-1])
        start = named.start() - (len(before[0]) if before else 0)
        name = text[start : named.start("close")]
        kind = kind_of_key(name)
        span = _value(text, named, kind) if kind else None
        if kind and span and not _is_removed(text, span, kind):
            start, end = span
            parts += [text[done:start], marker(kind)]
            done = end
    return "".join(parts) + text[done:] if parts else text


def _is_removed(text: str, span: tuple[int, int], kind: str) -> bool:
    start, end = span
    if kind in ("authorization", "session", "content", "credentials"):
        # "Bot [removed: discord token]" is told already, the scheme may stay.
        return MARKER.search(text, start, min(end + 48, start + 96)) is not None
    return start == end or MARKER.match(text, start) is not None


def _value(text: str, named: re.Match[str], kind: str) -> tuple[int, int] | None:
    """Find the value that belongs to a name."""
    start = named.end()
    opening = _OPEN.match(text, start)
    if opening:
        return opening.end(), _closing(text, opening)
    container = _CONTAINER.match(text, start)
    if container:
        end = text.find(_CLOSES[container[0]], start)
        return start + 1, end if end >= 0 else len(text)
    if kind == "content":
        return None
    pattern = {"cookie": _HEADER, "authorization": _SCHEMED}.get(kind, _BARE)
    bare = pattern.match(text, start)
    if bare is None or _is_code(text, named, bare):
        return None
    return bare.span()


def _closing(text: str, opening: re.Match[str]) -> int:
    """Find the quote that ends a value; a text that was cut has none."""
    quote = opening[1]
    end = text.find(quote, opening.end())
    while end > 0 and len(quote) == 1 and text[end - 1] == "\\":
        end = text.find(quote, end + 1)
    return end if end >= 0 else len(text)


def _is_code(text: str, named: re.Match[str], bare: re.Match[str]) -> bool:
    """Tell source code and prose (``token = settings.token``) from a value."""
    value = bare[0].rstrip(".:")
    if not _WORD.fullmatch(value):
        return False
    if value.lower() in _TYPES or "." in value:
        return True
    following = text[bare.end() : bare.end() + 1]
    separator = named["separator"]
    if following in _FOLLOWS_CODE and following:
        return True
    return separator.strip() != separator and not named[0].lower().startswith("passw")

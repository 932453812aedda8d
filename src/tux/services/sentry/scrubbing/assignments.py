"""Names with their values inside a text: ``password=…``, ``"token": "…"``, ``Cookie: …``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tux.services.sentry.scrubbing.markers import MARKER, marker, put_in
from tux.services.sentry.scrubbing.names import HELD, is_count, is_placeholder, is_plain, is_word
from tux.services.sentry.scrubbing.spans import bracketed_end, quoted_end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    KindOf = Callable[[str], str | None]

_NAMED = re.compile(
    r"(?<![\w-])([\w-]{2,200}+)(?:\\{0,15}[\"'])?(?P<bracket>\]?)(?:[ \t]{4,40}+|\s{0,3}+)(?P<separator>=>|:=|[=:]=?|%3[AaDd])"
)
# What is left of "\n" and "\x80" before a name in a text that is spelled as in source code.
_ESCAPE = re.compile(r"[nrt]|x[0-9a-f]{2}")
_WORD_BEFORE = re.compile(r" ([\w-]{2,20}+)")
_SPACES = re.compile(r"[ \t]{4,40}+|\s{0,3}+")
_OPEN = re.compile(r"(?:[brufBRUF]{1,2}|[A-Za-z]{1,20}\()?(\\{0,15}[\"'])")
_BARE = re.compile(r"[^\s,;&\"'<>()\[\]{}\\]++")
# "a,REST", but not "a,b=c".
_BARE_ON = re.compile(
    r"(?:[^\s,;&\"'<>()\[\]{}\\]|[,;&\"'](?=[^\s,;&\"'<>()\[\]{}\\])(?![\w-]{1,40}(?:[=:]|\b[\"'])))++"
)
_NEW_LINE = r"(?:\r?\n|\\{1,8}n)"
_BLOCK = re.compile(
    rf"[|>][+-]?\d?[ \t]{{0,8}}{_NEW_LINE}((?:(?:(?<=n)|(?<=\n))[ \t]++(?:(?!{_NEW_LINE})[^\r\n\"'])++(?:{_NEW_LINE}(?=[ \t]))?)++)"
)
_IN_BRACES = re.compile(r"\{([^{}\r\n\"']{1,128})(?:\}(?=(;)|)|(?=(\.{3}|…)))")
_HEADER = re.compile(r"[^\r\n\"'\\}]++")
_COOKIES = re.compile(r"(?=[^\s=;,]{1,256}=)[^\r\n\"'\\}]++")
# With letters, too: "1-800-FLOWERS", "tel.5550123".
_PHONE = re.compile(
    r"[+(]?\d[\d ()/.-]{4,30}+(?:(?<=[\d)/.-])[A-Za-z][\w-]{0,30})?|(?=[^\s\d]{0,16}\d)[\w+.-]{5,32}+"
)
_PHRASE = re.compile(r"[^\r\n,;()\[\]{}<>\"'\\]++")
_SCHEMED = re.compile(
    r"(?:[A-Za-z][\w-]{1,19}[ \t]{1,3})?"
    r"(?:(?:[\w-]{1,40}=(?:\\{0,15}\"[^\"\\\r\n]*+(?:\\{0,15}\"|\Z)|[^\s,;&\"'<>{}\\]++)(?:,\s?|(?=[\s\"'\\}>)\]]|\Z)))++"
    r"|[^\s,;&\"'<>()\[\]{}\\]++)"
)
_BARE_BY_KIND = {
    "cookie": _COOKIES,
    "authorization": _SCHEMED,
    "phone number": _PHONE,
    "content": _PHRASE,
    "ban reason": _HEADER,
}
_CONTAINER = re.compile(r"[\[{(](?=\s?(?:\\*[\"'\d\[{(]|[bru]['\"]))")
_ANNOTATED = re.compile(r"[ \w.|\[\]]{0,40}=\s{0,3}")
_CLOSES = re.compile(r"[\"'\\\]}),;\s]*+")
_TYPES = frozenset(
    {"str", "int", "bytes", "bool", "none", "null", "true", "false", "any", "object", "secretstr"}
)
_LONGEST_CODE = 200
_LONGEST_ANNOTATION = 80
_BRACKETS = ("[", "{", "(")
_BLOCKS = ("|", ">")
_CALLS = ("(", "[", ".")
_TOLD = ("authorization", "session", "content", "credentials")


def scrub_assignments(text: str, kind_of: KindOf) -> str:
    """Remove the values of names that tell of a secret."""
    return put_in(text, _assigned(text, kind_of))


def _assigned(text: str, kind_of: KindOf) -> Iterator[tuple[int, int, str]]:
    done = 0
    for named in _NAMED.finditer(text):
        kind = _kind_of(text, named, kind_of) if named.start() >= done else None
        if kind is None:
            continue
        span = _value(text, named, kind)
        if span is not None and not _is_removed(text, span, kind):
            yield (*span, marker(kind))
            done = span[1]


def _kind_of(text: str, named: re.Match[str], kind_of: KindOf) -> str | None:
    """Tell what a name says, by itself or with what stands before it."""
    name, start = named[1], named.start()
    kind = kind_of(name)
    before = text[start - 1 : start]
    if kind is None:
        if before == "\\":
            return kind_of(_ESCAPE.sub("", name, count=1))
        if before == " " and name in ("key", "Key", "KEY"):
            word = _WORD_BEFORE.match(text[max(0, start - 24) : start][::-1])
            return kind_of(f"{word[1][::-1]}{name}") if word else None
        return None
    # A marker names a kind, too: "[removed: e-mail]: …".
    return None if before == " " and text.endswith("[removed:", 0, start - 1) else kind


def _is_removed(text: str, span: tuple[int, int], kind: str) -> bool:
    start, end = span
    if kind in _TOLD:
        # "Bot [removed: discord token]" is told already, the scheme may stay.
        return MARKER.search(text, start, min(end + 48, start + 96)) is not None
    return start == end or MARKER.match(text, start) is not None


def _value(text: str, named: re.Match[str], kind: str) -> tuple[int, int] | None:
    """Find the value that belongs to a name."""
    spaces = _SPACES.match(text, named.end())
    start = spaces.end() if spaces else named.end()
    opening = _OPEN.match(text, start)
    if opening:
        return _in_quotes(text, named, kind, opening)
    if text.startswith(_BRACKETS, start) and _CONTAINER.match(text, start):
        return start + 1, bracketed_end(text, start)
    if kind == "content" and (named["bracket"] or named["separator"] not in ("=", "%3D", "%3d")):
        return None
    return _enclosed(text, named, kind, start) or _bare(text, named, kind, start)


def _in_quotes(
    text: str, named: re.Match[str], kind: str, opening: re.Match[str]
) -> tuple[int, int] | None:
    quote, start = opening[1], opening.end()
    if text.startswith(quote * 2, start):
        start += 2 * len(quote)
        end = text.find(quote * 3, start)
        return start, end if end >= 0 else len(text)
    end = quoted_end(text, quote, start)
    value = text[start:end]
    # "if not token:" may end a text in quotes: this one closes it. A mapping has no placeholders.
    is_none = (
        _CLOSES.fullmatch(value)
        or is_plain(kind, value)
        or HELD.fullmatch(value)
        or ("=" in named["separator"] and is_placeholder(value))
    )
    return None if is_none else (start, end)


def _enclosed(text: str, named: re.Match[str], kind: str, start: int) -> tuple[int, int] | None:
    """Find a value in YAML's lines below its name, or in the braces of a connection string."""
    # A look at one sign spares a look by a pattern.
    is_block = named["separator"] == ":" and text.startswith(_BLOCKS, start)
    block = _BLOCK.match(text, start) if is_block else None
    if block:
        return block.span(1)
    is_brace = kind == "password" and text.startswith("{", start)
    braces = _IN_BRACES.match(text, start) if is_brace else None
    if braces is None:
        return None
    is_name = is_word(braces[1]) or is_placeholder(braces[0])
    return braces.span(1) if braces[2] or braces[3] or not is_name else None


def _bare(text: str, named: re.Match[str], kind: str, start: int) -> tuple[int, int] | None:
    bare = _BARE_BY_KIND.get(kind, _BARE).match(text, start)
    if bare is None and kind == "cookie":
        bare = _BARE.match(text, start)
    if (
        bare is None
        or is_plain(kind, bare[0])
        or is_count(kind, bare[0])
        or is_placeholder(bare[0])
    ):
        return None
    if not _is_code(text, named, bare, kind):
        on = _BARE_ON.match(text, start) if kind not in _BARE_BY_KIND else None
        return (on or bare).span()
    return _annotated(text, bare.end()) if named["separator"] == ":" else None


def _annotated(text: str, position: int) -> tuple[int, int] | None:
    """Find the value behind an annotation: ``password: str = "…"``."""
    # Mostly there is nothing to be equal to, and no bracket to be looked for.
    if text.find("=", position, position + _LONGEST_ANNOTATION * 2) < 0:
        return None
    if text.startswith("[", position):
        position += bracketed_end(text[position : position + _LONGEST_ANNOTATION], 0) + 1
    annotated = _ANNOTATED.match(text, position)
    opening = _OPEN.match(text, annotated.end()) if annotated else None
    return (opening.end(), quoted_end(text, opening[1], opening.end())) if opening else None


def _is_code(text: str, named: re.Match[str], bare: re.Match[str], kind: str) -> bool:
    """Tell source code and prose (``token = settings.token``) from a value."""
    if bare.end() - bare.start() > _LONGEST_CODE:
        return False
    value = bare[0].rstrip(".:")
    is_called = text[bare.end() : bare.end() + 1] in _CALLS
    if kind == "content":
        return is_called or is_word(value) or value.partition(" ")[0] == named[1]
    if not is_word(value):
        return False
    # A name with a hyphen is none of source code: a header's.
    if "-" in named[1] or value.lower() in _TYPES:
        return value.lower() in _TYPES
    around = text[named.start("separator") - 1] + text[named.end() : named.end() + 1]
    is_spaced = kind != "password" and any(map(str.isspace, around))
    return "." in value or is_called or is_spaced

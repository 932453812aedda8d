"""Names with their values where no sign of equality stands between: pairs, options, elements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tux.services.sentry.scrubbing.markers import MARKER, marker, put_in
from tux.services.sentry.scrubbing.names import is_word
from tux.services.sentry.scrubbing.spans import quoted_end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tux.services.sentry.scrubbing.own_rules import OwnRules

_QUOTE = r"[bru]?\\{0,15}[\"']"
_PAIR = re.compile(rf"[(\[]{_QUOTE}([\w-]{{2,64}}){_QUOTE},\s?[bru]?(\\{{0,15}}[\"'])")
_SET = re.compile(
    rf"setattr\([^,()]{{1,80}},\s?{_QUOTE}([\w-]{{2,64}}){_QUOTE},\s?[bru]?(\\{{0,15}}[\"'])"
)
_ARGUMENT = re.compile(
    rf"{_QUOTE}--?([\w-]{{2,64}}){_QUOTE},\s{{0,3}}[bru]?(\\{{0,15}}[\"'])(?!--)"
)
_OPTION = re.compile(r"(?<![\w-])--([\w-]{2,64})\s{1,3}(?!-)([^\s\"'\\]++)")
_ELEMENT = re.compile(
    r"<([\w:-]{2,64})((?:\s[\w:.-]{1,40}=\\{0,15}[\"'][^<>\"'\\]{0,100}\\{0,15}[\"']){0,8})\s?>(?!\[removed: )[^<]++"
)
_LOGIN = re.compile(
    r"(?<![\w-])(login\s{1,3}\S{1,128}\s{1,3}(?:password|passwd)\s{1,3})(?!\[removed: )([^\s\"'\\]++)"
)
_NAMED_VALUE = re.compile(
    rf"{_QUOTE}(name|key|header|custom_id|type){_QUOTE}\s?:\s?(?:{_QUOTE})?([\w.-]{{1,100}})(?:{_QUOTE})?"
    rf"(?=,[^{{}}]{{0,80}}?{_QUOTE}value{_QUOTE}\s?:\s?[bru]?(\\{{0,15}}[\"']))"
)
_NAMED_LINE = re.compile(
    r"(?<![\w-])name:[ \t]{0,8}[\"']?([\w.-]{1,100})[\"']?(?:\r?\n|\\{1,8}n)[ \t]{1,40}value:[ \t]{1,8}(?!\[removed: )"
    r"((?:[^\r\n\\]|\\(?!n))++)"
)
_PRIVATE_PART = re.compile(
    rf"{_QUOTE}(?:d|k|p|q|dp|dq|qi){_QUOTE}\s?:\s?(\\{{0,15}}[\"'])(?!\[removed: )"
)
_TEXT_OPTION = ("3", "4")
"""Types that Discord has for a slash command's option and a modal's input that hold text."""


def scrub_pairs(text: str, own: OwnRules) -> str:
    """Remove the second of a pair whose first tells of a secret."""
    kind_of = own.kind_of
    if "," in text:
        if "value" in text:
            text = quoted(text, _NAMED_VALUE, 3, lambda match: own.kind_of_pair(match[1], match[2]))
        if "kty" in text:
            text = quoted(text, _PRIVATE_PART, 1, lambda _: "private key")
        text = _neighbours(text, kind_of)
    if "--" in text:
        text = _OPTION.sub(lambda match: _option(match, kind_of(match[1])), text)
    if "<" in text:
        text = _ELEMENT.sub(lambda match: _element(match, kind_of(match[1])), text)
    if "value:" in text:
        text = _NAMED_LINE.sub(lambda match: _line(match, kind_of(match[1])), text)
    if "login" in text:
        text = _LOGIN.sub(lambda match: match[1] + marker("password"), text)
    return text


def _neighbours(text: str, kind_of: Callable[[str], str | None]) -> str:
    """Remove the second of two in quotes: of a pair, of arguments."""
    text = quoted(text, _PAIR, 2, lambda match: kind_of(match[1]), spares=is_word)
    if "setattr(" in text:
        text = quoted(text, _SET, 2, lambda match: kind_of(match[1]))
    if "-" in text:
        text = quoted(text, _ARGUMENT, 2, lambda match: _unless_content(kind_of(match[1])))
    return text


def kind_of_pair(field: str, name: str, kind_of: Callable[[str], str | None]) -> str | None:
    """Tell what the value beside ``"name": "password"`` is; members fill in some of them."""
    if field == "custom_id":
        return "content"
    if field == "type":
        return "content" if name in _TEXT_OPTION else None
    return kind_of(name)


def quoted(
    text: str,
    pattern: re.Pattern[str],
    quote: int,
    kind_of: Callable[[re.Match[str]], str | None],
    spares: Callable[[str], bool] | None = None,
) -> str:
    """Remove what stands in the quotes that a pattern ends with, of whatever kind it is."""
    return put_in(text, _quoted(text, pattern, quote, kind_of, spares))


def _quoted(
    text: str,
    pattern: re.Pattern[str],
    quote: int,
    kind_of: Callable[[re.Match[str]], str | None],
    spares: Callable[[str], bool] | None,
) -> Iterator[tuple[int, int, str]]:
    done = 0
    for match in pattern.finditer(text):
        kind = kind_of(match) if match.start() >= done else None
        if kind is None:
            continue
        start = match.end(quote)
        end = quoted_end(text, match[quote], start)
        value = text[start:end]
        # A name with a hyphen is a header's; without one it may be a list of names.
        name = match[1] if match.re.groups > 1 else ""
        if MARKER.match(value) or ("-" not in name and spares is not None and spares(value)):
            continue
        yield start, end, marker(kind)
        done = end


def _option(match: re.Match[str], kind: str | None) -> str:
    if kind is None or kind == "content" or match[2].startswith("[removed:"):
        return match[0]
    return match[0][: match.start(2) - match.start()] + marker(kind)


def _element(match: re.Match[str], kind: str | None) -> str:
    return f"<{match[1]}{match[2]}>{marker(kind)}" if kind else match[0]


def _line(match: re.Match[str], kind: str | None) -> str:
    return match[0][: match.start(2) - match.start()] + marker(kind) if kind else match[0]


def _unless_content(kind: str | None) -> str | None:
    return None if kind == "content" else kind

"""One look at JSON that tells whether any rule may find something in it.

Each rule is told here a second time, in words of RE2, which goes through a text once however many
patterns there are. It may suspect too much: what it suspects, the rules decide. It must never
suspect too little: a test holds all that the rules change against it.

The text is JSON as it leaves, all ASCII. What was a quote or a line break, also in JSON within it,
is a backslash or several, and a letter.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

from tux.services.sentry.scrubbing.keys import FORMATS, PREFIXES, trie
from tux.services.sentry.scrubbing.names import (
    CONTENT_WORDS,
    LAST_WORDS,
    NUMBERED,
    SPELLED,
    words_of,
)
from tux.services.sentry.scrubbing.rules import IN_QUERIES
from tux.shared.patterns import scanner

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

# -- parts, of which none is a whole pattern ----------------------------------------------------

_UNICODE: Final = r"\\+u[0-9a-f]{4}"
_ESCAPE: Final = rf"(?:\\+[nrtbfv]|{_UNICODE}|\\+x[0-9a-f]{{2}})"
_EDGE: Final = rf"(?:[^A-Za-z0-9]|{_ESCAPE})"
"""What stands before a word."""
_SPACE: Final = rf"(?:\s|\\+[nrtfv]|{_UNICODE})"
_QUOTE: Final = r"\\*[\"']"
_INNER: Final = r"(?:\\+\"|\\*')"
"""A quote that is no part of the JSON."""
_COLON: Final = r"\s?:\s?"
_LETTER: Final = rf"(?:[A-Za-z]|{_UNICODE})"
_LETTERS: Final = rf"(?:[\w-]|{_UNICODE})*"
_BETWEEN: Final = rf"(?:[^A-Za-z0-9\"\\]|{_ESCAPE})*"
"""What may stand between the words of a name."""
_ENDS: Final = rf"(?:{_QUOTE})?\]?{_SPACE}*(?:[=:]|%3)"
"""What stands between a name and its value."""
_TEXT: Final = r"(?:[^\"\\]|\\+[^\"\\])*"
_KEY: Final = r"(?:[^\"\\]|\\+.)*\\*\"\s?:"
_HIDDEN: Final = (
    rf"=?>?{_SPACE}*"
    rf"(?:(?:[bru]{{1,2}}|[A-Za-z]{{1,20}}\()?{_QUOTE}|[\[{{(]\s?(?:{_QUOTE}|[bru]['\"]|[\d\[{{(]))"
)
"""How content begins when it is no name in a line of code."""
_NO_CODE: Final = (
    rf"={_SPACE}*(?:[A-Za-z_.]*(?:[^A-Za-z_.,;()\[\]{{}}<>\"'\\]|{_UNICODE})"
    r"|(?-i:(?:[a-z_.]*[._])?[a-z][A-Z]"
    r"|(?:[a-z_.]*(?:[a-z]{2}|[._]))?(?:[A-Z][a-z]{2,}[a-z_.]*)*[A-Z](?:[^a-z]|[a-z][^a-z])))"
)
"""What follows a sign of equality when it is no word and no name of source code."""


def _apart(words: str) -> str:
    """Write a pattern of words that may be written together."""
    return _BETWEEN.join(words.split())


def _last(words: Collection[str]) -> str:
    """Write a pattern of words that begin as one does: behind a sign, or with a capital."""
    humps = (rf"(?-i:{word[0].upper()}){word[1:]}" for word in words)
    return rf"{_EDGE}(?:{'|'.join(words)})|[a-z0-9](?:{'|'.join(humps)})"


_PERSONAL: Final = (
    # A release is no address, a decorator in the next line neither.
    rf"(?:[^\\][nrt]|[\w.+%'-])@(?:(?:{_LETTER}|\d+(?:[A-Za-z_-]|{_UNICODE})){_LETTERS}\.(?:{_LETTERS}\.)*|\d+\.){_LETTER}",
    rf"(?:[^0-9.]|{_UNICODE})\d{{1,3}}\.\d{{1,3}}\.\d{{1,3}}\.\d{{1,3}}[^0-9]",
    r"[0-9A-Fa-f]::|::[0-9A-Fa-f]|[0-9A-Fa-f]:(?:[0-9A-Fa-f]{1,4}:){5}[0-9A-Fa-f]",
    rf"{_EDGE}(?:[3-6]|2[2-7])(?:[ -]{{0,3}}\d){{12,15}}[^0-9A-Za-z]",
    rf"\d{{4}}(?:\.|{_ESCAPE}{{1,2}})\d{{4,6}}(?:\.|{_ESCAPE}{{1,2}})\d{{4}}",
    r"[A-Z]{2}\d\d(?:[A-Z0-9]{11}| [A-Z0-9]{4} [A-Z0-9]{4})",
)
_SHAPES: Final = (
    r"PRIVATE KEY|Private-Lines|kty|(?:webhooks|interactions)(?:\\*/|%2[Ff])\d{15}",
    r"\.[\w-]{6}\.[\w-]{20}",
    # base64 of an id
    r"(?:[MNO][DTjz][AEIMQUYcgk][w-z0-5]){5}[\w-]{0,8}\.",
    rf"://(?:[^\s\"'<>`\\|]|{_UNICODE})*@",
    IN_QUERIES,
    rf"(?i:bearer|basic|negotiate|ssws)(?:{_SPACE}{{1,4}}|%20)[\w.~+/=:\\-]{{8}}",
    rf"(?i:bot|token|digest)(?:{_SPACE}{{1,4}}|%20)[\w.~+/\\-]*(?:\d[\w.~+/\\-]*[A-Za-z]|[A-Za-z][\w.~+/\\-]*\d)",
    r"\[parameters: |Failing row contains \(|Key \(",
    r"invalid input (?:syntax|value|for query)|field value out of range: |malformed \w{1,12} literal: |input_value=",
    r"\[(?:cached since|generated in|raw sql|no key|caching disabled)",
    # Spelled another way; of a form, a plus is a space.
    r"%[0-9A-Fa-f]{2}|\\\\(?:u00|x)[2-7]|\\\\/|&(?:amp|quot|lt|gt|#)",
    r"\+(?:[^\s\"\\]|\\.)*[&%]|[&%](?:[^\s\"\\]|\\.)*\+",
    r"(?:[^A-Za-z0-9+_-]|\\[nrt])(?:[CDI-Za-f][AC-HQS-Xgi-nwy-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][\w+/-]){4}",
    # Cut: see `cuts`.
    rf"[0-9A-Z@:](?:[^\s\"\\]|\\.)*[ -]?(?:{_QUOTE})?(?:\.\.\.|\\+u2026)(?: \(\d{{1,12}}\))?(?:\\*[\"')\]}}>]){{0,8}}\\*\"",
)


def _telling(strong: Iterable[str]) -> tuple[str, ...]:
    words = "|".join(map(_apart, strong))
    numbered = rf"(?:{'|'.join(NUMBERED)})[_-]*\d+"
    last, content = map(_last, ((*LAST_WORDS, "addr"), sorted(CONTENT_WORDS)))
    last = rf"{last}|{_EDGE}{numbered}|[a-z0-9](?-i:P)(?:ass|wd|w)[_-]*\d+"
    ending = rf"(?:(?:{words}){_LETTERS}|(?:{last}|{content})[_-]*)"
    anywhere = rf"{_TEXT}(?i:{words}|(?:{last}|{content}){_BETWEEN}{_QUOTE})"
    # A pair's second, an element's content, a line below.
    pair = rf"{_INNER},{_SPACE}?[bru]?{_INNER}|[\w:-]*>|(?:{_QUOTE})?{_SPACE}+(?:value:|[\w:.-]+={_QUOTE})"
    return (
        rf"(?i)(?:{words})(?:{_LETTERS}(?:{_ENDS}|{pair})|{_KEY})",
        rf"(?i)(?:{last})(?:[_-]*(?:{_ENDS}|{pair})|{_BETWEEN}\\*\"\s?:)",
        rf"(?i)(?:{content})(?:[_-]*(?:{_QUOTE}\]?{_SPACE}*[=:]|\]?{_SPACE}*(?:[=:]{_HIDDEN}|{_NO_CODE})|{pair})|{_BETWEEN}\\*\"\s?:)",
        rf"(?i)audit{_BETWEEN}log{_LETTERS}reason{_ENDS}",
        rf"(?i)-{_LETTERS}{ending}(?:{_SPACE}|(?:{_QUOTE}){{1,2}}\s?,)",
        rf"(?i)(?:password|identified{_SPACE}+by){_SPACE}+{_INNER}",
        rf"(?i)values{_SPACE}*\({_TEXT}{_INNER}",
        rf"(?i)login{_SPACE}{_TEXT}passw",
        rf"custom_id{_QUOTE}{_COLON}|type{_QUOTE}{_COLON}(?:{_QUOTE})?[34](?:{_QUOTE})?[,}}]",
        rf"[\"'](?:name|key|header){_QUOTE}{_COLON}(?:\{{[^{{}}]*value{_QUOTE}{_COLON})?(?:{_QUOTE})?{anywhere}",
        rf"(?:\[|[\])],)\s?[\[(](?:{_QUOTE})?{anywhere}",
    )


def _of_keys() -> tuple[str, ...]:
    by_length: dict[int, list[str]] = {}
    for prefix, length in PREFIXES.items():
        by_length.setdefault(length, []).append(prefix)
    prefixed = (
        rf"{trie(prefixes)}[\w.+/=~-]{{{length}}}" for length, prefixes in by_length.items()
    )
    return (
        rf"(?:[^A-Za-z]|{_ESCAPE})(?:{'|'.join(prefixed)})",
        *(_loosened(gate, pattern) for gate, pattern in FORMATS),
        r"eyJ[\w.-]{17}",
    )


_BEFORE: Final = re.compile(r"\(\?<=([^()]*)\)")
_AROUND: Final = re.compile(r"\(\?<?[!=][^()]*\)")
_POSSESSIVE: Final = re.compile(r"(?<=[}*+])\+")


def _loosened(gate: str, pattern: str) -> str:
    """Write a rule's pattern from its gate on, without what RE2 has not: it fits where the rule fits."""
    plain = _POSSESSIVE.sub("", _AROUND.sub("", _BEFORE.sub(r"\1", pattern.replace("{_B}", ""))))
    return plain[max(0, plain.find(gate.replace(".", r"\.").replace("$", r"\$"))) :]


def _loosely(piece: str) -> str:
    """Write a pattern of a piece of a text however it is spelled in JSON."""
    return "".join(map(_in_json, piece))


def _in_json(sign: str) -> str:
    if sign == "\\":
        return r"\\+"
    if sign in "\"'/":
        return rf"\\*{sign}"
    # What is no ASCII may be a pair of escapes.
    return re.escape(sign) if " " <= sign <= "~" else r"(?:\\+[nrtbf]|(?:\\+u[0-9a-f]{4}){1,2})"


class Suspicion:
    """Tell whether anything in JSON may have to be removed.

    Args:
        known: pieces of known values.
        names: names that somebody added.
    """

    def __init__(self, known: Iterable[str], names: Iterable[str]) -> None:
        strong = (*SPELLED, *(" ".join(words_of(name)) for name in names))
        patterns = (*_SHAPES, *_PERSONAL, *_telling(strong), *_of_keys(), *map(_loosely, known))
        self._search = scanner("|".join(f"(?:{pattern})" for pattern in patterns))

    @property
    def is_there(self) -> bool:
        """Whether RE2 is installed."""
        return self._search is not None

    def is_clean(self, written: bytes) -> bool:
        """Tell whether no rule would find anything; without RE2 nothing is known to be clean."""
        return self._search is not None and self._search(written) is None

    def first(self, written: bytes, begin: int = 0) -> int | None:
        """Tell where the first place is that a rule may find; without RE2 it may be past all bounds."""
        if self._search is None:
            return sys.maxsize
        found = self._search(written, begin)
        return None if found is None else found.start()

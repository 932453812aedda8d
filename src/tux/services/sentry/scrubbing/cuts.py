"""The end of a text that was cut: what stands there is too short for the other rules.

A cut is told by its ellipsis. What other rules would take for something whole is removed before
them; what no rule knows, and looks drawn by chance, after them.
"""

from __future__ import annotations

import re
from typing import Final

from tux.services.sentry.scrubbing.keys import begins_key
from tux.services.sentry.scrubbing.markers import marker
from tux.services.sentry.scrubbing.names import is_word
from tux.services.sentry.scrubbing.personal import GROUPS

ENDS: Final = (".", "…", "'", '"', ")", "]", "}", ">")
"""What a text that was cut ends with; most that end so were not."""
# A variable that was cut is described as "'its beginning'… (its length)".
_CUT = re.compile(r"[\"']?(?:\.{3}|…)(?: \(\d{1,12}\))?[\"')\]}>]{0,8}$")
_LOOKED_AT: Final = 512
_BEFORE = (
    (re.compile(r"(?<=://)[^\s/@?#\"'<>:.]{0,64}+:(?!\d{1,5}(?:[/?#]|$))[^\s\"'<>]{1,384}+$"), "credentials"),
    (re.compile(r"(?<![0-9A-Za-z])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){6,30} ?$"), "bank account"),
    (re.compile(r"(?:(?<![\w.=@])|(?<=[^=]=))(?<![A-Za-z]/)(?:::ffff:)?\d{1,3}\.\d{1,3}\.(?:\d{1,3}(?:\.\d{0,3})?)?$"), "ip address"),
)  # fmt: skip
"""What may be left of a value that looks like another, or like two → what it was."""
_AFTER = (
    (re.compile(r"(?<=://)(?=[\w-]*?(?:\d|[a-z][A-Z]))(?=[\d_-]*[A-Za-z])[A-Za-z0-9_-]{16,}+$"), "credentials"),
    (re.compile(r"(?<![\w.+%-])[\w.+%'-]{3,64}@(?!v?\d)[\w.-]{0,64}$"), "e-mail"),
    (re.compile(r"(?<![0-9A-Za-z-])(?:[3-6]\d|2[2-7])\d\d(?:[ -]?\d){4,12}[ -]?$"), "card number"),
    (re.compile(rf"(?<![0-9A-Za-z.-])(?:[3-6]\d|2[2-7])\d\d{GROUPS}\d{{4,6}}(?:{GROUPS}\d{{0,4}}){{1,2}}$"), "card number"),
    (re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f:]*[0-9A-Fa-f]{3})(?:[0-9A-Fa-f]{1,4}:){4,7}[0-9A-Fa-f]{0,4}$"), "ip address"),
    (re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f:]*[0-9A-Fa-f]{3})[0-9A-Fa-f]{1,4}:(?=[0-9A-Fa-f:]*::)[0-9A-Fa-f:]{4,40}$"), "ip address"),
    (re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f:]*[0-9A-Fa-f]{3})[0-9A-Fa-f]{1,4}::[0-9A-Fa-f:]{4,40}$"), "ip address"),
    (re.compile(r"(?<![\w-])[A-Za-z0-9_-]{22,28}\.[\w-]{0,6}$"), "discord token"),
)  # fmt: skip
"""What may be left of a value that no other rule knows by so little → what it was."""
# Backwards from the cut, for there it ends.
_RUN = re.compile(r"[\w~$+=.:/%-]*+")
_PIECE = re.compile(r"[A-Za-z0-9_~$+=-]*+")
_JOINS: Final = ".:~"
_SHORTEST: Final = 8
_LETTER = re.compile(r"[A-Za-z]")
# Whole: an id before an ellipsis that somebody wrote, and where an object lies.
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|0x[0-9a-f]++")
_CHANGE = re.compile(r"\d(?=[A-Za-z])|[A-Za-z](?=\d)|[A-Z](?=[a-z])|[a-z](?=[A-Z])")
_MOST_CHANGES: Final = 3
"""Between digits, small and capital letters, in a name or in a word with its number."""


def cut_of(text: str) -> int | None:
    """Tell where a text was cut, or None."""
    if not text.endswith(ENDS):
        return None
    cut = _CUT.search(text, max(0, len(text) - 32))
    return cut and cut.start()


def without_mistakable_tail(text: str) -> str:
    """Remove what is left of a value when other rules would see something else in it."""
    cut = cut_of(text)
    return text if cut is None else _removed(text, cut, _BEFORE)


def without_cut_tail(text: str) -> str:
    """Remove what is left of a value, and letters and digits that look drawn by chance."""
    cut = cut_of(text)
    if cut is None:
        return text
    told = _removed(text, cut, _AFTER)
    if told is not text:
        return told
    start = cut - _chance(text[max(0, cut - _LOOKED_AT) : cut][::-1])
    return text if start == cut else text[:start] + marker("key") + text[cut:]


def _removed(text: str, cut: int, tails: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    start = max(0, cut - _LOOKED_AT)
    tail = text[start:cut]
    for pattern, kind in tails:
        found = pattern.search(tail)
        if found:
            return text[: start + found.start()] + marker(kind) + text[cut:]
    return text


def _chance(backwards: str) -> int:
    """Count the characters before a cut, told backwards, that look drawn by chance."""
    run = _RUN.match(backwards)
    if run is None or not run[0]:
        return 0
    prefixed = begins_key(run[0][::-1])
    if prefixed is not None:
        return run.end() - prefixed
    end = 0
    while piece := _PIECE.match(backwards, end):
        if not _is_chance(piece[0]):
            break
        end = piece.end()
        if backwards[end : end + 1] not in _JOINS or not _is_chance(_next(backwards, end + 1)):
            break
        end += 1
    return end


def _next(backwards: str, start: int) -> str:
    piece = _PIECE.match(backwards, start)
    return piece[0] if piece else ""


def _is_chance(backwards: str) -> bool:
    piece = backwards[::-1]
    return (
        len(piece) >= _SHORTEST
        and _LETTER.search(piece) is not None
        and not _ID.fullmatch(piece)
        and len(_CHANGE.findall(piece.replace("-", ""))) > _MOST_CHANGES
        and not is_word(piece)
    )

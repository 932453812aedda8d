"""The last look at ids: those of who has opted out go, and those of users leave as hashes if so chosen.

A unit of work knows whose it is; a text does not know whom it names. So every number that can be an
id is looked at, wherever it stands.
"""

from __future__ import annotations

import json
import re
import time
from functools import lru_cache
from typing import Any, Final

from tux.services.sentry.privacy import hash_key, opted_out
from tux.services.sentry.scrubbing.long_numbers import SHORTEST, UnclearError, with_told
from tux.services.sentry.scrubbing.markers import marker
from tux.services.sentry.scrubbing.names import words_of
from tux.services.sentry.scrubbing.scrubber import MAX_DEPTH, Scrubber
from tux.services.sentry.scrubbing.written import as_json
from tux.shared.pseudonyms import pseudonym_of
from tux.shared.snowflakes import DISCORD_EPOCH

OPTED_OUT: Final = marker("opted out")
SMALLEST: Final = 10 ** (SHORTEST - 1)
"""No id of Discord's is shorter, and no other number of that length is one of whoever has opted out."""
_SHORTEST_OF_USERS: Final = 10**16
"""A span's id may be sixteen digits by chance; the first user came when ids were longer."""
_DAY: Final = 86_400_000
LONGEST: Final = 20
_ID: Final = re.compile(rf"(?<![0-9])[0-9]{{{SHORTEST},24}}(?![0-9])")
_ESCAPE_BEGINS: Final = re.compile(r"(?:%|\\x)[0-9A-Fa-f]?$|\\u[0-9A-Fa-f]{0,3}$")
"""What stands before digits of which the first belong to a letter that is spelled by its number."""
_ESCAPE_DIGITS: Final = {"%": 2, "x": 2, "u": 4}
_RUN: Final = re.compile(rf"[0-9]{{{SHORTEST}}}")
_DIGITS: Final = bytes(byte if chr(byte) in "0123456789" else 32 for byte in range(256))
_IN_BYTES: Final = re.compile(rb"%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}")
_ESCAPED: Final = re.compile(r"(?:%|\\x)[0-9A-Fa-f]{2}$|\\u[0-9A-Fa-f]{4}$")
_PLACES: Final = frozenset(
    {
        *("guild", "server", "channel", "thread", "category", "message", "interaction", "bot"),
        *("role", "emoji", "sticker", "application", "webhook", "event", "command", "case"),
    }
)
"""What an id belongs to that is no person, where a name says so: ``guild_id``."""


class PrivateScrubber(Scrubber):
    """A scrubber that looks at ids, too, as has been chosen when something leaves."""

    def text(self, value: str) -> str:
        """Return the text without secrets and ids."""
        told = super().text(value)
        return without_ids(told) if is_looked_for() else told

    def event(self, data: Any) -> Any:
        """Return a JSON-like tree without secrets and ids."""
        told = super().event(data)
        return without_ids(told) if is_looked_for() else told

    def serialised(self, data: Any) -> bytes:
        """Return a JSON-like tree without secrets and ids, as JSON."""
        written = super().serialised(data)
        if not is_looked_for() or (hash_key() is None and not _holds_opted_out(written)):
            return written
        try:
            return with_told(written, _is_place, _value)
        except UnclearError:
            return as_json(without_ids(json.loads(written)))


def _holds_opted_out(json_: bytes) -> bool:
    """Tell whether a number in JSON may be the id of who has opted out."""
    gone, readings = opted_out(), [json_]
    if b"%" in json_ or b"\\u" in json_ or b"\\x" in json_:
        # The last of their digits are none of a number that follows; but "100%" is no letter.
        readings.append(_IN_BYTES.sub(b" ", json_))
    return any(
        int(run) in gone
        for reading in readings
        for run in reading.translate(_DIGITS).split()
        if SHORTEST <= len(run) <= LONGEST
    )


def is_looked_for() -> bool:
    """Tell whether there are ids that may not leave."""
    return bool(opted_out()) or hash_key() is not None


def without_ids(data: Any) -> Any:
    """Return a JSON-like tree, or a text, without the ids that may not leave."""
    return _walk(data, 0, is_place=False)


def _walk(data: Any, depth: int, *, is_place: bool) -> Any:
    if depth > MAX_DEPTH + 2:
        return marker("too deep")
    if isinstance(data, str):
        return _text(data, is_place=is_place)
    if isinstance(data, dict):
        return _mapping(data, depth, is_place=is_place)
    if isinstance(data, list | tuple):
        return [_walk(one, depth + 1, is_place=is_place) for one in data]
    return _number(data, is_place=is_place) if type(data) is int else data


def _value(value: str | int, *, is_place: bool) -> str | int:
    if isinstance(value, str):
        return _text(value, is_place=is_place)
    return _number(value, is_place=is_place)


def _mapping(data: dict[Any, Any], depth: int, *, is_place: bool) -> dict[Any, Any]:
    told = {}
    for name, value in data.items():
        of = type(value)
        # Most texts are too short for an id.
        if (of is str and len(value) < SHORTEST) or value is None or of is float:
            kept = value
        else:
            # An attribute of a log line has its value one level below its name.
            is_of_place = _is_place(name) or (is_place and name == "value")
            kept = _walk(value, depth + 1, is_place=is_of_place)
        told[_text(name, is_place=False) if isinstance(name, str) else name] = kept
    return told


def _text(text: str, *, is_place: bool) -> str:
    if len(text) < SHORTEST or _RUN.search(text) is None:
        return text
    return _ID.sub(lambda match: _told(match, is_place=is_place), text)


def _told(match: re.Match[str], *, is_place: bool) -> str:
    numbers = {
        skipped: match[0][skipped:]
        for skipped in (_escaped(match), 0)
        if SHORTEST <= len(match[0]) - skipped <= LONGEST
    }
    key, gone = hash_key(), opted_out()
    for skipped, number in numbers.items():
        if int(number) in gone:
            return match[0][:skipped] + OPTED_OUT
    if key is None or is_place:
        return match[0]
    for skipped, number in numbers.items():
        if _is_snowflake(int(number)) and not _is_within_word(match, skipped):
            return match[0][:skipped] + pseudonym_of(number, key)
    return match[0]


def _escaped(match: re.Match[str]) -> int:
    """Tell how many of the digits may belong to an escape: in "%412…" two, or none of "100%"."""
    begin = _ESCAPE_BEGINS.search(match.string[max(0, match.start() - 5) : match.start()])
    if begin is None:
        return 0
    letter = begin[0].lstrip("\\")[0]
    return _ESCAPE_DIGITS[letter] - len(begin[0].lstrip("\\")) + 1


def _number(number: int, *, is_place: bool) -> int | str:
    if number < SMALLEST:
        return number
    if number in opted_out():
        return OPTED_OUT
    key = hash_key()
    if key is None or is_place or not _is_snowflake(number):
        return number
    return pseudonym_of(number, key)


def _is_snowflake(number: int) -> bool:
    """Tell whether a number can be an id that Discord has given by now."""
    return (
        number >= _SHORTEST_OF_USERS and (number >> 22) + DISCORD_EPOCH < time.time() * 1000 + _DAY
    )


def _is_within_word(match: re.Match[str], skipped: int) -> bool:
    """Tell a part of a trace id, or the digits of a fraction, from an id."""
    text, start, end = match.string, match.start(), match.end()
    before, after = text[max(0, start - 6) : start], text[end : end + 1]
    # No letters of other alphabets stand in a number.
    if after.isascii() and after.isalnum():
        return True
    if skipped:
        return False
    is_fraction = before[-1:] == "." and before[-2:-1].isdigit()
    is_word = before[-1:].isascii() and before[-1:].isalnum()
    return is_fraction or (is_word and not _ESCAPED.search(before))


@lru_cache(4_096)
def _is_place(name: object) -> bool:
    words = words_of(name) if isinstance(name, str) else []
    return len(words) > 1 and words[-1] == "id" and words[-2] in _PLACES

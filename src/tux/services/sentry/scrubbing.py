"""JSON-like data → the same data without secrets and personal data. Pure.

Three layers: values that are known (our own settings), shapes that are known (a Discord token looks
like one wherever it stands) and names that are known (``db_password``). What is removed leaves a
marker that tells its kind; identifiers, paths and releases stay.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from tux.services.sentry.scrubbing_assignments import KEYWORDS, scrub_assignments
from tux.services.sentry.scrubbing_names import kind_of_key
from tux.services.sentry.scrubbing_rules import (
    MARKER,
    SHAPES,
    cards,
    dotted,
    encodings,
    ipv6,
    is_card_number,
    marker,
    prefixed_keys,
    schemes,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_TEXT: Final = 100_000
"""Characters of one text that are looked at; the rest is cut."""
MAX_DEPTH: Final = 48
"""Levels of a tree that are looked at; what lies deeper is removed."""
_SHORTEST_SECRET: Final = 6
_SHORTEST_KEY: Final = 13
_SMALLEST_CARD: Final = 10**12
_ROUNDS: Final = 4
_CACHED_TEXT: Final = 1_024
_CACHED_TEXTS: Final = 8_192
_KNOWN: Final = marker("secret")

# What receivers find things by: a part of it that looks like a secret is chance.
_IDS = frozenset(
    {"event_id", "trace_id", "span_id", "parent_span_id", "segment_id", "check_in_id", "sid"}
)
_ID = re.compile(r"[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VERSION = re.compile(r"[\w.+!-]{1,40}")
# A text without any of these is clean: keys and tokens hold digits, all else one of the signs.
_SIGNS = re.compile(r"[0-9@=:%]")
_DIGITS = re.compile(r"\d[\d -]{11}")


class Scrubber:
    """Remove secrets from texts and trees.

    Args:
        secrets: values to remove wherever they stand, also percent-encoded, in base64 or cut. Of a
            URL, the password and a long user name are removed by themselves, too.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known = _known_values(secrets)
        # The length of a marker's text never grows the set without bound: see _remember.
        self._clean: set[str] = set()

    def text(self, value: str) -> str:
        """Return the text without secrets."""
        if value in self._clean:
            return value
        if len(value) > MAX_TEXT:
            value = value[:MAX_TEXT] + "…"
        for _ in range(_ROUNDS if len(value) <= _CACHED_TEXT else 1):
            scrubbed = self._scrub(value)
            if scrubbed == value:
                break
            # What stood beside a secret may only now be told from it.
            value = scrubbed
        self._remember(value)
        return value

    def event(self, data: Any) -> Any:
        """Return a copy of a JSON-like tree without secrets.

        A context under a telling name keeps its form and loses its values. The list of installed
        packages is kept: their versions look like addresses.
        """
        if not isinstance(data, dict):
            return self._walk(data, 0)
        packages = data.get("modules")
        contexts = data.get("contexts")
        scrubbed = self._mapping(
            {name: value for name, value in data.items() if name not in ("modules", "contexts")}, 0
        )
        if contexts is not None:
            scrubbed["contexts"] = self._contexts(contexts)
        if packages is not None:
            scrubbed["modules"] = self._packages(packages)
        return scrubbed

    def known_bytes(self, data: bytes) -> bytes:
        """Remove the known values from bytes that are no text."""
        return self._without_known(data.decode("latin-1")).encode("latin-1", "replace")

    def _contexts(self, contexts: Any) -> Any:
        if not isinstance(contexts, dict):
            return self._walk(contexts, 1)
        return {
            self.text(str(name)): (
                self._mapping(context, 2, kind_of_key(str(name)))
                if isinstance(context, dict)
                else self._walk(context, 2)
            )
            for name, context in contexts.items()
        }

    def _packages(self, packages: Any) -> Any:
        if not isinstance(packages, dict):
            return self._walk(packages, 1)
        return {
            self.text(str(name)): (
                version
                if isinstance(version, str) and _VERSION.fullmatch(version)
                else self._walk(version, 1)
            )
            for name, version in packages.items()
        }

    def _mapping(
        self, data: dict[Any, Any], depth: int, forced: str | None = None
    ) -> dict[str, Any]:
        scrubbed: dict[str, Any] = {}
        clean = self._clean
        for key, value in data.items():
            name = key if type(key) is str else str(key)
            kind = forced or kind_of_key(name)
            if name not in clean:
                name = self.text(name)
            if name in _IDS and type(value) is str and _ID.fullmatch(value):
                scrubbed[name] = value
            elif kind is not None and value:
                scrubbed[name] = self._removed(value, kind)
            elif type(value) is str:
                scrubbed[name] = value if value in clean else self._string(value, depth)
            elif value is None or value is True or value is False:
                scrubbed[name] = value
            else:
                scrubbed[name] = self._walk(value, depth + 1)
        return scrubbed

    def _walk(self, data: Any, depth: int) -> Any:  # noqa: PLR0911  # a case per JSON type
        if isinstance(data, str):
            return self._string(data, depth)
        if data is None or isinstance(data, bool | float):
            return data
        if isinstance(data, int):
            is_card = data >= _SMALLEST_CARD and is_card_number(str(data)[:32])
            return marker("card number") if is_card else data
        if depth > MAX_DEPTH:
            return marker("too deep")
        if isinstance(data, dict):
            return self._mapping(data, depth)
        if isinstance(data, list | tuple | set | frozenset):
            clean = self._clean
            return [
                value if type(value) is str and value in clean else self._walk(value, depth + 1)
                for value in data
            ]
        return self._other(data)

    def _other(self, data: Any) -> str:
        if isinstance(data, bytes | bytearray | memoryview):
            return self.text(bytes(data).decode("utf-8", "replace"))
        return self.text(str(data))

    @staticmethod
    def _removed(value: Any, kind: str) -> Any:
        """Return what stands for a value whose name tells that it is a secret."""
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and MARKER.fullmatch(value):
            return value
        if isinstance(value, dict) and value.keys() >= {"value", "type"} and len(value) <= 3:  # noqa: PLR2004  # value, type, unit
            # An attribute of a log line, metric or span: receivers insist on its form.
            return {"value": marker(kind), "type": "string"}
        return marker(kind)

    def _string(self, value: str, depth: int) -> str:
        """Scrub a text; JSON in it is scrubbed as a tree, so that names count there, too."""
        first = value[:1]
        if (
            first in ("{", "[")
            and value not in self._clean
            and len(value) <= MAX_TEXT
            and depth < MAX_DEPTH
            and value[-1] in "}]"
            and (tree := _json_tree(value)) is not None
        ):
            scrubbed = self._walk(tree, depth + 1)
            return self.text(value if scrubbed == tree else json.dumps(scrubbed))
        return self.text(value)

    def _scrub(self, value: str) -> str:
        text = self._without_known(value)
        if not _SIGNS.search(text) and "PRIVATE KEY" not in text:
            return text
        if len(text) >= _SHORTEST_KEY:
            text = prefixed_keys(text)
        for shape in SHAPES:
            for gate in shape.gates:
                if gate in text:
                    text = shape.apply(text)
                    break
        text = _without_numbers(text)
        if " " in text or "%20" in text:
            text = schemes(text)
        if _has_assignment(text):
            text = scrub_assignments(text)
        return text

    def _without_known(self, text: str) -> str:
        for start, forms in self._known:
            if start not in text:
                continue
            parts: list[str] = []
            done, position = 0, text.find(start)
            while position >= 0:
                # A value that was cut is a secret as far as it goes.
                end = position + max(_common(text, position, form) for form in forms)
                parts += [text[done:position], _KNOWN]
                done, position = end, text.find(start, end)
            text = "".join(parts) + text[done:]
        return text

    def _remember(self, value: str) -> None:
        if len(value) <= _CACHED_TEXT:
            if len(self._clean) >= _CACHED_TEXTS:
                self._clean.clear()
            self._clean.add(value)


def sanitize_user_data(data: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a dict without secrets and personal data."""
    return Scrubber()._mapping(data, 0)  # noqa: SLF001  # one walk serves both, an event has contexts besides


def _without_numbers(text: str) -> str:
    if text.count(".") > 1:
        text = dotted(text)
    if text.count(":") > 1:
        text = ipv6(text)
    if _DIGITS.search(text):
        text = cards(text)
    return text


def _has_assignment(text: str) -> bool:
    if not ("=" in text or ":" in text or "%3" in text):
        return False
    lowered = text.lower()
    return any(keyword in lowered for keyword in KEYWORDS)


def _json_tree(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _common(text: str, position: int, form: str) -> int:
    piece = text[position : position + len(form)]
    return next(
        (i for i, (a, b) in enumerate(zip(piece, form, strict=False)) if a != b), len(piece)
    )


def _known_values(secrets: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Return the first third of every form of every secret, and the forms that begin with it."""
    values: set[str] = set()
    for secret in secrets:
        # Of an address only what is secret in it: "sqlite:///" stands in every text on databases.
        values.update(_url_parts(secret) if "://" in secret else (secret,))
    forms = {
        form
        for value in values
        if len(value) >= _SHORTEST_SECRET
        for form in encodings(value)
        if len(form) >= _SHORTEST_SECRET and not MARKER.search(form)
    }
    starts = {form[: max(8, (len(form) + 2) // 3)] for form in forms}
    return [
        (start, [form for form in forms if form.startswith(start)])
        for start in sorted(starts, key=len, reverse=True)
    ]


def _url_parts(secret: str) -> set[str]:
    if "://" not in secret:
        return set()
    try:
        parts = urlsplit(secret)
        password, user = parts.password, parts.username
    except ValueError:
        return set()
    found = {password, unquote(password)} if password else set()
    # The key of a DSN is a user name; a database's "postgres" is no secret.
    return found | ({user} if user and len(user) >= 16 else set())  # noqa: PLR2004

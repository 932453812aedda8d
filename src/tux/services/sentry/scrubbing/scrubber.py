"""JSON-like data → the same data without secrets and personal data. Pure.

Three layers: values that are known (our own settings), shapes that are known (a Discord token looks
like one wherever it stands) and names that are known (``db_password``). What is removed leaves a
marker that tells its kind; identifiers, paths and releases stay.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from tux.services.sentry.scrubbing.known import KnownValues
from tux.services.sentry.scrubbing.markers import MARKER, marker
from tux.services.sentry.scrubbing.own_rules import NONE, OwnRules
from tux.services.sentry.scrubbing.packages import Packages
from tux.services.sentry.scrubbing.personal import is_card_number
from tux.services.sentry.scrubbing.plans import (
    ID,
    IDS,
    TIME,
    Plan,
    distinct,
    kinds_beside,
    looks_beside,
    removed,
    without_arguments,
    without_headers,
)
from tux.services.sentry.scrubbing.remembered import RememberedTexts
from tux.services.sentry.scrubbing.shapes import shape_of
from tux.services.sentry.scrubbing.suspicion import Suspicion
from tux.services.sentry.scrubbing.texts import TextRules
from tux.services.sentry.scrubbing.written import (
    as_json,
    holds_longer,
    spelled,
    strictly_written,
    tree_of,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_TEXT: Final = 100_000
"""Characters of one text that are looked at; the rest is cut."""
MOST_SUSPICIOUS: Final = 4_096
"""Characters of one text that are looked at from the first on that may be a part of a secret; the rest
is cut. Of what the SDK sends for us no text is as long."""
MAX_DEPTH: Final = 48
"""Levels of a tree that are looked at; what lies deeper is removed."""
_JSON_BEGINS: Final = '{["'
_SMALLEST_CARD: Final = 10**12
_CACHED_SHAPES: Final = 4_096
_CACHED_PLANS: Final = 4_096

_ATOMS = frozenset({type(None), bool, float})


class Scrubber:
    """Remove secrets from texts and trees.

    Args:
        secrets: values to remove wherever they stand, also percent-encoded, in base64 or cut. Of a
            URL, the password and a long user name are removed by themselves, too.
        own: what is removed and kept besides.
    """

    def __init__(self, secrets: Iterable[str] = (), own: OwnRules = NONE) -> None:
        self._known = KnownValues(secrets)
        self._own = own
        self._suspicion = Suspicion(self._known.blocks, own.names)
        self._rules = TextRules(self._known, own, self._suspicion)
        self._texts = RememberedTexts()
        self._shapes: set[str] = set()
        self._plans: dict[tuple[Any, ...], Plan] = {}
        self._listed = Packages(self.text)

    def text(self, value: str) -> str:
        """Return the text without secrets."""
        if value in self._texts.clean:
            return value
        told = self._texts.told(value)
        if told is not None:
            return told
        shape = None if self._suspicion.is_there else self._shape(value)
        if shape is not None and (not shape or shape in self._shapes):
            return value
        scrubbed = self._looked_at(value)
        if shape is not None and scrubbed == value:
            self._shapes.add(shape)
        elif value[:1] not in _JSON_BEGINS:
            self._texts.remember(value, scrubbed)
        return scrubbed

    def _shape(self, value: str) -> str | None:
        """Tell what a text has in common with those that differ by ids: one is as clean as another."""
        if self._own.may_name_ids or self._known.may_stand_in(value):
            return None
        if len(self._shapes) >= _CACHED_SHAPES:
            self._shapes.clear()
        # Each time is seen once.
        return "" if TIME.fullmatch(value) else shape_of(value)

    def event(self, data: Any) -> Any:
        """Return a JSON-like tree without secrets; what is clean in it is not copied.

        A context under a telling name keeps its form and loses its values. The list of installed
        packages is kept: their versions look like addresses.
        """
        json_ = strictly_written(data) if self._suspicion.is_there else None
        return data if self._is_clean(json_) else self._event(data)

    def _event(self, data: Any) -> Any:
        if not isinstance(data, dict):
            return self._walk(data, 0)
        told = {"contexts": self._contexts, "modules": self._packages}
        apart = {name: told[name](data[name]) for name in told if data.get(name) is not None}
        if not apart:
            return self._mapping(data, 0)
        rest = {name: value for name, value in data.items() if name not in apart}
        scrubbed = self._mapping(rest, 0)
        is_clean = scrubbed is rest and all(data[name] is one for name, one in apart.items())
        return data if is_clean else scrubbed | apart

    def serialised(self, data: Any) -> bytes:
        """Return a JSON-like tree without secrets, as JSON."""
        packages = data.get("modules") if isinstance(data, dict) else None
        listed = self._listed.as_json(packages) if packages and isinstance(packages, dict) else None
        if listed is None:
            return self._serialised(data)
        rest = self._serialised({name: one for name, one in data.items() if name != "modules"})
        comma = b"" if rest == b"{}" else b","
        return b"".join((b'{"modules":', listed, comma, rest[1:]))

    def _serialised(self, data: Any) -> bytes:
        json_ = written(data) if self._suspicion.is_there else None
        if json_ is None:
            return as_json(self._event(data))
        suspect = self._suspicion.first(json_)
        if suspect is None and self._is_plain(json_):
            return json_
        # Most parts of it are clean, but by their names two may become one.
        if isinstance(data, dict) and data and not looks_beside(data):
            parts = [as_json({name: value})[1:-1] for name, value in data.items()]
            names = self._mapping(dict.fromkeys(data), 0).keys()
            if b"{%b}" % b",".join(parts) == json_ and names == data.keys():
                return b"{%b}" % b",".join(self._parts(data, parts, json_, suspect))
        return as_json(self._event(data))

    def _parts(
        self, data: dict[Any, Any], parts: list[bytes], json_: bytes, suspect: int | None
    ) -> Iterator[bytes]:
        """Scrub the parts that are not clean; from the end of each the rest is looked at once."""
        end = 0
        for (name, value), part in zip(data.items(), parts, strict=True):
            end += 1 + len(part)
            if (suspect is None or end <= suspect) and self._is_plain(part):
                yield part
                continue
            yield as_json(self._event({name: value}))[1:-1]
            if suspect is not None and suspect < end:
                suspect = self._suspicion.first(json_, end)

    def _is_clean(self, json_: bytes | None) -> TypeGuard[bytes]:
        """Tell whether JSON holds nothing that a rule may find."""
        return json_ is not None and self._suspicion.is_clean(json_) and self._is_plain(json_)

    def _is_plain(self, json_: bytes) -> bool:
        """Tell whether JSON holds no text that is too long, and none of what somebody looks for besides."""
        return not holds_longer(json_, MAX_TEXT) and not self._own.may_fit(json_)

    def _most(self, text: str) -> int:
        """Tell how many characters of a text are looked at by the rules: none when it is clean."""
        first = self._suspicion.first(spelled(text[:MAX_TEXT]))
        if first is not None:
            # Spelled as JSON, the place is rather further on.
            return min(first + MOST_SUSPICIOUS, MAX_TEXT)
        return MAX_TEXT if len(text) > MAX_TEXT or self._own.fits(text) else 0

    def known_bytes(self, data: bytes) -> bytes:
        """Remove the known values from bytes that are no text."""
        return self._known.removed(data.decode("latin-1")).encode("latin-1", "replace")

    def _contexts(self, contexts: Any) -> Any:
        if not isinstance(contexts, dict):
            return self._walk(contexts, 1)
        names = distinct(self.text(str(name)) for name in contexts)
        told = {
            said: self._mapping(context, 2, self._own.kind_of(str(name)))
            if isinstance(context, dict)
            else self._walk(context, 2)
            for said, (name, context) in zip(names, contexts.items(), strict=True)
        }
        return contexts if all(one is contexts.get(name) for name, one in told.items()) else told

    def _packages(self, packages: Any) -> Any:
        if not isinstance(packages, dict):
            return self._walk(packages, 1)
        return packages if self._listed.as_json(packages) else self._mapping(packages, 1)

    def _mapping(self, data: dict[Any, Any], depth: int, forced: str | None = None) -> Any:
        if depth > MAX_DEPTH:
            return marker("too deep")
        names = tuple(data)
        plan = self._plans.get(names)
        if plan is None:
            plan = self._planned(names)
        telling = plan.telling
        if forced is not None:
            telling = dict.fromkeys(names, forced)
        elif plan.looks_beside:
            telling = kinds_beside(data, self._own) | telling
        scrubbed = self._fields(data, telling, depth)
        if plan.names is None:
            return scrubbed
        return dict(zip(plan.names, scrubbed.values(), strict=True))

    def _fields(self, data: dict[Any, Any], telling: dict[Any, str], depth: int) -> dict[Any, Any]:
        """Look at the values; the mapping is copied when one changes."""
        clean = self._texts.clean
        changed: dict[Any, Any] = {}
        for name, value in data.items() if not telling else self._rest(data, telling, changed):
            of = type(value)
            if of is str:
                if value in clean:
                    continue
                told: Any = self._string(value, depth)
            elif of in _ATOMS or (of is int and value < _SMALLEST_CARD):
                continue
            elif of is dict:
                told = self._mapping(value, depth + 1)
            elif of is list:
                told = self._sequence(value, depth + 1)
            else:
                told = self._walk(value, depth + 1)
            if told is not value:
                changed[name] = told
        return data | changed if changed else data

    def _rest(
        self, data: dict[Any, Any], telling: dict[Any, str], changed: dict[Any, Any]
    ) -> list[tuple[Any, Any]]:
        """Remove the values whose names tell; give what else is to be looked at."""
        rest = []
        for name, value in data.items():
            kind = telling.get(name)
            if kind is None or (type(value) is str and value in self._own.kept_values):
                rest.append((name, value))
            elif kind in IDS:
                if type(value) is not str or not ID.fullmatch(value):
                    rest.append((name, value))
            elif value and (told := removed(value, kind)) is not value:
                changed[name] = told
        return rest

    def _planned(self, names: tuple[Any, ...]) -> Plan:
        """Tell, once for all mappings of these names, what is to be looked at."""
        spelled = [name if type(name) is str else str(name) for name in names]
        told = distinct(map(self.text, spelled))
        # A marker in a name says what the name was, not what its value is.
        kinds = [
            name if name in IDS else self._own.kind_of(MARKER.sub("", name)) for name in spelled
        ]
        plan = Plan(
            {name: kind for name, kind in zip(names, kinds, strict=True) if kind is not None},
            told if told != names else None,
            looks_beside=looks_beside(names),
        )
        if len(self._plans) >= _CACHED_PLANS:
            self._plans.clear()
        self._plans[names] = plan
        return plan

    def _walk(self, data: Any, depth: int) -> Any:
        if isinstance(data, str):
            return self._string(data, depth)
        if data is None or isinstance(data, bool | float):
            return data
        if isinstance(data, int):
            is_card = data >= _SMALLEST_CARD and is_card_number(str(data)[:32])
            return marker("card number") if is_card else data
        if isinstance(data, dict):
            return self._mapping(data, depth)
        if isinstance(data, list | tuple | set | frozenset):
            return self._sequence(data if type(data) is list else list(data), depth)
        return self._other(data)

    def _sequence(self, data: list[Any], depth: int) -> Any:
        if depth > MAX_DEPTH:
            return marker("too deep")
        clean = self._texts.clean
        changed: list[Any] | None = None
        for place, value in enumerate(data):
            of = type(value)
            if of is str:
                if value in clean:
                    continue
                told: Any = self._string(value, depth)
            elif of is dict:
                told = self._mapping(value, depth + 1)
            else:
                told = self._walk(value, depth + 1)
            if told is not value:
                if changed is None:
                    changed = list(data)
                changed[place] = told
        whole = data if changed is None else changed
        if data and isinstance(data[0], list | tuple):
            return without_headers(whole, self._own)
        return without_arguments(whole, self._own) if len(whole) > 1 else whole

    def _other(self, data: Any) -> str:
        if isinstance(data, bytes | bytearray | memoryview):
            return self.text(bytes(data).decode("utf-8", "replace"))
        return self.text(str(data))

    def _string(self, value: str, depth: int) -> str:
        """Scrub a text; JSON in it is scrubbed as a tree, so that names count there, too."""
        if value in self._texts.clean:
            return value
        if value[:1] not in _JSON_BEGINS or not value:
            return self.text(value)
        told = self._texts.told(value)
        if told is None:
            is_clean = not self._most(value)
            told = value if is_clean else self._looked_at(self._scrubbed_json(value, depth))
            self._texts.remember(value, told)
        return told

    def _scrubbed_json(self, value: str, depth: int) -> str:
        if len(value) > MAX_TEXT or depth >= MAX_DEPTH or value[-1] not in '}]"':
            return value
        tree = tree_of(value)
        scrubbed = tree if tree is None else self._walk(tree, depth + 1)
        return value if scrubbed == tree else json.dumps(scrubbed)

    def _looked_at(self, value: str) -> str:
        most = self._most(value)
        if not most:
            return value
        return self._rules.scrubbed(value if len(value) <= most else value[:most] + "…")


def sanitize_user_data(data: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a dict without secrets and personal data."""
    return dict(Scrubber()._walk(data, 0))  # noqa: SLF001  # one walk serves both, an event has contexts besides

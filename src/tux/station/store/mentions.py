"""Where else a user is named: in texts and stored documents of others. Pure."""

from __future__ import annotations

import json
import re
import zlib
from typing import TYPE_CHECKING, Any, Final

from tux.station.errors import RequestRefusedError
from tux.station.wire.documents import packed_event
from tux.station.wire.inflate import Body
from tux.station.wire.limits import BODY

if TYPE_CHECKING:
    from collections.abc import Iterable

FORGOTTEN: Final = "[forgotten]"
SHORTEST: Final = 8
"""Characters of an id that is looked for in texts: a shorter one stands there by chance."""


class Mentions:
    """Finds and replaces the names under which one user was stored."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names: Final = tuple(name for name in names if len(name) >= SHORTEST)
        """Those that are long enough to be told from chance."""
        self._anywhere = tuple(
            {form.encode() for name in self.names for form in (name, json.dumps(name)[1:-1])}
        )
        self._pattern = re.compile("|".join(map(_pattern, self.names)) or r"(?!)")

    def in_bytes(self, content: bytes) -> bool:
        """Tell whether one may stand in these bytes: a quick look before a slow one."""
        return any(form in content for form in self._anywhere)

    def in_body(self, encoding: str, content: bytes) -> bool:
        """Tell whether one stands in a request's body that is kept as it came."""
        try:
            body = Body(encoding, BODY)
            body.feed(content)
            return self.in_bytes(body.finish())
        except RequestRefusedError:
            return self.in_bytes(content)

    def in_payload(self, content: bytes) -> bool:
        """Tell whether one stands in a stored document."""
        return self.in_bytes(_unpacked(content))

    def text_without(self, text: str) -> str:
        """Replace them in a text."""
        return self._pattern.sub(FORGOTTEN, text)

    def column_without(self, text: str | None) -> str | None:
        """Replace them in a column, which may be empty: a log line need not be of a trace."""
        return None if text is None else self.text_without(text)

    def payload_without(self, content: bytes) -> bytes:
        """Replace them in a stored document; one that cannot be read is emptied."""
        try:
            return packed_event(self._tree_without(json.loads(_unpacked(content))))
        except (ValueError, RecursionError):
            return packed_event({})

    def _tree_without(self, node: Any) -> Any:
        if isinstance(node, str):
            return self.text_without(node)
        if isinstance(node, dict):
            return {self.text_without(key): self._tree_without(one) for key, one in node.items()}
        if isinstance(node, list):
            return [self._tree_without(one) for one in node]
        is_number = isinstance(node, int) and not isinstance(node, bool)
        return FORGOTTEN if is_number and str(node) in self.names else node


def _pattern(name: str) -> str:
    """Find an id by itself: the same digits within a longer number are somebody else's."""
    literal = re.escape(name)
    return rf"(?<![0-9]){literal}(?![0-9])" if name.isdecimal() else literal


def _unpacked(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error:
        return content

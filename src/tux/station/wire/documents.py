"""Foreign JSON → a tree of known depth and size, whose text can be stored and shown."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any, NoReturn

from tux.station.errors import MalformedError

DEPTH = 128
"""Relay's limit of nesting (serde_json)."""
NODES = 200_000
"""A 1 MiB event of ordinary data has fewer than a tenth of it."""
LEVEL = 3
"""Of compression: of an error of 24 KB a tenth larger than the usual 6, in a third of the time."""
# Half of a surrogate pair is valid JSON and invalid UTF-8.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def parse_json(content: bytes, *, depth: int = DEPTH, nodes: int = NODES) -> Any:
    """Decode one JSON document.

    Raises:
        MalformedError: it is not UTF-8, not JSON, or nested too deep or too large to be sane.
    """
    try:
        tree = _DECODER.decode(content.decode("utf-8"))
        if _SURROGATE.search(content):
            tree = _DECODER.decode(whole_text(json.dumps(tree, ensure_ascii=False)))
    except RecursionError:
        raise MalformedError("the JSON is nested too deep") from None
    except json.JSONDecodeError as error:
        raise MalformedError("invalid JSON", f"{error.msg} at character {error.pos}") from None
    except UnicodeDecodeError as error:
        raise MalformedError("invalid UTF-8", f"at byte {error.start}") from None
    except ValueError:  # a number of thousands of digits, NaN, Infinity
        raise MalformedError("invalid JSON", "a number that JSON does not have") from None
    if len(content) > min(depth, nodes):  # a shorter text has neither
        _measure(tree, depth, nodes)
    return tree


def parse_object(content: bytes, what: str, *, nodes: int = NODES) -> dict[str, Any]:
    """Decode one JSON object.

    Raises:
        MalformedError: see ``parse_json``; or it is another kind of JSON. Names ``what`` it is.
    """
    try:
        tree = parse_json(content, nodes=nodes)
    except MalformedError as error:
        raise MalformedError(f"invalid {what}", error.detail, *error.causes) from None
    if not isinstance(tree, dict):
        raise MalformedError(f"invalid {what}", "it must be a JSON object")
    return tree


def packed(content: bytes, tree: Any) -> bytes:
    """Compress a document for keeping; ``tree`` is what ``parse_json`` made of it."""
    if _SURROGATE.search(content):
        return packed_event(tree)
    return zlib.compress(content, LEVEL)


def packed_event(event: Any) -> bytes:
    """Compress a document that the station made from what ``parse_json`` gave."""
    return zlib.compress(json.dumps(event, ensure_ascii=False).encode("utf-8"), LEVEL)


def whole_text(text: str) -> str:
    """Replace what UTF-8 cannot hold: halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _measure(tree: Any, depth: int, nodes: int) -> None:
    level = [tree] if isinstance(tree, (dict, list)) else []
    deep = count = 0
    while level:
        deep += 1
        if deep > depth:
            raise MalformedError(f"the JSON is nested more than {depth} deep")
        count += sum(map(len, level))
        if count > nodes:
            raise MalformedError(f"the JSON has more than {nodes} values")
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]

"""The variables of a stack frame, described all at once, and those of quiet frames not at all.

The SDK's serialiser asks for each value and takes 5 µs to do so, 10 variables a frame; and it does so
for frames of discord.py and HTTP clients, too, of which nothing may leave. Its repr processors are asked
for the variables of a frame as a whole first: here they are answered for as a whole.
"""

from __future__ import annotations

import sys
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sentry_sdk.serializer import CYCLE_MARKER, MAX_DATABAG_BREADTH, MAX_DATABAG_DEPTH

from tux.services.sentry.variables import describe, describe_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType

QUIET_FRAMES: Final = (
    *("discord.", "aiohttp.", "httpx.", "httpcore.", "urllib3.", "requests.", "websockets."),
    *("sqlalchemy.", "asyncpg.", "aiosqlite.", "psycopg.", "tux.services.http_client"),
)
"""Modules whose locals hold headers, tokens, parameters of statements and message content."""
FAILED: Final = "<cannot be described>"
_CALLERS: Final = 4
"""From the SDK's question to its function that has the frame."""


def is_quiet(module: object) -> bool:
    """Tell whether the variables of a module's frames stay at home."""
    return str(module or "").startswith(QUIET_FRAMES)


def describe_frame(value: object, hints: Mapping[str, Any]) -> Any:
    """Describe what the SDK asks for. Stands as a repr processor of the SDK.

    It looks at who asks: the hints do not tell variables of a frame from other values. Where the SDK is
    another than the one that was looked at, it is as slow as the SDK, and the gate drops what is quiet.

    Returns:
        ``NotImplemented`` where the SDK may go on as it does.
    """
    if hints["remaining_depth"] == MAX_DATABAG_DEPTH and type(value) is dict:
        caller = sys._getframe(1)  # noqa: SLF001  # the documented way to one's caller
        asking = caller.f_locals.get("self")
        # Who brings a way to describe of their own is left with it.
        if (
            getattr(asking, "is_vars", False)
            and getattr(asking, "path", None) == []
            and getattr(asking, "custom_repr", None) is describe
        ):
            return {} if is_quiet(_module(caller)) else _variables(value)
    return describe_whole(value, hints)


def _module(caller: FrameType | None) -> object:
    """Find the module of the frame that the SDK is at; None where it is not as it was."""
    for _ in range(_CALLERS):
        if caller is not None and caller.f_code.co_name == "serialize_frame":
            return caller.f_locals.get("module")
        caller = caller.f_back if caller is not None else None
    return None


def _variables(values: dict[Any, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {}
    for name, value in islice(values.items(), MAX_DATABAG_BREADTH):
        try:
            described[str(name)] = _described(value, MAX_DATABAG_DEPTH - 1, ())
        except Exception:  # noqa: BLE001  # whatever an object of somebody's class raises
            described[str(name)] = FAILED
    return described


def _described(value: object, depth: int, above: tuple[object, ...]) -> Any:
    """Describe as the SDK does with `describe` and `describe_whole`."""
    kind = type(value)
    if kind is str:
        return describe(value)
    if any(value is one for one in above):
        return CYCLE_MARKER
    if depth <= 0:
        return describe(value)
    described = describe_whole(value, {"remaining_depth": depth})
    if described is not NotImplemented:
        return described
    if hasattr(kind, "__sentry_repr__") and not isinstance(value, (int, float)):
        return kind.__sentry_repr__(value)
    return _walked(value, depth - 1, (*above, value))


def _walked(value: object, depth: int, above: tuple[object, ...]) -> Any:
    if isinstance(value, dict):
        pairs = list(islice(value.items(), MAX_DATABAG_BREADTH))
        return {str(name): _described(item, depth, above) for name, item in pairs}
    if isinstance(value, (tuple, list, set, frozenset)):
        items = list(islice(value, MAX_DATABAG_BREADTH))
        return [_described(item, depth, above) for item in items]
    return describe(value)

"""Lines of source around where a frame is, from files that are read once.

The SDK reads each file anew and splits it into lines, for every frame of every event: half a millisecond
for the larger files of discord.py. Python's own cache looks only whether a file has changed.
"""

from __future__ import annotations

import linecache
import sys
from typing import TYPE_CHECKING, Any, Final

from sentry_sdk.utils import has_data_collection_enabled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

AROUND: Final = 5
"""Lines before and after, as many as the SDK has."""
LONGEST: Final = 4096
"""Characters of a line; the SDK cuts them to what it is set to."""
_BROUGHT: Final = "tux.source"


def bring_source(options: dict[str, Any]) -> None:
    """Let a client's SDK leave the lines to the gate, where it would add those that we add."""
    if options.get("include_source_context") and not has_data_collection_enabled(options):
        options["include_source_context"] = False
        options[_BROUGHT] = True


def brings_source(options: Mapping[str, Any]) -> bool:
    """Tell whether the lines of a client's events are added by the gate."""
    return bool(options.get(_BROUGHT))


def add_source(frames: Iterable[dict[str, Any]]) -> None:
    """Add the lines around to frames of an event that have none."""
    looked_at: set[str] = set()
    for frame in frames:
        path, number = frame.get("abs_path"), frame.get("lineno")
        if "context_line" in frame or not isinstance(path, str) or not isinstance(number, int):
            continue
        if path not in looked_at:
            looked_at.add(path)
            # An extension may have been loaded anew.
            linecache.checkcache(path)
        # The module brings its source where it was not loaded from a file, as out of an archive.
        module = sys.modules.get(str(frame.get("module")))
        lines = linecache.getlines(path, vars(module) if module is not None else None)
        if 0 < number <= len(lines):
            shown = [
                line.strip("\r\n")[:LONGEST]
                for line in lines[max(0, number - 1 - AROUND) : number + AROUND]
            ]
            at = min(number - 1, AROUND)
            frame["pre_context"], frame["context_line"] = shown[:at], shown[at]
            frame["post_context"] = shown[at + 1 :]

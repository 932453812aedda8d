"""The first line of a file of the spool: bytes and checksum of the envelope that follows it.

Whoever reads such files is a bot's next run, or whoever takes them in without one.
"""

from __future__ import annotations

import json
import zlib
from typing import Any, Final

NAMED: Final = ".env"
"""What the name of a file ends with in which an envelope waits."""
UNNAMED: Final = ".new"
"""The same of one that was written a moment ago, and of blanks that are kept ready."""


def envelope_within(head: bytes, rest: bytes) -> tuple[list[Any], bytes] | None:
    """Give the facts of a file's first line, and the envelope without the blanks that follow it.

    None where the file is cut or changed, or none of the spool.
    """
    try:
        facts = json.loads(head)
        length, checksum, *_ = facts
        body, blanks = rest[:length], rest[length:]
        if len(body) == length and zlib.crc32(body) == checksum and not blanks.strip(b"\0"):
            return facts, body
    except (ValueError, TypeError, RecursionError):
        pass
    return None

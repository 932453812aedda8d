"""Where in the spool waits what is for which receiver: a folder for each host and project.

The key of a DSN does not count: what waited under one that was replaced is sent with the new one.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from sentry_sdk.utils import Dsn

NAME: Final = re.compile(r"(?:[\w.-]{1,60}-)?[0-9a-f]{16}", re.ASCII)
"""Of such a folder. Earlier versions took the hash of the whole DSN, and nothing before it."""
_ODD: Final = re.compile(r"[^A-Za-z0-9.-]")
_LONGEST: Final = 60


def receiver_directory(root: Path, dsn: Dsn) -> Path:
    """Return the folder of a receiver. Its path may be secret, so that only the hash has it."""
    place = f"{dsn.host}:{dsn.port}{dsn.path}{dsn.project_id}"
    told = _ODD.sub("_", f"{dsn.host}_{dsn.port}_{dsn.project_id}")[:_LONGEST]
    return root / f"{told}-{_hash(place)}"


def limits_file(directory: Path, dsn: Dsn) -> Path:
    """Return where the limits of a key are written down: another one may send all the same."""
    return directory / f"limits-{_hash(str(dsn.public_key))}.json"


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]

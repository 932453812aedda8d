"""How an object of ours is told from one that a person made: a name, and a line in its description.

No file on this machine has to know what was made: whoever has the definitions and a token goes on.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tux.provisioning.objects import Body

PREFIX: Final = "[tux] "
_MARK: Final = re.compile(
    r"\s*^managed-by: tux key=(?P<key>[\w-]+) spec=sha256:(?P<spec>[0-9a-f]{12})[ \t]*$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """What the line says."""

    key: str
    spec: str
    """Hash of what was last applied."""


def marked(text: str, mark: Mark) -> str:
    """Put the line below a description."""
    line = f"managed-by: tux key={mark.key} spec=sha256:{mark.spec}"
    return f"{text}\n\n{line}" if text else line


def mark_of(text: str | None) -> Mark | None:
    """Read the line of a description."""
    found = _MARK.search(text or "")
    return Mark(found["key"], found["spec"]) if found else None


def unmarked(text: str | None) -> str:
    """Take the line out of a description."""
    return _MARK.sub("", text or "").strip()


def spec_of(compared: Body) -> str:
    """Hash what would be compared of an object."""
    return hashlib.sha256(json.dumps(compared, sort_keys=True).encode()).hexdigest()[:12]


def scoped(name: str, project: str) -> str:
    """Name something that Sentry keeps for the whole organization: projects must not meet in it."""
    return f"{PREFIX}{name} ({project})"


def is_scoped(title: str, project: str) -> bool:
    """Tell whether a name of the organization is one of ours for this project."""
    return title.startswith(PREFIX) and title.endswith(f" ({project})")

"""The list of installed packages: the same goes with every event, and its versions look like addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tux.services.sentry.scrubbing.written import as_json

if TYPE_CHECKING:
    from collections.abc import Callable

_VERSION: Final = re.compile(r"v?\d{1,4}(?:\.\d{1,8}){0,5}[\w.!-]{0,12}(?:\+[\w.]{1,20})?")


class Packages:
    """Remember the last list that was nothing but packages.

    Args:
        scrub: returns a text without secrets.
    """

    def __init__(self, scrub: Callable[[str], str]) -> None:
        self._scrub = scrub
        self._listed: dict[Any, Any] = {}
        self.json = b"{}"
        """The list as JSON."""

    def are(self, packages: dict[Any, Any]) -> bool:
        """Tell whether these are packages and their versions, and nothing else."""
        if packages == self._listed:
            return True
        if not all(
            type(name) is str
            and type(version) is str
            and _VERSION.fullmatch(version)
            and self._scrub(name) == name
            for name, version in packages.items()
        ):
            return False
        self._listed = dict(packages)
        self.json = as_json(packages)
        return True

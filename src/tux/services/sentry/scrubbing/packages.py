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
        self._listed: tuple[dict[Any, Any], bytes] = ({}, b"{}")
        """Both at once: another thread may be at it."""

    def as_json(self, packages: dict[Any, Any]) -> bytes | None:
        """Return packages and their versions as JSON; None where anything else is among them."""
        listed, json_ = self._listed
        if packages == listed:
            return json_
        if not all(
            type(name) is str
            and type(version) is str
            and _VERSION.fullmatch(version)
            and self._scrub(name) == name
            for name, version in packages.items()
        ):
            return None
        json_ = as_json(packages)
        self._listed = (dict(packages), json_)
        return json_

"""The end of a text that was cut: what stands there is too short for the other rules."""

from __future__ import annotations

import re

from tux.services.sentry.scrubbing.markers import marker

# A variable that was cut is described as "'its beginning'… (its length)".
_CUT = re.compile(r"[\"']?(?:\.{3}|…)(?: \(\d{1,12}\))?[\"')\]}>]{0,8}$")
_LOOKED_AT = 512
_TAILS = (
    (re.compile(r"(?<=://)[^\s/@?#\"'<>:.]{0,64}+:(?!\d{1,5}$)[^\s/@?#\"'<>]{1,256}+$"), "credentials"),
    (re.compile(r"(?<=://)(?=[\w-]*?(?:\d|[a-z][A-Z]))(?=[\d_-]*[A-Za-z])[A-Za-z0-9_-]{16,}+$"), "credentials"),
    (re.compile(r"(?<![\w.+%-])[\w.+%'-]{3,64}@(?!v?\d)[\w.-]{0,64}$"), "e-mail"),
    (re.compile(r"(?<![0-9A-Za-z-])(?:[3-6]\d|2[2-7])\d\d(?:[ -]?\d){4,12}[ -]?$"), "card number"),
    (re.compile(r"(?<![0-9A-Za-z])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){6,30} ?$"), "bank account"),
    (re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f:]*[0-9A-Fa-f]{3})(?:[0-9A-Fa-f]{1,4}:){4,7}[0-9A-Fa-f]{0,4}$"), "ip address"),
    (re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f:]*[0-9A-Fa-f]{3})[0-9A-Fa-f]{1,4}:(?=[0-9A-Fa-f:]*::)[0-9A-Fa-f:]{4,40}$"), "ip address"),
    (re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f:]*[0-9A-Fa-f]{3})[0-9A-Fa-f]{1,4}::[0-9A-Fa-f:]{4,40}$"), "ip address"),
    (re.compile(r"(?<![\w-])[A-Za-z0-9_-]{22,28}\.[\w-]{0,6}$"), "discord token"),
)  # fmt: skip
"""What may be left of a value → what it was."""


def without_cut_tail(text: str) -> str:
    """Remove a secret that was cut at the end of a text, told by its ellipsis."""
    cut = _CUT.search(text, max(0, len(text) - 32))
    if cut is None:
        return text
    start = max(0, cut.start() - _LOOKED_AT)
    tail = text[start : cut.start()]
    for pattern, kind in _TAILS:
        found = pattern.search(tail)
        if found:
            return text[: start + found.start()] + marker(kind) + text[cut.start() :]
    return text

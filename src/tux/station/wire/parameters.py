"""A message → the same without what differs between two runs. Pure."""

from __future__ import annotations

import re
from typing import Final

# Most specific first.
_VARIABLE: Final = re.compile(
    r"""
    (?P<quoted>(?<!\w)'[^'\n]{0,200}'(?!\w) | "[^"\n]{0,200}" | `[^`\n]{1,200}`)
    | (?P<email>(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)
    | (?P<url>\b[a-z][a-z0-9+.-]{1,15}://[^\s'"<>]+)
    | (?P<uuid>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)
    | (?P<date>\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)
    | (?P<time>(?<![\w:])\d{1,2}:\d\d:\d\d(?:[.,]\d+)?)
    | (?P<ip>\b\d{1,3}(?:\.\d{1,3}){3}\b | (?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:]))
    | (?P<hex>\b0x[0-9a-f]+\b|\b(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{7,}\b)
    | (?P<path>(?<![\w/])(?:/[\w.+-]+){2,} | \b[a-z]:\\[^\s'"<>]+)
    | (?P<number>(?<![\w.])-?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?)
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


def normalised(message: str) -> str:
    """Replace ids, numbers, addresses, times, paths and what stands in quotes by their kind."""
    return _VARIABLE.sub(lambda match: f"<{match.lastgroup}>", message)

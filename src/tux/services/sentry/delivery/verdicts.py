"""What a receiver's answer means for an envelope."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final


class Verdict(Enum):
    """What becomes of an envelope."""

    ARRIVED = auto()
    AWAY = auto()
    """No answer came."""
    KEEP = auto()
    LIMITED = auto()
    TOO_LARGE = auto()
    REFUSED = auto()


# Of the address, the key or the way there, and not of the envelope: a proxy says so while what is
# behind it restarts, and whoever mends a key wants what was captured meanwhile.
_NOT_OF_THE_ENVELOPE: Final = (401, 403, 404, 407, 408, 421, 425)
_BY_STATUS: Final = {
    **dict.fromkeys(_NOT_OF_THE_ENVELOPE, Verdict.KEEP),
    413: Verdict.TOO_LARGE,
    429: Verdict.LIMITED,
}
_BY_CLASS: Final = {2: Verdict.ARRIVED, 4: Verdict.REFUSED}


def verdict_of(status: int) -> Verdict:
    """Judge a status.

    Sentry's SDKs give an envelope up at any status. We keep it on 5xx: a receiver that restarts
    answers so, and what waits is bounded.
    """
    return _BY_STATUS.get(status) or _BY_CLASS.get(status // 100, Verdict.KEEP)

"""Token buckets for each fingerprint and for all, in front of the SDK. No I/O; time is an argument.

The SDK serialises every frame before any of its hooks may drop the event; here a suppressed error
costs microseconds.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from threading import RLock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType, TracebackType

MAX_FINGERPRINTS: Final = 1024
"""Fingerprints that are remembered, the latest used."""
NEW_KINDS: Final = 50
"""Burst of the budget for kinds that have never been seen: a storm must not hide a new error."""
NEW_KIND_RATE: Final = 1.0
MAX_MINUTES: Final = 5
OWN_PACKAGE: Final = "tux.services.sentry"
LIBRARY_MARKS: Final = ("/site-packages/", "/lib/python", "\\site-packages\\", "\\Lib\\")

Fingerprint = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may pass."""

    burst: int
    """Errors of one fingerprint at once."""
    period: float
    """Seconds after which one more of it may pass."""
    total_burst: int
    total_rate: float
    """Errors of all fingerprints in a second."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What was held back before an error that passes."""

    count: int
    since: float
    """Unix seconds of the first; 0 where there was none."""


@dataclass(frozen=True, slots=True)
class Storm:
    """What was held back of one kind and never told by an error that passed."""

    fingerprint: Fingerprint
    count: int
    since: float
    """Unix seconds of the first."""
    until: float
    """Unix seconds of the last."""


@dataclass(slots=True)
class Bucket:
    """Refills by ``rate`` a second up to ``burst``."""

    burst: float
    rate: float
    tokens: float
    at: float

    def fill(self, now: float) -> bool:
        """Add what time has brought, and tell whether there is a token."""
        # Nothing comes of a clock that was set back.
        if now > self.at:
            tokens = self.tokens + (now - self.at) * self.rate
            self.tokens = tokens if tokens < self.burst else self.burst  # noqa: FURB136  # a call costs twice as much
        self.at = now
        return self.tokens >= 1


@dataclass(slots=True)
class _Kind:
    fingerprint: Fingerprint
    bucket: Bucket
    count: int = 0
    since: float = 0.0
    until: float = 0.0


@dataclass
class Limiter:
    """Admits or suppresses, and counts what it suppressed. Any thread may call."""

    limits: Limits
    clock: Callable[[], float]
    """Unix seconds."""
    suppressed: int = 0
    """All that was ever held back."""
    _kinds: OrderedDict[Fingerprint, _Kind] = field(default_factory=OrderedDict)
    _untold: dict[Fingerprint, _Kind] = field(default_factory=dict)
    """Kinds of which something was held back since one has passed."""
    _latest: _Kind | None = None
    """The kind that stands last, for it came last."""
    _lock: RLock = field(default_factory=RLock)

    def __post_init__(self) -> None:
        now = self.clock()
        limits = self.limits
        self._total = Bucket(limits.total_burst, limits.total_rate, limits.total_burst, now)
        self._new = Bucket(NEW_KINDS, NEW_KIND_RATE, NEW_KINDS, now)

    def admit(self, fingerprint: Fingerprint, *, always: bool = False) -> Suppressed | None:
        """Let an error pass, with what was held back before it; None holds it back.

        Args:
            fingerprint: see ``fingerprint_of``.
            always: for what must never be held back; it takes its token all the same.
        """
        now = self.clock()
        with self._lock:
            kind = self._latest
            is_new = False
            # A fingerprint's code takes long to hash, and in a storm it is the same again and again.
            if kind is None or kind.fingerprint != fingerprint:
                is_new = fingerprint not in self._kinds
                kind = self._latest = self._remember(fingerprint, now)
            if not (self._has_token(kind, now, is_new=is_new) or always):
                if not kind.count:
                    kind.since = now
                    self._untold[fingerprint] = kind
                kind.count += 1
                kind.until = now
                self.suppressed += 1
                return None
            before = Suppressed(kind.count, kind.since)
            if kind.count:
                self._forget(fingerprint, kind)
            return before

    @property
    def has_untold(self) -> bool:
        """Whether something was held back that nobody was told of yet."""
        return bool(self._untold)

    def take_storms(self, quiet: float) -> list[Storm]:
        """Take out what was held back of kinds of which nothing came for so many seconds."""
        now = self.clock()
        with self._lock:
            over = [
                Storm(fingerprint, kind.count, kind.since, kind.until)
                for fingerprint, kind in list(self._untold.items())
                if now - kind.until >= quiet
            ]
            for storm in over:
                self._forget(storm.fingerprint, self._untold[storm.fingerprint])
        return over

    def _forget(self, fingerprint: Fingerprint, kind: _Kind) -> None:
        kind.count, kind.since = 0, 0.0
        self._untold.pop(fingerprint, None)

    def _has_token(self, kind: _Kind, now: float, *, is_new: bool) -> bool:
        if not kind.bucket.fill(now):
            return False
        if self._total.fill(now):
            self._total.tokens -= 1
        elif is_new and self._new.fill(now):
            self._new.tokens -= 1
        else:
            return False
        kind.bucket.tokens -= 1
        return True

    def _remember(self, fingerprint: Fingerprint, now: float) -> _Kind:
        known = self._kinds.get(fingerprint)
        if known is not None:
            self._kinds.move_to_end(fingerprint)
            return known
        while len(self._kinds) >= MAX_FINGERPRINTS:
            oldest, _ = self._kinds.popitem(last=False)
            self._untold.pop(oldest, None)
        limits = self.limits
        kind = _Kind(fingerprint, Bucket(limits.burst, 1 / limits.period, limits.burst, now))
        self._kinds[fingerprint] = kind
        return kind


def fingerprint_of(error: BaseException, command: str | None) -> Fingerprint:
    """Tell errors of one kind from others: class, innermost frame of the bot's own code, command.

    An error that was never raised has no frame; where it was captured stands for it.
    """
    trace = error.__traceback__
    place = _innermost(trace) if trace is not None else _caller()
    return (type(error), *place, command)


def _innermost(trace: TracebackType) -> tuple[CodeType, int]:
    traces = []
    current: TracebackType | None = trace
    while current is not None:
        traces.append(current)
        current = current.tb_next
    for chosen in reversed(traces):
        code = chosen.tb_frame.f_code
        if _is_own(code.co_filename):
            return code, chosen.tb_lineno
    return traces[-1].tb_frame.f_code, traces[-1].tb_lineno


@lru_cache(4096)
def _is_own(filename: str) -> bool:
    return not any(part in filename for part in LIBRARY_MARKS)


def _caller() -> tuple[CodeType, int] | tuple[()]:
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # the documented way to one's callers
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith(OWN_PACKAGE):
        frame = frame.f_back
    return (frame.f_code, frame.f_lineno) if frame is not None else ()


@dataclass
class MinuteBudget:
    """So many of each error type in each minute, for users' own code. Any thread may call."""

    limit: int
    _spent: OrderedDict[int, dict[str, int]] = field(default_factory=OrderedDict)
    """Minute → type → count, of the latest minutes: errors of different ones come mixed."""
    _lock: RLock = field(default_factory=RLock)

    def spend(self, error_type: str, minute: int) -> bool:
        """Take one from the budget of a type in a minute, and tell whether there was one."""
        with self._lock:
            in_minute = self._spent.setdefault(minute, {})
            while len(self._spent) > MAX_MINUTES:
                self._spent.popitem(last=False)
            spent = in_minute.get(error_type, 0)
            if spent >= self.limit or (not spent and len(in_minute) >= MAX_FINGERPRINTS):
                return False
            in_minute[error_type] = spent + 1
            return True

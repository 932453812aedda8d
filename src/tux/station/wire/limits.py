"""How much an envelope may hold: Relay's table, as far as a station on one machine needs it.

Relay's defaults (relay-config, ``check_envelope_size_limits``) where they are not larger than what
one request to the station may have.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tux.station.errors import TooLargeError

if TYPE_CHECKING:
    from tux.station.wire.protocol import Envelope

KIB, MIB = 1024, 1024 * 1024
BODY = 20 * MIB
"""One request, on the wire and inflated."""


@dataclass(frozen=True, slots=True)
class Limit:
    """For the item types that are counted together."""

    types: frozenset[str]
    each: int
    count: int
    total: int


LIMITS = (
    Limit(frozenset({"event", "transaction", "feedback", "security"}), MIB, 1, MIB),
    Limit(frozenset({"attachment", "user_report"}), BODY, 30, BODY),
    Limit(frozenset({"session", "sessions"}), 10 * MIB, 100, 10 * MIB),
    Limit(frozenset({"check_in"}), 100 * KIB, 1, 100 * KIB),
    Limit(frozenset({"client_report"}), 100 * KIB, 100, 100 * KIB),
    Limit(frozenset({"profile", "profile_chunk"}), BODY, 1, BODY),
    Limit(frozenset({"log"}), 12 * MIB, 1, 12 * MIB),
    Limit(frozenset({"trace_metric"}), 12 * MIB, 1, 12 * MIB),
    Limit(frozenset({"statsd", "metric_buckets"}), MIB, 1, MIB),
)
SPAN_CONTAINER = Limit(frozenset({"span"}), 12 * MIB, 1, 12 * MIB)
LEGACY_SPAN = Limit(frozenset({"span"}), 10 * MIB, 25, 12 * MIB)
SPAN_CONTAINER_TYPE = "application/vnd.sentry.items.span.v2+json"
_LIMIT_OF = {kind: limit for limit in LIMITS for kind in limit.types}


def check_limits(envelope: Envelope) -> None:
    """Let an envelope pass of which every part is within its limits.

    Raises:
        TooLargeError: names the first item type that is not.
    """
    sizes: dict[Limit, list[int]] = defaultdict(list)
    for item in envelope.items:
        limit = _LIMIT_OF.get(item.type)
        if limit is not None and len(envelope.items) == 1 and len(item.payload) <= limit.each:
            return  # a single one of most types is neither too many nor too much together
        if item.type == "span":
            is_container = item.headers.get("content_type") == SPAN_CONTAINER_TYPE
            limit = SPAN_CONTAINER if is_container else LEGACY_SPAN
        if limit is None:
            continue
        sizes[limit].append(len(item.payload))
        if len(item.payload) > limit.each:
            raise TooLargeError(f"an item of type {item.type} is over {limit.each} bytes")
        if len(sizes[limit]) > limit.count:
            raise TooLargeError(f"more than {limit.count} items of type {item.type}")
        if sum(sizes[limit]) > limit.total:
            raise TooLargeError(f"items of type {item.type} are over {limit.total} bytes together")

"""Where a unit of work spends its time: database, Discord, external APIs, waits, its own code. Pure."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tux.station.rollups import naming

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tux.station.wire.rows import SpanRow

DATABASE: Final = naming.DATABASE
PEOPLE: Final = "people"
"""A view, a modal or a `wait_for` that a member answers."""
LIMIT: Final = "rate limit"
EXTERNAL: Final = "external"
DISCORD: Final = "discord"
OWN: Final = "own"
"""What no span of another area covers: the bot's code."""
AREAS: Final = (PEOPLE, LIMIT, EXTERNAL, DISCORD, DATABASE)
"""The first one counts where several go on at once: a wait inside a call is a wait."""
ALL_AREAS: Final = (DATABASE, DISCORD, EXTERNAL, LIMIT, PEOPLE, OWN)
"""In the order of charts."""
CALL_OP: Final = "http.client"
_DISCORD_HOSTS: Final = ("discord.com", "discordapp.com")


def area_of(op: str, description: str) -> str | None:
    """Name the area of a span; None where it is the bot's own."""
    if op.startswith(DATABASE):
        return DATABASE
    if op == CALL_OP:
        return DISCORD if is_discord(description) else EXTERNAL
    if op == "ui.wait":
        return PEOPLE
    if op.startswith("discord."):
        return LIMIT
    return None


def is_discord(call: str) -> bool:
    """Tell whether a call goes to Discord; our layer names those by their route, without a host."""
    return host_of(call).endswith(_DISCORD_HOSTS)


def host_of(call: str) -> str:
    """Give the host of ``GET https://host/path``; Discord's where it has none."""
    address = call.rpartition(" ")[2]
    if "://" not in address:
        return _DISCORD_HOSTS[0]
    try:
        return urlsplit(address).hostname or address
    except ValueError:  # a hostile address
        return address


def shares_of(start: float, duration: float, spans: Iterable[SpanRow]) -> dict[str, float]:
    """Split a duration, in milliseconds, between the areas: they add up to it.

    Args:
        start: when the unit began, in Unix seconds.
        duration: in milliseconds.
        spans: what happened in it; what lies outside of its time is cut off.
    """
    edges: list[tuple[float, int, int]] = []
    for span in spans:
        area = area_of(span.op, span.description)
        if area is None:
            continue
        begin = max((span.start - start) * 1000, 0.0)
        end = min((span.start - start) * 1000 + span.duration, duration)
        if end > begin:
            place = AREAS.index(area)
            edges += (begin, 1, place), (end, -1, place)
    found: dict[str, float] = {}
    running = [0] * len(AREAS)
    before = 0.0
    for moment, change, place in sorted(edges, key=itemgetter(0)):
        if moment > before:
            _add(found, running, moment - before)
            before = moment
        running[place] += change
    own = duration - sum(found.values())
    if own > 0:
        found[OWN] = own
    return found


def _add(found: dict[str, float], running: list[int], length: float) -> None:
    for place, count in enumerate(running):
        if count:
            area = AREAS[place]
            found[area] = found.get(area, 0.0) + length
            return

"""Where a unit of work spends its time."""

from __future__ import annotations

import pytest

from tux.station.rollups.areas import area_of, host_of, shares_of
from tux.station.wire.rows import SpanRow

WAIT, LIMIT, API = ("ui.wait", ""), ("discord.ratelimit", ""), ("http.client", "GET https://x.y/z")
REST, QUERY = ("http.client", "POST /channels/{channel_id}/messages"), ("db.sql.query", "SELECT 1")
OTHER = ("middleware.discord", "check")


def span(kind: tuple[str, str], begin: float, end: float) -> SpanRow:
    """Make a span, in milliseconds from the start of its unit at 100 s."""
    return SpanRow("", "", None, *kind, "ok", 100 + begin / 1000, end - begin)


@pytest.mark.parametrize(
    ("kind", "area"),
    [
        (QUERY, "db"),
        (REST, "discord"),
        (("http.client", "GET https://discord.com/api/v10/gateway"), "discord"),
        (API, "external"),
        (LIMIT, "rate limit"),
        (WAIT, "people"),
        (OTHER, None),
        (("function", "GET https://x.y"), None),
    ],
)
def test_areas_of_spans(kind: tuple[str, str], area: str | None) -> None:
    """The op tells the area, and of a call whom it goes to."""
    assert area_of(*kind) == area


@pytest.mark.parametrize(
    ("call", "host"),
    [
        ("GET https://x.y:8080/z?q=1", "x.y"),
        ("PUT /guilds/{guild_id}", "discord.com"),
        ("https://u:p@x.y", "x.y"),
        ("GET http://[", "http://["),
        ("", "discord.com"),
    ],
)
def test_hosts_of_calls(call: str, host: str) -> None:
    """A call without a host is one of Discord's routes."""
    assert host_of(call) == host


@pytest.mark.parametrize(
    ("spans", "shares"),
    [
        ([], {"own": 100}),
        ([span(QUERY, 10, 30)], {"db": 20, "own": 80}),
        ([span(QUERY, 0, 60), span(QUERY, 20, 50)], {"db": 60, "own": 40}),
        ([span(QUERY, 0, 50), span(API, 30, 80)], {"db": 30, "external": 50, "own": 20}),
        ([span(REST, 0, 100), span(LIMIT, 20, 90)], {"discord": 30, "rate limit": 70}),
        ([span(WAIT, 0, 90), span(OTHER, 0, 95)], {"people": 90, "own": 10}),
        ([span(QUERY, -50, 20), span(QUERY, 90, 900)], {"db": 30, "own": 70}),
        ([span(QUERY, 200, 300), span(QUERY, 50, 50)], {"own": 100}),
    ],
)
def test_shares_add_up_to_the_whole(spans: list[SpanRow], shares: dict[str, float]) -> None:
    """Each moment counts once, for the first area that goes on; what lies outside is cut off."""
    found = shares_of(100.0, 100.0, spans)
    assert found == pytest.approx(shares)
    assert sum(found.values()) == pytest.approx(100)

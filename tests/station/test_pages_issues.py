"""Issues as a browser sees them: lists, decisions, events, copies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.station.test_pages_content import FRAME, LIBRARY, page

if TYPE_CHECKING:
    from tests.station.conftest import StationUnderTest


def states(station: StationUnderTest) -> list[str]:
    return [row["status"] for row in station.rows("SELECT status FROM issues ORDER BY id")]


async def three(station: StationUnderTest) -> None:
    for name, count in (("Apple", 3), ("Pear", 2), ("Plum", 1)):
        for number in range(count):
            await station.send_event(
                message=f"{name} pie", tags={"command": name.lower()}, user={"id": str(number)}
            )


async def test_a_search_that_is_wrong_is_shown(station: StationUnderTest) -> None:
    """The place is marked, what could be meant is said, and nothing else is listed."""
    await station.send_event(message="m", tags={"command": "ban"})
    found = await page(station, "/issues/?query=" + quote("timesSeen:many"))
    assert "<mark>timesSeen:many</mark>" in found
    assert "is a number" in found
    assert "/issues/1/" not in found
    found = await page(station, "/issues/?query=" + quote("comand:ban"))
    assert "Did you mean command?" in found


async def test_tabs_count_and_keep_the_search(station: StationUnderTest) -> None:
    """Each tab says how many issues it has, and looks for the same."""
    await three(station)
    await station.press("/issues/3/resolve", on="/issues/3/")
    found = await page(station, "/issues/?query=pie&sort=events")
    assert 'href="?query=pie&sort=events&status=resolved"' in found
    assert 'unresolved <span class="quiet">2</span>' in found
    assert 'resolved <span class="quiet">1</span>' in found
    assert 'all <span class="quiet">3</span>' in found
    assert found.index("Apple pie") < found.index("Pear pie")


async def test_what_is_chosen_in_the_list_is_decided_about(station: StationUnderTest) -> None:
    """One form changes those that are ticked, or all of the page, and leads back to the same list."""
    await three(station)
    answer = await station.press(
        "/issues/act", on="/issues/", act="resolve", issue="1", back="/issues/?query=pie"
    )
    assert (answer.status, answer.headers["Location"]) == (303, "/issues/?query=pie")
    assert states(station) == ["resolved", "unresolved", "unresolved"]
    fields: dict[str, Any] = {"all": "1", "page_ids": "2,3", "until": "100e"}
    await station.press("/issues/act", on="/issues/", act="ignore", **fields)
    assert states(station) == ["resolved", "ignored", "ignored"]
    assert station.value("SELECT ignored_count FROM issues WHERE id = 2") == 102
    answer = await station.press("/issues/act", on="/issues/?status=all", act="ignore")
    assert (answer.status, b"an issue must be chosen first" in answer.body) == (400, True)
    answer = await station.press("/issues/act", on="/issues/?status=all", act="merge", issue="1")
    assert (answer.status, b"two issues must be chosen first" in answer.body) == (400, True)
    assert states(station) == ["resolved", "ignored", "ignored"]


@pytest.mark.parametrize(
    "back",
    [
        "https://example.org/",
        "//example.org",
        "/issues//x\r\nSet-Cookie: a=b",
        "/logout",
        "/issues/../",
    ],
)
async def test_a_button_leads_to_a_page_of_ours(station: StationUnderTest, back: str) -> None:
    """Whatever a form says, nobody is led elsewhere."""
    await station.send_event(message="m")
    answer = await station.press("/issues/1/resolve", back=back)
    assert answer.status == 303
    assert answer.headers["Location"] in {"/issues/1/", "/issues/../"}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "for ever"),
        ({"until": "24h"}, "until"),
        ({"until": "10e"}, "for 10 more events"),
        ({"events": "7"}, "for 7 more events"),
        ({"moment": "2030-01-02T03:04"}, "until 2 Jan 2030, 03:04:00 UTC"),
    ],
)
async def test_an_issue_is_ignored(
    station: StationUnderTest, fields: dict[str, Any], says: str
) -> None:
    """The page says how long, and its history who did it."""
    await station.send_event(message="m")
    await station.press("/issues/1/ignore", **fields)
    found = await page(station, "/issues/1/")
    assert says in found
    assert "it is still counted, and silent" in found
    assert "by a person" in found
    assert "Reopen" in found


@pytest.mark.parametrize(
    "fields",
    [{"moment": "2001-01-01T00:00"}, {"moment": "soon"}, {"events": "0"}, {"events": "x"}],
)
async def test_nonsense_is_not_ignored_for(
    station: StationUnderTest, fields: dict[str, Any]
) -> None:
    """A time that is over, or no number, changes nothing and says what is expected."""
    await station.send_event(message="m")
    answer = await station.press("/issues/1/ignore", **fields)
    assert answer.status == 400
    assert states(station) == ["unresolved"]


async def test_issues_are_merged_and_taken_apart(station: StationUnderTest) -> None:
    """The old address leads on; the page lists the groups, and takes out what is ticked."""
    await three(station)
    answer = await station.press(
        "/issues/act", on="/issues/", act="merge", all="1", page_ids="1,2,3"
    )
    assert answer.headers["Location"] == "/issues/1/"
    moved = await station.get("/issues/3/")
    assert (moved.status, moved.headers["Location"]) == (303, "/issues/1/")
    found = await page(station, "/issues/1/")
    assert "merged of 3 groups" in found
    assert (await page(station, "/issues/")).count('class="title"') == 1
    group = station.value("SELECT id FROM issue_hashes WHERE title = 'Plum pie'")
    await station.press("/issues/1/unmerge", hash=str(group))
    assert "Plum pie" in await page(station, "/issues/3/")
    assert states(station) == ["unresolved", "merged", "unresolved"]


async def test_an_event_is_copied(station: StationUnderTest) -> None:
    """As text that reads like Python's own, as JSON, and as the envelope that came."""
    exception = {
        "type": "KeyError",
        "value": "'xp'",
        "stacktrace": {"frames": [LIBRARY, {**FRAME, "abs_path": "/srv/levels.py"}]},
    }
    event_id = await station.send_event(
        exception={"values": [exception]},
        breadcrumbs=[{"category": "discord", "message": "rank was called", "timestamp": 1e9}],
        tags={"command": "rank"},
        release="v1",
    )
    answer = await station.get(f"/events/{event_id}/text")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    text = answer.body.decode()
    assert text.splitlines()[:2] == ["KeyError: 'xp'", f"{station.url}/events/{event_id}/"]
    for part in (
        "  File \"/srv/levels.py\", line 88, in rank\n    xp = row['xp']\n      row = {}\n",
        "Release: v1",
        "discord: rank was called",
        "  command: rank",
    ):
        assert part in text, part
    envelope = await station.get(f"/events/{event_id}/envelope")
    assert f'filename="{event_id}.envelope"' in envelope.headers["Content-Disposition"]
    header, item, payload = envelope.body.split(b"\n", 2)
    assert json.loads(header)["event_id"] == event_id
    assert json.loads(item)["type"] == "event"
    document = json.loads((await station.get(f"/events/{event_id}/json")).body)
    assert document == json.loads(payload)
    for missing in ("text", "json", "envelope", ""):
        assert (await station.get(f"/events/{'0' * 32}/{missing}")).status == 404


async def test_the_page_tells_since_when_and_what_was_said(station: StationUnderTest) -> None:
    """Release before and of the fault, feedback of this event and of others, shares of tags."""
    now = station.station.store.clock()
    await station.send_event(message="fine", level="info", release="v1", timestamp=now - 100)
    ids = [
        await station.send_event(
            message="m",
            release="v2",
            timestamp=now - 9 + n,
            tags={"command": "ban" if n else "kick"},
        )
        for n in range(4)
    ]
    for event_id, message in ((ids[0], "It broke"), (ids[3], "Again!")):
        feedback = {"contexts": {"feedback": {"message": message, "associated_event_id": event_id}}}
        await station.send(({"type": "feedback"}, feedback))
    found = await page(station, "/issues/2/")
    assert "Suspect release: <b>v2</b>" in found
    assert "never in v1 before" in found
    assert found.index("Again!") < found.index("It broke")
    assert f'href="/events/{ids[0]}/">⇤ First</a>' in found
    assert "75 %" in found
    assert "Grouping: why these events are one issue" in found
    assert "They have the same message" in found
    assert f'href="/events/{ids[3]}/">Last ⇥</a>' in await page(station, f"/events/{ids[0]}/")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=st.text(max_size=80), sort=st.text(max_size=10), number=st.text(max_size=5))
async def test_any_search_is_answered(
    station: StationUnderTest, query: str, sort: str, number: str
) -> None:
    """Whatever stands in the address, the list is a page."""
    typed = "&".join(
        f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}"
        for name, value in (("query", query), ("sort", sort), ("page", number), ("status", sort))
    )
    assert (await station.get(f"/issues/?{typed}")).status == 200

"""The pages in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from playwright.async_api import expect
from tests.fakes import browser as browsers
from tests.fakes.browser import visiting
from tests.fakes.hostile import hostile_event, hostile_transaction

if TYPE_CHECKING:
    from playwright.async_api import Browser
    from tests.station.conftest import StationUnderTest

browser = browsers.browser

TRACE = "f" * 32
LOOKS: list[tuple[Literal["light", "dark"], int]] = [
    ("light", 1280),
    ("dark", 1280),
    ("light", 390),
]


async def fill(station: StationUnderTest) -> dict[str, str]:
    """Let hostile clients send; returns what each page must show, by its address."""
    now = station.station.store.clock()
    event = hostile_event()
    event["contexts"]["trace"] = {"trace_id": TRACE, "span_id": "a" * 16}
    event_id = await station.send_event(**event)
    await station.send_event(message="A quiet message", level="warning")
    await station.send_transaction(**hostile_transaction(TRACE, now))
    await station.send_transaction(transaction="ban")
    log = {"timestamp": now, "level": "info", "body": event["transaction"], "trace_id": TRACE}
    logs = {"type": "log", "item_count": 1, "content_type": "application/vnd.sentry.items.log+json"}
    await station.send((logs, {"items": [log]}))
    check_in = {"check_in_id": TRACE, "monitor_slug": event["transaction"], "status": "error"}
    await station.send(({"type": "check_in"}, check_in))
    return {
        "/": "User impact",
        "/issues/": "A quiet message",
        "/issues/1/": "Stack trace",
        f"/events/{event_id}/": "Breadcrumbs",
        "/transactions/": "By name",
        "/transactions/?name=ban": "Duration",
        f"/traces/{TRACE}/": "What took how long",
        "/errors/": "script",
        "/operations/": "By operation",
        "/queries/": "Query time",
        "/hosts/": "Requests that take the most time",
        "/releases/": "script",
        "/users/": "Who met errors",
        "/tags/": "Errors",
        "/logs/": "script",
        "/monitors/": "script",
    }


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
async def test_pages_are_whole_in_a_browser(
    station: StationUnderTest, browser: Browser, scheme: Literal["light", "dark"], width: int
) -> None:
    """No page runs a script, breaks the policy, misses a file or is wider than its window."""
    shown = await fill(station)
    async with visiting(browser, width=width, scheme=scheme) as visit:
        for path, text in shown.items():
            await visit.page.goto(station.url + path, wait_until="load")
            assert await visit.page.get_by_text(text).first.is_visible(), path
            assert await visit.overflow() <= 0, path
            assert all((await visit.pictures()).values()), path
        assert visit.troubles == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_charts_have_the_colours_of_the_scheme(
    station: StationUnderTest, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    """What failed is drawn in the colour of what is bad, by the style sheet alone."""
    await fill(station)
    async with visiting(browser, scheme=scheme) as visit:
        await visit.page.goto(f"{station.url}/?range=15m")
        bar = visit.page.locator(".plot .b.bad").first
        colour = {"light": "rgb(194, 32, 47)", "dark": "rgb(255, 138, 144)"}[scheme]
        assert await bar.evaluate("bar => getComputedStyle(bar).fill") == colour
        assert visit.troubles == []


async def test_an_issue_is_resolved_by_its_button(
    station: StationUnderTest, browser: Browser
) -> None:
    """Whoever presses the button is back on the issue, which is resolved; and back again."""
    await station.send_event(message="Something broke")
    async with visiting(browser) as visit:
        await visit.page.goto(f"{station.url}/issues/1/")
        await visit.page.get_by_role("button", name="Resolve", exact=True).click()
        await visit.page.get_by_role("button", name="Reopen").wait_for()
        assert station.value("SELECT status FROM issues") == "resolved"
        await visit.page.get_by_role("button", name="Reopen").click()
        await visit.page.get_by_role("button", name="Resolve", exact=True).wait_for()
        assert station.value("SELECT status FROM issues") == "unresolved"
        assert visit.troubles == []


async def test_going_back_shows_how_it_is_now(station: StationUnderTest, browser: Browser) -> None:
    """Back after a button sends nothing again, shows the new state, and marks no other issue."""
    for text in ("One thing broke", "Another thing broke"):
        await station.send_event(message=text)
    async with visiting(browser) as visit:
        posts: list[str] = []
        visit.page.on(
            "request",
            lambda request: posts.append(request.method) if request.method == "POST" else None,
        )
        rows, marks = visit.page.locator("tbody tr"), visit.page.locator("input:checked")
        await visit.page.goto(f"{station.url}/issues/")
        await visit.page.get_by_role("checkbox").nth(1).check()
        await visit.page.get_by_role("button", name="Resolve", exact=True).click()
        await expect(rows).to_have_count(1)
        await visit.page.go_back()
        await expect(rows).to_have_count(1)
        await expect(marks).to_have_count(0)
        await visit.page.locator("tbody a").first.click()
        await visit.page.get_by_role("button", name="Resolve", exact=True).click()
        await visit.page.get_by_role("button", name="Reopen").wait_for()
        await visit.page.go_back()
        await expect(visit.page.get_by_role("button", name="Reopen")).to_be_visible()
        await visit.page.go_back()
        await visit.page.get_by_text("No unresolved issues").wait_for()
        assert posts == ["POST"] * 2
        assert visit.troubles == []


async def test_a_page_that_a_browser_kept_is_asked_for_anew(
    station: StationUnderTest, browser: Browser
) -> None:
    """What comes out of the browser's memory is not shown as if it were so."""
    await station.send_event(message="Something broke")
    async with visiting(browser) as visit:
        await visit.page.goto(f"{station.url}/issues/1/")
        assert (await station.press("/issues/1/resolve")).status == 303
        kept = 'dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}))'
        async with visit.page.expect_navigation():
            await visit.page.evaluate(kept)
        await expect(visit.page.get_by_role("button", name="Reopen")).to_be_visible()


async def test_an_empty_station_says_what_to_do(
    station: StationUnderTest, browser: Browser
) -> None:
    """Each page of an empty station is whole, and the first one shows the DSN."""
    async with visiting(browser, width=390) as visit:
        for path in ("/issues/", "/transactions/", "/logs/", "/monitors/", "/"):
            await visit.page.goto(station.url + path, wait_until="load")
            assert await visit.overflow() <= 0, path
        assert await visit.page.get_by_text(station.dsn).is_visible()
        assert visit.troubles == []

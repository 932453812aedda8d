"""Pages that keep themselves up to date, and the keys."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.fakes import browser as browsers
from tests.fakes.browser import visiting
from tests.fakes.hostile import evil

from tux.station.pages import live
from tux.station.server import serving

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser
    from tests.station.conftest import StationUnderTest

browser = browsers.browser


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for news more often than usual."""
    monkeypatch.setattr(live.Live.__init__, "__defaults__", (0.05, 2))


async def test_news_are_told(station: StationUnderTest) -> None:
    """Whoever listens hears a line as soon as something was kept, and none before."""
    async with station.http.get(f"{station.url}/live") as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert await answer.content.readuntil(b"\n\n") == b"retry: 5000\n\n"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(answer.content.readuntil(b"\n\n"), 0.2)
        await station.send_event(message="News")
        assert (await answer.content.readuntil(b"\n\n")).startswith(b"data: ")


async def test_listeners_are_bounded(station: StationUnderTest) -> None:
    """One listener too many is told to come again, and has a place when another one left."""
    first = await station.http.get(f"{station.url}/live")
    second = await station.http.get(f"{station.url}/live")
    refused = await station.get("/live")
    assert (refused.status, refused.headers["Retry-After"]) == (503, "30")
    first.close()
    await station.send_event(message="Its absence is found out when there is something to tell")
    async with asyncio.timeout(10):
        while (await _status(station)) != 200:
            await station.send_event(message="More")
    second.close()


async def _status(station: StationUnderTest) -> int:
    async with station.http.get(f"{station.url}/live") as answer:
        return answer.status


async def test_a_station_that_stops_lets_listeners_go(
    station: StationUnderTest, tmp_path: Path
) -> None:
    """The line ends when the station does, which waits for nobody."""
    settings = station.settings.model_copy(update={"path": tmp_path / "other.db"})
    async with serving(settings) as other:
        answer = await station.http.get(f"{other.url}/live")
        await answer.content.readuntil(b"\n\n")
    assert await answer.content.read() == b""


async def test_a_page_updates_itself(station: StationUnderTest, browser: Browser) -> None:
    """What comes appears by itself, as text; focus, open parts and what is typed stay."""
    await station.send_event(message="First")
    async with visiting(browser) as visit:
        page = visit.page
        await page.clock.install()
        await page.goto(f"{station.url}/")
        await page.get_by_text("Connect another bot").click()
        await page.get_by_role("link", name="First").focus()
        await station.send_event(message=evil("news"))
        await _until_told(station)
        await page.clock.run_for(6000)
        await page.get_by_text("alert('news')").first.wait_for()
        assert await page.evaluate("document.activeElement.textContent") == "First"
        assert await page.locator("details").first.evaluate("one => one.open")
        assert visit.troubles == []


async def test_whoever_types_is_left_alone(station: StationUnderTest, browser: Browser) -> None:
    """A page with something typed into it waits until that is gone."""
    await station.send_event(message="First")
    async with visiting(browser) as visit:
        page = visit.page
        await page.clock.install()
        await page.goto(f"{station.url}/logs/")
        await page.keyboard.press("/")
        await page.keyboard.type("hello")
        await station.send_event(message="Second")
        await _until_told(station)
        await page.clock.run_for(12000)
        assert await page.get_by_role("searchbox").input_value() == "hello"
        assert await page.evaluate("document.activeElement.type") == "search"
        assert visit.troubles == []


async def _until_told(_station: StationUnderTest) -> None:
    """Give the line to the page the time that it takes."""
    await asyncio.sleep(0.5)


async def test_keys_lead_through_the_station(station: StationUnderTest, browser: Browser) -> None:
    """Keys go to pages, down and up the rows, and show what there is."""
    await station.send_event(message="First")
    await station.send_event(message="Second")
    async with visiting(browser) as visit:
        page = visit.page
        await page.goto(station.url)
        await page.keyboard.press("g")
        await page.keyboard.press("i")
        await page.wait_for_url("**/issues/")
        focused = "document.activeElement.textContent"
        await page.keyboard.press("j")
        first = await page.evaluate(focused)
        await page.keyboard.press("j")
        second = await page.evaluate(focused)
        assert {first, second} == {"First", "Second"}
        await page.keyboard.press("k")
        assert await page.evaluate(focused) == first
        await page.keyboard.press("?")
        assert await page.get_by_role("dialog").is_visible()
        await page.keyboard.press("Escape")
        assert not await page.get_by_role("dialog").is_visible()
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/issues/*/")
        assert visit.troubles == []


async def test_a_chart_says_what_is_under_the_pointer(
    station: StationUnderTest, browser: Browser
) -> None:
    """Each bar tells its value, and leads to the issues behind it."""
    await station.send_event(message="First", level="error")
    async with visiting(browser) as visit:
        page = visit.page
        await page.goto(f"{station.url}/?range=15m")
        chart = page.locator("figure.chart").first
        hit = chart.locator("a .hit").last
        await hit.hover()
        assert "errors 1" in await chart.locator(".readout").inner_text()
        await hit.click()
        await page.wait_for_url("**/errors/*")
        assert await page.get_by_role("link", name="First").is_visible()
        assert visit.troubles == []

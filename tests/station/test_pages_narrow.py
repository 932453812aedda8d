"""Every page in the narrowest window that people have: nothing is wider than it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import SecretStr
from tests.fakes import browser as browsers
from tests.fakes.browser import visiting
from tests.station.conftest import station_at
from tests.station.test_pages_access import OTHERS
from tests.station.test_pages_browser import fill

from tux.station.pages.routes import VIEWS

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, Page
    from tests.station.conftest import StationUnderTest

browser = browsers.browser

NARROWEST = 320
"""Pixels: WCAG 2.1, 1.4.10."""
FILES = ("json", "text", "envelope")
"""What addresses end with that are no pages."""


async def test_no_page_is_wider_than_a_narrow_window(
    station: StationUnderTest, browser: Browser
) -> None:
    """No page scrolls sideways, whatever of it is opened, searched for or refused."""
    await station.send_transaction(user={"id": "7"})
    event = await station.send_event(message="of a member", user={"id": "9" * 200})
    paths = (
        *(await fill(station)),
        *OTHERS,
        *("/users/?id=" + "9" * 200, f"/events/{event}/", "/issues/?query=is:nothing+a:b"),
        *("/issues/?status=all", "/issues/?status=resolved", "/logs/?level=error"),
    )
    pages = [pattern for pattern in VIEWS if not pattern.endswith(FILES)]
    assert [page for page in pages if not any(_leads_to(path, page) for path in paths)] == []
    async with visiting(browser, width=NARROWEST) as visit:
        wide = {}
        for path in paths:
            await visit.page.goto(station.url + path, wait_until="load")
            wide[path] = [await visit.overflow()]
            await _open_all(visit.page)
            wide[path].append(await visit.overflow())
        assert {path: found for path, found in wide.items() if max(found) > 0} == {}


async def test_the_login_is_not_wider_either(tmp_path: Path, browser: Browser) -> None:
    """Whoever is asked for a password sees all of the form."""
    async with (
        station_at(tmp_path / "s.db", password=SecretStr("correct horse")) as station,
        visiting(browser, width=NARROWEST) as visit,
    ):
        await visit.page.goto(station.url)
        assert await visit.page.get_by_label("Password").is_visible()
        assert await visit.overflow() <= 0


def _leads_to(path: str, pattern: str) -> bool:
    """Tell whether an address is one of a route as aiohttp writes it."""
    written = re.sub(r"\{\w+:((?:[^{}]|\{[^{}]*\})*)\}", r"\1", pattern)
    return re.fullmatch(written, path.partition("?")[0]) is not None


async def _open_all(page: Page) -> None:
    await page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")

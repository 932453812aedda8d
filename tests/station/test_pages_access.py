"""Pages for those who do not see them, or see them badly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.async_playwright import (
    Axe,
)
from tests.fakes import browser as browsers
from tests.fakes.browser import visiting
from tests.station.test_pages_browser import fill

if TYPE_CHECKING:
    from playwright.async_api import Browser
    from tests.station.conftest import StationUnderTest

browser = browsers.browser

OTHERS = (
    *("/alerts/", "/storage/", "/metrics/", "/dropped/"),
    *("/users/?id=nobody", "/nowhere", "/transactions/?name=nothing"),
)
"""Pages beside those that are filled."""


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("light", 1280),
        pytest.param(
            "dark", 390, marks=pytest.mark.long
        ),  # half a minute, and seldom another answer
    ],
)
async def test_no_page_has_a_serious_fault(
    station: StationUnderTest, browser: Browser, scheme: Literal["light", "dark"], width: int
) -> None:
    """Axe finds nothing serious or critical on any page, full or empty."""
    pages = list(await fill(station))
    found = []
    async with visiting(browser, scheme=scheme, width=width) as visit:
        for path in (*pages, *OTHERS):
            await visit.page.goto(station.url + path)
            answer = await Axe().run(visit.page)
            found += [
                (path, fault["id"], [node["target"] for node in fault["nodes"]][:3])
                for fault in answer.response["violations"]
                if fault["impact"] in ("serious", "critical")
            ]
    assert found == []

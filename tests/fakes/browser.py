"""A real browser, for what only a browser knows: layout, policies, scripts."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Dialog, Page, Request, Response

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass
class Visit:
    """A page of a browser, and everything that it complained about."""

    page: Page
    troubles: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note messages, violations of the policy, failed requests, and scripts that run."""
        self.page.on("console", lambda message: self.troubles.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)
        self.page.on("dialog", self._asked)

    async def overflow(self) -> int:
        """Tell by how many pixels the page is wider than its window."""
        found = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return int(found)

    async def pictures(self) -> dict[str, bool]:
        """Tell of each picture whether it could be drawn."""
        found: dict[str, bool] = await self.page.evaluate(
            "Object.fromEntries([...document.images].map(one => [one.currentSrc, one.naturalWidth > 0]))"
        )
        return found

    def _failed(self, request: Request) -> None:
        # The stream ends with the page, and a browser that goes on gives up the icon of the last one.
        is_given_up = request.failure == "net::ERR_ABORTED" and "/favicon.svg" in request.url
        if not request.url.endswith("/live") and not is_given_up:
            self.troubles.append(f"failed: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.troubles.append(f"{response.status}: {response.url}")

    async def _asked(self, dialog: Dialog) -> None:
        self.troubles.append(f"a script ran: {dialog.message}")
        await dialog.dismiss()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser without a window; where there is none, only CI insists."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = f"no browser is installed: one of {', '.join(NAMES)}"
        if os.environ.get("CI") or os.environ.get("TUX_REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        await launched.close()


@asynccontextmanager
async def visiting(
    browser: Browser, *, width: int = 1280, scheme: Literal["light", "dark"] = "light"
) -> AsyncIterator[Visit]:
    """Open a window that watches what happens in it."""
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    visit = Visit(await context.new_page())
    visit.watch()
    yield visit
    await context.close()

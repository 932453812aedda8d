"""A real browser: Debian's Chromium, driven by playwright."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable() -> str:
    """Find a browser; without one the test is skipped, but never in CI."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        told = "no browser to open the pages in: apt-get install chromium"
        if os.environ.get("CI") or os.environ.get("TUX_REQUIRE_BROWSER"):
            pytest.fail(told)
        pytest.skip(told)
    return found


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Start the browser."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=executable(), args=["--no-sandbox"]
        )
        yield started
        await started.close()


class Troubles:
    """What a page did that it should not: errors, refused requests, dialogs."""

    def __init__(self, page: Page) -> None:
        self.seen: list[str] = []
        page.on("console", lambda one: self.seen.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda one: self.seen.append(str(one)))
        page.on("requestfailed", lambda one: self.seen.append(f"failed: {one.url}"))
        page.on("dialog", lambda one: self.seen.append(f"dialog: {one.message}"))

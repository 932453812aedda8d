"""Three walks of somebody who only knows Sentry, through what the demo's members did.

docs/walks.md tells them with pictures, which ``make walks`` takes anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.fakes.browser import Visit
    from tests.station.conftest import StationUnderTest

    Picture = Callable[[str], Awaitable[None]]

pytestmark = [pytest.mark.long, pytest.mark.timeout(150)]


async def test_why_ban_fails(station: StationUnderTest, visit: Visit, picture: Picture) -> None:
    """From the first page to the line of code, to whom it hit, and since which release."""
    page = visit.page
    await page.goto(station.url, wait_until="networkidle")
    await page.get_by_role("navigation", name="Main").get_by_role("link", name="Issues").click()
    await page.get_by_role("searchbox", name="Search issues").fill("command:ban")
    await page.keyboard.press("Enter")
    found = page.locator("a.title")
    await expect(found).to_have_count(1)
    await picture("ban-1-search")
    await found.click()
    # Why: the error, and our own line at which it came up.
    await expect(page.get_by_role("heading", level=1)).to_contain_text("HTTPException: 401")
    await expect(page.locator(".stack .ours summary").first).to_contain_text(
        "tux.modules.moderation"
    )
    await expect(page.locator(".ours .source .current").first).to_be_visible()
    await picture("ban-2-issue")
    # Whom.
    users = station.rows(
        "SELECT DISTINCT user_id FROM events WHERE transaction_name = 'ban' AND level = 'error'"
    )
    whom = page.get_by_role("table", name="Whom it hit")
    assert users
    for user in users:
        await expect(whom.get_by_role("link", name=user["user_id"])).to_be_visible()
    # Since which release.
    release = station.value(
        "SELECT first_release FROM issues WHERE culprit LIKE 'tux.modules.moderation%'"
    )
    await expect(page.get_by_role("link", name=release).first).to_be_visible()
    # And the same to be pasted to somebody else.
    link = await page.get_by_role("link", name="text", exact=True).get_attribute("href")
    text = await (await page.request.get(f"{station.url}{link}")).text()
    assert "Traceback (most recent call last):" in text


async def test_how_a_known_issue_is_silenced(
    station: StationUnderTest, visit: Visit, picture: Picture
) -> None:
    """Ignored for a day it leaves the list, is found under its tab, and says until when."""
    page = visit.page
    await page.goto(f"{station.url}/issues/?query=command:split", wait_until="networkidle")
    await page.get_by_role("link", name="ZeroDivisionError").click()
    await page.get_by_text("Ignore…").click()
    await page.get_by_label("How long").select_option(label="for 24 hours")
    await picture("silence-1-choice")
    await page.get_by_role("button", name="Ignore", exact=True).click()
    await expect(page.get_by_text("it is still counted, and silent")).to_be_visible()
    await expect(page.get_by_text("by a person")).to_be_visible()
    await picture("silence-2-ignored")
    await page.get_by_role("navigation", name="Main").get_by_role("link", name="Issues").click()
    await expect(page.get_by_role("link", name="ZeroDivisionError")).to_have_count(0)
    await page.get_by_role("navigation", name="Status").get_by_role("link", name="ignored").click()
    await expect(page.get_by_role("link", name="ZeroDivisionError")).to_be_visible()
    await picture("silence-3-list")
    # It comes back when a person says so.
    await page.get_by_role("link", name="ZeroDivisionError").click()
    await page.get_by_role("button", name="Reopen").click()
    await expect(page.get_by_role("button", name="Resolve", exact=True)).to_be_visible()


async def test_what_makes_the_slowest_command_slow(
    station: StationUnderTest, visit: Visit, picture: Picture
) -> None:
    """From the table of commands, by the slowest run of the slowest, to the step that takes longest."""
    page = visit.page
    slowest = station.value(
        "SELECT name FROM transactions WHERE op LIKE 'command%' GROUP BY name "
        "ORDER BY max(duration) DESC LIMIT 1"
    )
    await page.goto(station.url, wait_until="networkidle")
    await (
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Performance").click()
    )
    await page.get_by_role("table", name="By name").get_by_role("link", name="p95").click()
    await picture("slow-1-commands")
    table = page.get_by_role("table", name="By name")
    await table.get_by_role("link", name=slowest, exact=True).click()
    await expect(page.get_by_role("heading", name="Where the time goes").first).to_be_visible()
    await picture("slow-2-command")
    await page.get_by_role("navigation", name="Order").get_by_role("link", name="slowest").click()
    await (
        page.get_by_role("table", name="Runs")
        .get_by_role("rowheader")
        .first.get_by_role("link")
        .click()
    )
    # The steps of that run, with the one that takes most of it.
    steps = page.locator(".waterfall tbody tr")
    longest = station.rows(
        "SELECT description FROM spans WHERE txn = (SELECT id FROM transactions WHERE name = ? "
        "ORDER BY duration DESC LIMIT 1) ORDER BY duration DESC LIMIT 1",
        slowest,
    )[0]["description"]
    await expect(steps.filter(has_text=longest).first).to_be_visible()
    await picture("slow-3-trace")

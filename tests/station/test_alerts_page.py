"""The page of alerts: what it shows, what its buttons do, and what it must not show."""

from __future__ import annotations

import re
import time
from html import unescape
from typing import TYPE_CHECKING

import pytest
from tests.fakes import browser as browsers
from tests.fakes.browser import visiting
from tests.fakes.hooks import hooks
from tests.station.conftest import StationUnderTest, station_at
from tests.station.test_alerts_rules import send_errors, send_runs, watch_of

from tux.shared.alert_settings import AlertSettings
from tux.station.alerting.watching import Watch

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser

browser = browsers.browser
PAGE = "/alerts/"


async def text_of(station: StationUnderTest) -> str:
    return words_of((await station.get(PAGE)).body.decode())


def words_of(page: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


async def test_the_page_tells_what_is_watched(station: StationUnderTest) -> None:
    """Before anything happened the three rules stand there, with team and threshold."""
    text = await text_of(station)
    assert "fires above 10 within 1 min" in text
    assert "fires above 5 s within 5 min" in text
    assert "Infrastructure team" in text
    assert "Nothing has fired yet" in text


async def test_a_firing_is_shown_acknowledged_and_over(tmp_path: Path) -> None:
    """Buttons acknowledge and silence; the history keeps what was."""
    async with station_at(tmp_path / "s.db", watch_of()) as station:
        alerts, store = station.station.alerts, station.station.store
        await send_errors(station, 11)
        await alerts.look()
        assert "11 now, fires above 10" in await text_of(station)
        answer = await station.press("/alerts/rules/error_rate/acknowledge", PAGE)
        assert (answer.status, answer.headers["Location"]) == (303, "/alerts/#error_rate")
        text = await text_of(station)
        assert "acknowledged since" in text
        assert "11 now" in text
        assert (
            await station.press("/alerts/rules/error_rate/silence", PAGE, hours="8")
        ).status == 303
        assert "silenced until" in await text_of(station)
        assert (await station.press("/alerts/rules/error_rate/silence", PAGE)).status == 303
        assert "silenced until" not in await text_of(station)
        later = time.time() + 61
        store.clock = lambda: later
        await alerts.look()
        text = await text_of(station)
        assert re.search(r"Error rate resolved .* 11 10 Team", text)
        assert station.value("SELECT acknowledged IS NOT NULL FROM alert_firings") == 1


@pytest.mark.parametrize(
    "path",
    [
        "/alerts/rules/nothing/acknowledge",
        "/alerts/rules/nothing/silence",
        "/alerts/teams/nobody/test",
    ],
)
async def test_a_button_for_nothing_is_not_found(station: StationUnderTest, path: str) -> None:
    """A rule or a team that is not declared has no buttons."""
    assert (await station.press(path, PAGE)).status == 404


@pytest.mark.parametrize("path", ["/alerts/rules/error_rate/silence", "/alerts/teams/team/test"])
async def test_a_form_of_another_site_is_refused(station: StationUnderTest, path: str) -> None:
    """Without the token of our page nothing is silenced, and nobody is told."""
    assert (await station.request("POST", path, data={"hours": "24"})).status == 403
    assert station.value("SELECT count(*) FROM alert_outbox") == 0


async def test_a_test_shows_how_it_goes_without_secrets(tmp_path: Path) -> None:
    """The test button reaches the team; a failure has words on the page, the address has not."""
    async with hooks() as taken:
        settings = AlertSettings.model_validate(
            {
                "webhook_urls": f"{taken.url}/hook/s3cr3t-path?key=s3cr3t-query",
                "webhook_secret": "s3cr3t-key",
                "discord_urls": "http://127.0.0.1:9/api/webhooks/1/s3cr3t-token",
                "smtp_url": "smtp://bot:s3cr3t-word@127.0.0.1:9",
                "email_to": "s3cr3t-person@x.invalid",
            }
        )
        async with station_at(tmp_path / "s.db", Watch(settings=settings)) as station:
            assert (await station.press("/alerts/teams/team/test", PAGE)).status == 303
            await station.station.alerts.teller.tell()
            page = (await station.get(PAGE)).body.decode()
    assert taken.posted[0].json["kind"] == "test"
    assert "s3cr3t" not in page
    text = words_of(page)
    assert re.search(r"Team log the station's log ok just now", text)
    assert re.search(r"Team webhook 127\.0\.0\.1 ok just now 1 0 0", text)
    assert re.search(r"Team discord 127\.0\.0\.1 error never 0 1 0 cannot be reached", text)
    assert re.search(r"Team email mail by 127\.0\.0\.1 error never 0 1 0 cannot be reached", text)


@pytest.mark.timeout(90)
async def test_the_page_in_a_browser(tmp_path: Path, browser: Browser) -> None:
    """It draws, fits on a phone, is lit up at the rule that fires, and its button works."""
    async with station_at(tmp_path / "s.db", watch_of(alerts={})) as station:
        await send_errors(station, 30)
        await send_runs(station, 6200)
        await station.station.alerts.look()
        for width in (1280, 390):
            async with visiting(browser, width=width) as visit:
                await visit.page.goto(f"{station.url}{PAGE}")
                assert await visit.overflow() <= 0
                card = visit.page.locator("#command_duration")
                assert "6.2 s" in await card.inner_text()
                assert await card.locator("rect.bad").count() == 1
                assert await visit.page.locator("#database_errors rect.bad").count() == 0
                assert visit.troubles == []
        async with visiting(browser) as visit:
            await visit.page.goto(f"{station.url}{PAGE}")
            await (
                visit.page.locator("#error_rate").get_by_role("button", name="Acknowledge").click()
            )
            await visit.page.wait_for_url("**/alerts/#error_rate")
            assert "acknowledged" in await visit.page.locator("#error_rate").inner_text()
            assert visit.troubles == []

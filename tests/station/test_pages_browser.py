"""The pages in a real browser, with events that mean harm."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from tests.fakes.browser import Troubles, browser

if TYPE_CHECKING:
    from tests.station.conftest import StationUnderTest

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>javascript:alert(3)\u202egpj.exe"
LOOKS = (("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390))


async def filled(station: StationUnderTest) -> dict[str, str]:
    """Send a failing command with its trace, logs and a check-in, all of them hostile."""
    trace_id, span_id = uuid.uuid4().hex, uuid.uuid4().hex[:16]
    trace = {"trace_id": trace_id, "span_id": span_id, "op": "command.prefix"}
    now = station.station.store.clock()
    await station.send_transaction(
        transaction=EVIL,
        contexts={"trace": {**trace, "status": "internal_error"}},
        user={"id": EVIL},
        spans=[
            {
                "trace_id": trace_id,
                "span_id": uuid.uuid4().hex[:16],
                "parent_span_id": span_id,
                "op": op,
                "description": EVIL,
                "start_timestamp": now - 0.2,
                "timestamp": now - 0.1,
            }
            for op in ("db", "http.client", EVIL)
        ],
    )
    frame = {
        "function": EVIL,
        "filename": EVIL,
        "lineno": 3,
        "context_line": EVIL,
        "pre_context": [EVIL, "x" * 5000],
        "vars": {EVIL: EVIL, "long": "y" * 20_000},
    }
    event_id = await station.send_event(
        level="error",
        transaction=EVIL,
        exception={"values": [{"type": EVIL, "value": EVIL, "stacktrace": {"frames": [frame]}}]},
        tags={"command": "ban", EVIL: EVIL},
        user={"id": EVIL, "name": EVIL},
        contexts={"trace": trace, EVIL: {EVIL: EVIL}},
        extra={EVIL: [EVIL]},
        breadcrumbs={"values": [{"message": EVIL, "category": EVIL, "data": {EVIL: EVIL}}]},
        release=EVIL,
    )
    log: dict[str, Any] = {"timestamp": now, "level": "error", "body": EVIL, "trace_id": trace_id}
    items = {
        "type": "log",
        "item_count": 1,
        "content_type": "application/vnd.sentry.items.log+json",
    }
    await station.send((items, {"items": [log]}))
    check_in = {"check_in_id": uuid.uuid4().hex, "monitor_slug": "maintenance", "status": "ok"}
    await station.send(({"type": "check_in"}, check_in))
    return {
        "/": "Overview",
        "/?range=15m": "Overview",
        "/issues/": "Issues",
        "/issues/?query=alert": "Issues",
        "/issues/1/": "alert(1)",
        f"/events/{event_id}/": "alert(1)",
        "/transactions/": "Performance",
        "/transactions/?order=failed": "alert(1)",
        f"/traces/{trace_id}/": "Waterfall",
        "/logs/": "alert(1)",
        "/monitors/": "maintenance",
    }


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
async def test_every_page_is_quiet_and_fits(
    station: StationUnderTest, scheme: Any, width: int
) -> None:
    """Each page shows what it should, runs nothing, asks nobody, and does not scroll sideways."""
    pages = await filled(station)
    async with browser() as started:
        page = await started.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
        troubles = Troubles(page)
        for path, words in pages.items():
            answer = await page.goto(station.url + path)
            assert answer is not None
            assert answer.status == 200, path
            assert words in await page.inner_text("main"), path
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert await page.evaluate(wide) == 0, path
            assert await page.locator("script").count() == 0
            drawn = "[...document.images].every(one => one.complete && one.naturalWidth > 0)"
            await page.wait_for_function(drawn)
        assert troubles.seen == []


async def test_a_person_finds_the_cause(station: StationUnderTest) -> None:
    """From the overview to the line of the bug and to its trace it is a click each."""
    await filled(station)
    async with browser() as started:
        page = await started.new_page()
        await page.goto(station.url)
        await page.click("table a.strong >> nth=0")
        await page.wait_for_selector("details[open] tr.here")
        assert "alert(1)" in await page.inner_text("details[open] tr.here")
        await page.click("text=Trace")
        assert "Waterfall" in await page.inner_text("main")
        assert await page.locator("rect.bad").count() == 1


async def test_a_person_resolves_an_issue(station: StationUnderTest) -> None:
    """The button resolves an issue, which then leaves the list; the same brings it back."""
    await filled(station)
    async with browser() as started:
        page = await started.new_page()
        await page.goto(f"{station.url}/issues/1/")
        await page.click("button:has-text('Resolve')")
        await page.wait_for_selector("button:has-text('Reopen')")
        assert station.value("SELECT status FROM issues") == "resolved"
        await page.goto(f"{station.url}/issues/")
        assert "Well done" in await page.inner_text("main")
        await page.goto(f"{station.url}/issues/1/")
        await page.click("button:has-text('Reopen')")
        await page.wait_for_selector("button:has-text('Resolve')")
        assert station.value("SELECT status FROM issues") == "unresolved"


async def test_the_first_look_tells_what_to_do(station: StationUnderTest) -> None:
    """An empty station shows the DSN to use."""
    async with browser() as started:
        page = await started.new_page()
        await page.goto(station.url)
        assert station.dsn in await page.inner_text("main")

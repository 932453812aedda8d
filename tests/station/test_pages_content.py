"""What the pages show."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.station.conftest import StationUnderTest

FRAME = {
    "module": "tux.modules.levels",
    "function": "rank",
    "lineno": 88,
    "in_app": True,
    "pre_context": ["row = find()"],
    "context_line": "xp = row['xp']",
    "post_context": ["return xp"],
    "vars": {"row": "{}"},
}
LIBRARY = {"module": "discord.core", "function": "invoke", "lineno": 3, "in_app": False}


async def page(station: StationUnderTest, path: str) -> str:
    """Ask for a page that is there."""
    answer = await station.get(path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    return unescape(answer.body.decode())


async def log(station: StationUnderTest, *lines: tuple[str, str], trace: str = "a" * 32) -> None:
    """Send log lines, given as level and text."""
    now = station.station.store.clock()
    items = [
        {"timestamp": now, "level": level, "body": body, "trace_id": trace} for level, body in lines
    ]
    kind = "application/vnd.sentry.items.log+json"
    headers = {"type": "log", "item_count": len(items), "content_type": kind}
    await station.send((headers, {"items": items}))


async def test_an_empty_overview_shows_the_dsn(station: StationUnderTest) -> None:
    """Who comes first is told where to send to, and the page looks again by itself."""
    found = await page(station, "/")
    assert station.dsn in found
    assert '<meta http-equiv="refresh" content="15">' in found


async def test_only_the_overview_refreshes(station: StationUnderTest) -> None:
    """Nobody loses his place in a list or a form."""
    for path in ("/issues/", "/transactions/", "/logs/", "/monitors/"):
        assert "http-equiv" not in await page(station, path)


async def test_the_overview_sums_up(station: StationUnderTest) -> None:
    """Errors, failures, commands, queries and calls of the chosen time are on the first page."""
    now = station.station.store.clock()
    trace = {"trace_id": "1" * 32, "span_id": "2" * 16, "op": "command.slash"}
    for status in ("ok", "internal_error", "invalid_argument", "unavailable"):
        spans = [
            {
                "span_id": f"{n}" * 16,
                "op": op,
                "description": what,
                "start_timestamp": now - 0.1,
                "timestamp": now,
            }
            for n, (op, what) in enumerate(
                [("db.query", "SELECT 1"), ("http.client", "GET https://xkcd.com/")]
            )
        ]
        contexts = {"trace": {**trace, "status": status}}
        await station.send_transaction(transaction="rank", contexts=contexts, spans=spans)
    await station.send_event(
        level="error", message="Broken", tags={"command": "rank"}, user={"id": "7"}
    )
    found = await page(station, "/?range=15m")
    for text in (
        "50.0 %",
        "2 of 4",
        "mean 100 ms, p50 100 ms",
        "db.query",
        "Broken",
        "250 ms",
    ):
        assert text in found, text
    assert "0.067 <small>a minute" in found
    assert "Error rate over time: errors" in found
    assert "/errors/?command=rank&range=15m" in found


async def test_an_event_is_shown_whole(station: StationUnderTest) -> None:
    """Stack, source, locals, breadcrumbs, tags, contexts and trace of the newest event are there."""
    trace = "b" * 32
    await station.send_event(
        exception={
            "values": [
                {"type": "OSError", "value": "reset", "stacktrace": {"frames": [LIBRARY]}},
                {
                    "type": "KeyError",
                    "value": "'xp'",
                    "mechanism": {"type": "discord", "handled": False},
                    "stacktrace": {"frames": [LIBRARY, FRAME]},
                },
            ]
        },
        breadcrumbs={
            "values": [{"message": "came before"}, {"message": "came after", "level": "warning"}]
        },
        contexts={"trace": {"trace_id": trace}, "discord": {"guild_id": "42"}},
        tags={"cog": "Levels"},
        user={"id": "8035"},
        release="tux@1.2.3",
        transaction="rank",
    )
    found = await page(station, "/issues/1/")
    for text in (
        "KeyError",
        "unhandled",
        "caused by",
        "OSError",
        "tux.modules.levels",
        "<code>",
        "8035",
    ):
        assert text in found, text
    for text in ("guild_id", "42", "Levels", "tux@1.2.3", f"/traces/{trace}/", "?name=rank", "{}"):
        assert text in found, text
    assert found.index("KeyError") < found.index("caused by") < found.index("OSError")
    assert found.index("came after") < found.index("came before")
    assert '<th scope="row">88</th>' in found
    assert "<details open>" in found


async def test_events_of_an_issue_are_walked_through(station: StationUnderTest) -> None:
    """From the newest event one comes to the oldest and back."""
    now = station.station.store.clock()
    ids = [await station.send_event(message="Same", timestamp=now - 9 + n) for n in range(3)]
    newest = await page(station, "/issues/1/")
    assert f"/events/{ids[1]}/" in newest
    middle = await page(station, f"/events/{ids[1]}/")
    assert f'rel="prev" href="/events/{ids[0]}/"' in middle
    assert f'rel="next" href="/events/{ids[2]}/"' in middle
    assert f"/events/{ids[0]}/json" in await page(station, f"/events/{ids[0]}/")


async def test_issues_are_filtered_and_found(station: StationUnderTest) -> None:
    """A list has the issues of one status that have all the words."""
    for message in ("Apple pie", "Apple tart", "Plum cake"):
        await station.send_event(message=message)
    await station.press("/issues/3/resolve")
    assert "Plum" not in await page(station, "/issues/")
    assert "Apple" not in await page(station, "/issues/?status=resolved")
    assert "Plum" in await page(station, "/issues/?status=all")
    found = await page(station, "/issues/?query=APPLE+tart&status=all")
    assert "Apple tart" in found
    assert "pie" not in found
    assert "Nothing found" in await page(station, "/issues/?query=100%25_")


async def test_many_issues_have_pages(station: StationUnderTest) -> None:
    """What does not fit on a page is on the next one, and a page past the end is empty."""
    for number in range(52):
        await station.send_event(message="m", fingerprint=[str(number)])
    first = await page(station, "/issues/")
    assert first.count('class="title"') == 50
    assert 'href="?page=2"' in first
    assert (await page(station, "/issues/?page=2")).count('class="title"') == 2
    for odd in ("0", "-1", "x", "%C2%B2", "9" * 30):
        assert (await station.get(f"/issues/?page={odd}")).status == 200


async def test_a_resolved_issue_comes_back(station: StationUnderTest) -> None:
    """Resolving holds until the error happens again."""
    await station.send_event(message="Again", timestamp=station.station.store.clock() - 60)
    await station.press("/issues/1/resolve")
    assert "Reopen" in await page(station, "/issues/1/")
    await station.send_event(message="Again", timestamp=station.station.store.clock() + 1)
    assert "Resolve" in await page(station, "/issues/1/")


async def test_transactions_are_sorted(station: StationUnderTest) -> None:
    """The slowest, or those at which the bot is at fault, come first where that is asked for."""
    now = station.station.store.clock()
    for trace, seconds, status in (
        ("1", 3.0, "ok"),
        ("2", 1.0, "internal_error"),
        ("3", 2.0, "ok"),
    ):
        context = {"trace_id": trace * 32, "span_id": "0" * 16, "op": "command", "status": status}
        await station.send_transaction(
            start_timestamp=now - int(trace),
            timestamp=now - int(trace) + seconds,
            contexts={"trace": context},
        )
    for order, traces in (("newest", "123"), ("slowest", "132"), ("failed", "213")):
        found = await page(station, f"/transactions/?sort={order}")
        places = [found.index(f"/traces/{trace * 32}/") for trace in traces]
        assert places == sorted(places), order


async def test_one_command_has_its_own_figures(station: StationUnderTest) -> None:
    """With a name the page shows percentiles and charts of that name only."""
    await station.send_transaction(transaction="level rank")
    await station.send_transaction(transaction="ban")
    found = await page(station, "/transactions/?name=level%20rank")
    assert "Where the time goes" in found
    assert "250 ms" in found
    assert "ban</a>" not in found
    assert "Nothing ran" in await page(station, "/transactions/?name=nothing")


async def test_a_trace_shows_its_errors_and_logs(station: StationUnderTest) -> None:
    """What happened in one trace stands together, the error at its step."""
    trace = "c" * 32
    now = station.station.store.clock()
    root = {"trace_id": trace, "span_id": "1" * 16, "op": "command"}
    span = {
        "span_id": "2" * 16,
        "parent_span_id": "1" * 16,
        "op": "db.query",
        "description": "SELECT xp",
        "start_timestamp": now - 0.2,
        "timestamp": now - 0.1,
    }
    await station.send_transaction(contexts={"trace": root}, spans=[span])
    place = {"trace": {"trace_id": trace, "span_id": "2" * 16}}
    event_id = await station.send_event(message="Failed there", contexts=place)
    await log(station, ("info", "went there"), trace=trace)
    found = await page(station, f"/traces/{trace}/")
    for text in ("SELECT xp", "Failed there", "went there", "250 ms", "takes 100 ms"):
        assert text in found, text
    assert found.count(f"/events/{event_id}/") == 2


async def test_logs_are_filtered(station: StationUnderTest) -> None:
    """A level and a word choose lines."""
    await log(station, ("info", "Shard ready"), ("error", "Shard lost"), ("error", "Disk full"))
    found = await page(station, "/logs/?level=error&query=shard")
    assert "Shard lost" in found
    assert "Shard ready" not in found
    assert "Disk full" not in found


async def test_monitors_show_how_runs_went(station: StationUnderTest) -> None:
    """A job has its last state, and is missed when its next run does not begin."""
    now = station.station.store.clock()
    for number, (slug, status, age) in enumerate(
        [("backup", "ok", 90), ("backup", "error", 30), ("cleanup", "ok", 500)]
    ):
        check_in = {
            "check_in_id": f"{number}" * 32,
            "monitor_slug": slug,
            "status": status,
            "duration": 1.5,
            "timestamp": now - age,
            "monitor_config": {"schedule": {"type": "interval", "value": 2, "unit": "minute"}},
        }
        await station.send(({"type": "check_in"}, check_in))
    found = await page(station, "/monitors/")
    for text in ("backup", "every 2 minutes", "2 runs, 1 failed", "1.5 s", "missed"):
        assert text in found, text
    assert found.count(">missed<") == 1


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/nothing",
            "/issues/7/",
            "/issues/x/",
            "/issues/99999999999999999999/",
            "/static/no.css",
        ),
        *(f"/events/{'0' * 32}/", f"/events/{'0' * 32}/json", f"/traces/{'0' * 32}/", "/events/x/"),
    ],
)
async def test_what_is_not_there_has_a_page(station: StationUnderTest, path: str) -> None:
    """An address that leads nowhere says so, and leads back."""
    answer = await station.get(path)
    assert answer.status == 404
    assert b"There is no such" in answer.body
    assert b'href="/"' in answer.body


async def test_an_issue_that_is_not_there_cannot_be_resolved(station: StationUnderTest) -> None:
    """A button of a page that is older than the issue's removal does nothing."""
    await station.send_event(message="m")
    assert (await station.press("/issues/7/resolve")).status == 404


async def test_a_person_is_told_on_a_page_what_was_not_done(station: StationUnderTest) -> None:
    """A browser gets a page that says why and what to do; a program gets the same as data."""
    await station.send_event(message="m")
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    stale = await station.request("POST", "/issues/1/resolve", data={"csrf": "x"}, headers=browser)
    wrong = await station.press("/issues/1/ignore", headers=browser, moment="tomorrow")
    gone = await station.press("/issues/7/resolve", headers=browser)
    assert [answer.status for answer in (stale, wrong, gone)] == [403, 400, 404]
    for answer, reason in (
        (stale, b"This form is of another time or place: reload its page."),
        (wrong, b"The time must be like 2026-12-24T18:00, in UTC."),
        (gone, b"There is no such issue"),
    ):
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert reason in answer.body
        assert b"This was not done" in answer.body
    assert station.value("SELECT status FROM issues") == "unresolved"
    program = await station.request("POST", "/issues/1/resolve", data={"csrf": "x"})
    assert program.json["detail"] == "this form is of another time or place"


@pytest.mark.parametrize("path", ["/issues", "/transactions", "/logs", "/monitors"])
async def test_a_forgotten_slash_is_forgiven(station: StationUnderTest, path: str) -> None:
    """Typed addresses work."""
    assert (await station.get(path)).status == 200


async def test_absurd_durations_are_shown(station: StationUnderTest) -> None:
    """A client may say that a command took for ever."""
    now = station.station.store.clock()
    await station.send_transaction(start_timestamp=now - 1, timestamp=1.7e308)
    for path in ("/", "/transactions/", "/transactions/?name=ban", "/operations/"):
        assert (await station.get(path)).status == 200, path
    assert (await station.get("/data/transactions")).json[0]["duration"] == 1e15


async def test_files_are_kept_by_the_browser(station: StationUnderTest) -> None:
    """The style sheet has its type and may be kept; its address changes with it."""
    answer = await station.get("/static/style.css")
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "max-age" in answer.headers["Cache-Control"]

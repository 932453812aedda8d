"""What hostile clients send, as the pages show it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.fakes.hostile import HIDDEN, LONG, evil, hostile_event, hostile_transaction

import tux.station.pages

if TYPE_CHECKING:
    from tests.station.conftest import StationUnderTest

TRACE = "e" * 32
PATHS = (
    *("/", "/issues/", "/issues/?status=all&query=script", "/issues/1/", "/transactions/"),
    *("/transactions/?sort=slowest", f"/traces/{TRACE}/", "/logs/", "/monitors/"),
    *("/errors/", "/operations/", "/queries/", "/hosts/", "/releases/", "/users/", "/tags/"),
)
OURS = re.compile(rb'<script src="/static/live\.js\?[0-9a-f]{12}" defer></script>')
QUIET = {"/"}
"""Pages that show nothing of what the client sent."""
TEMPLATES = Path(tux.station.pages.__file__).parent / "templates"
TAGS = frozenset(
    [
        "a",
        "aside",
        "b",
        "blockquote",
        "body",
        "button",
        "caption",
        "code",
        "dd",
        "dialog",
        "details",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "head",
        "header",
        "html",
        "img",
        "input",
        "label",
        "kbd",
        "li",
        "line",
        "link",
        "noscript",
        "main",
        "mark",
        "meta",
        "nav",
        "ol",
        "option",
        "output",
        "p",
        "path",
        "picture",
        "pre",
        "rect",
        "script",
        "section",
        "select",
        "small",
        "source",
        "span",
        "summary",
        "svg",
        "table",
        "tbody",
        "td",
        "text",
        "th",
        "thead",
        "time",
        "title",
        "tr",
        "ul",
    ]
)
WRONG: tuple[Any, ...] = (
    None,
    True,
    3,
    -1e308,
    "x",
    [],
    [[[]]],
    {},
    {"a": {"b": []}},
    [None, 3, {}],
)
KEYS = (
    *(
        "breadcrumbs",
        "contexts",
        "dist",
        "environment",
        "exception",
        "extra",
        "fingerprint",
        "level",
    ),
    *("logentry", "logger", "message", "modules", "platform", "release", "request", "sdk"),
    *("server_name", "stacktrace", "tags", "threads", "timestamp", "transaction", "user"),
)


class Reader(HTMLParser):
    """Lists what a browser would make elements of, and the text between them."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


async def fill(station: StationUnderTest) -> str:
    """Send everything that is hostile."""
    now = station.station.store.clock()
    event = hostile_event()
    event["contexts"]["trace"] = {"trace_id": TRACE, "span_id": "a" * 16}
    event_id = await station.send_event(**event)
    await station.send_transaction(**hostile_transaction(TRACE, now))
    steps = [
        {
            "op": op,
            "description": f"GET <script>{evil(op)}",
            "span_id": "e" * 16,
            "start_timestamp": now - 1,
        }
        for op in ("db", "http.client")
    ]
    await station.send_transaction(
        transaction=evil("other"), spans=[{**one, "timestamp": now} for one in steps]
    )
    log = {
        "timestamp": now,
        "level": evil("level"),
        "body": evil("body"),
        "trace_id": TRACE,
        "attributes": {evil("attribute"): {"value": evil("attribute value")}, "n": {"value": [3]}},
    }
    kind = {"type": "log", "item_count": 1, "content_type": "application/vnd.sentry.items.log+json"}
    await station.send((kind, {"items": [log]}))
    schedule = {"type": "interval", "value": evil("value"), "unit": evil("unit")}
    check_in = {"check_in_id": TRACE, "monitor_slug": evil("slug"), "status": "ok"}
    config = {"monitor_config": {"schedule": schedule}}
    await station.send(({"type": "check_in"}, check_in | config))
    said = {"message": evil("said"), "name": evil("who"), "associated_event_id": event_id}
    await station.send(({"type": "feedback"}, {"contexts": {"feedback": said}, "event_id": TRACE}))
    loss = {"reason": evil("reason"), "category": evil("lost"), "quantity": 3}
    await station.send(({"type": "client_report"}, {"timestamp": now, "discarded_events": [loss]}))
    counts = [{"started": now, "exited": 1}]
    release = {"attrs": {"release": evil("release")}, "aggregates": counts}
    await station.send(({"type": "sessions"}, release))
    return event_id


async def test_nothing_of_an_event_becomes_markup(station: StationUnderTest) -> None:
    """A page has only our elements, none of which runs, is styled or leads where nobody should go."""
    event_id = await fill(station)
    name = station.value("SELECT name FROM transactions")
    for path in (*PATHS, f"/events/{event_id}/"):
        answer = await station.get(path)
        page = Reader(answer.body)
        assert answer.status == 200, path
        assert "<script>" in page.text or path in QUIET, path
        assert len(OURS.findall(answer.body)) == answer.body.count(b"<script") == 1, path
        assert page.tags <= TAGS, (path, page.tags - TAGS)
        for attribute, value in page.attributes:
            assert not attribute.startswith("on"), path
            assert attribute != "style", path
            if attribute in ("href", "src", "action", "srcset"):
                assert re.match(r"/|\?|#|https?://", value), (path, value)
    assert name
    assert not station.rows("SELECT 1 FROM issues WHERE status != 'unresolved'")


async def test_what_is_shown_is_short_and_visible(station: StationUnderTest) -> None:
    """Characters that hide or turn others are gone, and no text is without an end."""
    event_id = await fill(station)
    for path in (*PATHS, f"/events/{event_id}/"):
        body = (await station.get(path)).body.decode()
        assert not HIDDEN & set(body), path
        assert LONG[:4001] not in body, path


async def test_the_parts_of_a_hostile_event_are_all_there(station: StationUnderTest) -> None:
    """Escaping shows what was sent; it does not leave it out."""
    event_id = await fill(station)
    text = Reader((await station.get(f"/events/{event_id}/")).body).text
    for place in (
        *("type", "function", "file", "before", "line", "name", "value", "deep", "category"),
        *("message", "tag", "tag value", "user", "release", "environment", "server", "method"),
        *("context", "key", "context value", "extra", "module", "version", "sdk", "said", "who"),
    ):
        assert f"alert('{place}')" in text, place


async def test_links_of_events_lead_to_the_web_only(station: StationUnderTest) -> None:
    """An http address of an event is a link that tells nobody where it comes from."""
    good, bad = "https://example.org/a?b=c&d", "javascript:alert(1)"
    await station.send_event(message="m", request={"url": good}, extra={"url": bad})
    page = (await station.get("/issues/1/")).body.decode()
    link = 'href="https://example.org/a?b=c&amp;d" rel="noopener noreferrer nofollow"'
    assert link in page
    assert f'"{bad}' not in page
    assert bad in page


async def test_events_of_any_shape_have_a_page(station: StationUnderTest) -> None:
    """A value of the wrong type is left out; the page of the event is there all the same."""
    events = [await station.send_event(**{key: value}) for key in KEYS for value in WRONG]
    for event_id in events:
        assert (await station.get(f"/events/{event_id}/")).status == 200
    for path in ("/", "/issues/", "/issues/?status=all"):
        assert (await station.get(path)).status == 200


@pytest.mark.parametrize(
    "frame",
    [
        {"lineno": "7", "context_line": "x", "pre_context": 3},
        {"lineno": True, "context_line": "x\ny", "pre_context": ["\n\n"]},
        {"lineno": -(10**30), "context_line": "", "vars": [1]},
        {"lineno": 2, "context_line": 3, "in_app": "yes", "function": {}},
        {"lineno": 1, "context_line": '"""', "pre_context": ["'''", "\\", "#"], "vars": {"": None}},
    ],
)
async def test_frames_of_any_shape_are_shown(
    station: StationUnderTest, frame: dict[str, Any]
) -> None:
    """A frame is a line of the stack whatever it lacks."""
    values = [{"type": "Odd", "stacktrace": {"frames": [frame, 3, None]}}]
    await station.send_event(exception={"values": values})
    answer = await station.get("/issues/1/")
    assert answer.status == 200
    assert b"&lt;unknown&gt;" in answer.body


async def test_a_raw_event_is_no_page(station: StationUnderTest) -> None:
    """The JSON of an event is JSON to every browser, and shows all of its characters as they are."""
    event_id = await station.send_event(**hostile_event())
    answer = await station.get(f"/events/{event_id}/json")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.body.isascii()
    assert answer.json["transaction"] == hostile_event()["transaction"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "{url}"}, 303),
        ({"Origin": "{url}", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
    ],
)
async def test_only_our_own_page_resolves(
    station: StationUnderTest, headers: dict[str, str], status: int
) -> None:
    """A page elsewhere cannot press our buttons."""
    await station.send_event(message="m")
    sent = {name: value.format(url=station.url) for name, value in headers.items()}
    answer = await station.press("/issues/1/resolve", headers=sent)
    assert answer.status == status
    expected = "resolved" if status == 303 else "unresolved"
    assert station.value("SELECT status FROM issues") == expected
    assert answer.headers.get("Location") == ("/issues/1/" if status == 303 else None)


@pytest.mark.parametrize("token", [None, "", "0" * 64, "🐧", "é" * 64])
async def test_a_form_without_the_token_of_our_pages_is_refused(
    station: StationUnderTest, token: str | None
) -> None:
    """What was not sent by a form of ours changes nothing, even where the browser says nothing."""
    await station.send_event(message="m")
    form = {} if token is None else {"csrf": token}
    answer = await station.request("POST", "/issues/1/resolve", data=form)
    assert answer.status == 403
    assert "reload" in answer.json["causes"][0]
    assert station.value("SELECT status FROM issues") == "unresolved"


def test_every_form_that_is_posted_has_the_token() -> None:
    """No template has a form that the station would refuse."""
    for template in sorted(TEMPLATES.glob("**/*.html")):
        for form in re.findall(
            r"<form[^>]*method=.post.*?</form>", template.read_text(), re.DOTALL
        ):
            assert "form_token()" in form, template.name

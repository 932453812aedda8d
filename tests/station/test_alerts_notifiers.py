"""Notifiers against real servers."""

from __future__ import annotations

import email
import hmac
import json
from dataclasses import asdict, replace
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest
from loguru import logger
from tests.fakes.hooks import hooks, mails

from tux.shared.alert_settings import AlertSettings
from tux.station.alerting.errors import NotToldError
from tux.station.alerting.notices import Notice, amount, span, sparkline
from tux.station.alerting.notifiers import KINDS, posting, targets_of
from tux.station.alerting.telling import attempt
from tux.watch.loading import default_definitions

if TYPE_CHECKING:
    from tux.station.alerting.notifiers import Target

NOTICE = Notice(
    id="a" * 32,
    kind="firing",
    rule="error_rate",
    title="Error rate",
    description="More than 10 errors within a minute.",
    team="team",
    severity="high",
    at=1_780_000_000.0,
    since=1_780_000_000.0,
    value=23.0,
    peak=23.0,
    threshold=10.0,
    unit="count",
    window_seconds=60.0,
    count=23,
    users=4,
    evidence="KeyError: 'xp'",
    evidence_url="http://127.0.0.1:8765/issues/3/",
    url="http://127.0.0.1:8765/alerts/",
    spark=(0.0, 2.0, 23.0),
)
SECRET = "s3cr3t-k3y"  # of this test


def target(kind: str, team: str = "team", **settings: Any) -> Target:
    """Make a team's target from settings, as the station does."""
    found = targets_of(default_definitions(), AlertSettings.model_validate(settings))
    return next(one for one in found if (one.kind, one.team) == (kind, team))


async def test_a_webhook_gets_signed_json() -> None:
    """The body is the notice, and the signature is HMAC-SHA256 over time and body."""
    async with hooks() as taken:
        way = target("webhook", webhook_urls=f"{taken.url}/hook?key=1", webhook_secret=SECRET)
        await way.notifier.tell(NOTICE)
    (posted,) = taken.posted
    assert posted.path == "/hook?key=1"
    assert posted.json == json.loads(json.dumps(asdict(NOTICE)))
    assert posted.headers["X-Tux-Notice"] == NOTICE.id
    signed = posted.headers["X-Tux-Timestamp"].encode() + b"." + posted.body
    expected = hmac.new(SECRET.encode(), signed, "sha256").hexdigest()
    assert posted.headers["X-Tux-Signature"] == f"sha256={expected}"


async def test_discord_gets_an_embed() -> None:
    """Link, count, users and a line of bars are there; nobody is pinged and nothing is marked up."""
    hostile = replace(NOTICE, evidence="@everyone **free** [x](https://evil.invalid) `y`\n# z")
    async with hooks() as taken:
        await target(
            "discord", discord_urls={"team": f"{taken.url}/api/webhooks/1/token"}
        ).notifier.tell(hostile)
    message = taken.posted[0].json
    assert message["allowed_mentions"] == {"parse": []}
    (embed,) = message["embeds"]
    assert (embed["title"], embed["url"]) == ("Error rate is firing", NOTICE.url)
    fields = {one["name"]: one["value"] for one in embed["fields"]}
    assert fields == {
        "Value": "23",
        "Threshold": "10",
        "Window": "1 min",
        "Count": "23",
        "Users": "4",
    }
    assert "`▁▂█` last 3 minutes" in embed["description"]
    assert (
        r"\@everyone \*\*free\*\* \[x\]\(https\:\/\/evil.invalid\) \`y\` \# z"
        in embed["description"]
    )
    assert embed["description"].count(f"({NOTICE.evidence_url})") == 1


async def test_mail_arrives() -> None:
    """A mail says it in its subject and has figures and links in its text, at all addresses."""
    async with mails() as taken:
        way = target(
            "email",
            smtp_url=f"smtp://bot:{SECRET}@127.0.0.1:{taken.port}",
            email_to={"*": "a@x.invalid, b@x.invalid"},
        )
        await way.notifier.tell(replace(NOTICE, title="Errors\r\nBcc: c@x.invalid"))
    (mail,) = taken.taken
    assert mail.rcpt_tos == ["a@x.invalid", "b@x.invalid"]
    assert taken.logins == [(b"bot", SECRET.encode())]
    assert isinstance(mail.content, bytes)
    read = email.message_from_bytes(mail.content, policy=default)
    assert read["Subject"] == "[tux] Errors Bcc: c@x.invalid is firing"
    assert read["Bcc"] is None
    text = read.get_content()
    assert "Users:     4" in text
    assert "KeyError: 'xp'" in text
    assert NOTICE.url in text


async def test_a_password_waits_for_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server elsewhere that offers no TLS gets no password, and no mail."""
    monkeypatch.setattr("tux.station.alerting.notifiers.email.LOOPBACK", ())
    async with mails() as taken:
        url = f"smtp://bot:{SECRET}@127.0.0.1:{taken.port}"
        way = target("email", smtp_url=url, email_to="a@x.invalid")
        with pytest.raises(NotToldError):
            await way.notifier.tell(NOTICE)
    assert (taken.logins, taken.taken) == ([], [])


@pytest.mark.parametrize("kind", ["webhook", "discord"])
async def test_a_receiver_that_fails_is_told_of(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals, redirects, silence and absence each have words, with nothing of the address."""
    monkeypatch.setattr(posting, "SECONDS", 0.3)
    async with hooks() as taken:
        way = target(kind, **{f"{kind}_urls": f"{taken.url}/{SECRET}"})
        taken.status, taken.headers = 429, {"Retry-After": "7.5"}
        refused = await attempt(way, NOTICE)
        taken.status, taken.headers = 302, {"Location": f"{taken.url}/elsewhere"}
        redirected = await attempt(way, NOTICE)
        taken.hangs = True
        silent = await attempt(way, NOTICE)
    gone = await attempt(way, NOTICE)
    assert refused is not None
    assert (refused.reason, refused.retry_after) == ("answered 429", 7.5)
    assert redirected is not None
    assert redirected.reason == "answered 302: redirects are not followed"
    assert [one.path for one in taken.posted] == [f"/{SECRET}"] * 3
    assert silent is not None
    assert silent.reason.startswith("no answer within")
    assert gone is not None
    assert gone.reason.startswith("cannot be reached")
    told = " ".join(str(one) for one in (refused, redirected, silent, gone))
    assert SECRET not in told + way.place
    assert all(one.__cause__ is None for one in (refused, redirected, silent, gone))


async def test_a_mail_server_that_refuses_is_told_of() -> None:
    """Its code is told, not its words: they may quote the address."""
    async with mails() as taken:
        taken.answer = "550 no a@x.invalid here"
        way = target("email", smtp_url=f"smtp://127.0.0.1:{taken.port}", email_to="a@x.invalid")
        refused = await attempt(way, NOTICE)
    gone = await attempt(way, NOTICE)
    assert str(refused) == "refused with 550"
    assert gone is not None
    assert gone.reason.startswith("cannot be reached")


async def test_the_log_gets_a_line() -> None:
    """Everybody has it; the texts of errors stay out of it."""
    lines: list[str] = []
    number = logger.add(lines.append, format="{level} {message}")
    await target("log", "developers").notifier.tell(NOTICE)
    logger.remove(number)
    (line,) = lines
    assert line.startswith("WARNING alert for team: Error rate is firing, value 23, threshold 10")
    assert "xp" not in line


def test_each_team_has_its_own_address() -> None:
    """A team without one has that of all; one that is in neither has none, and the log."""
    settings = AlertSettings.model_validate(
        {
            "webhook_urls": '{"developers": "https://a.invalid/1", "*": "https://b.invalid/2"}',
            "discord_urls": {"team": "https://discord.com/api/webhooks/1/token"},
        }
    )
    found = {(one.team, one.kind): one.place for one in targets_of(default_definitions(), settings)}
    log = "the station's log"
    assert found == {
        ("team", "log"): log,
        ("team", "webhook"): "b.invalid",
        ("team", "discord"): "discord.com",
        ("developers", "log"): log,
        ("developers", "webhook"): "a.invalid",
        ("infrastructure", "log"): log,
        ("infrastructure", "webhook"): "b.invalid",
    }
    assert set(KINDS) == set(default_definitions().teams["team"].notify)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"webhook_urls": "ftp://x/secret-path"}, "no http or https URL"),
        ({"discord_urls": {"team": "https://"}}, "the address for team is no http"),
        ({"webhook_urls": "{secret-path"}, "no JSON of team and address"),
        ({"smtp_url": "mail.invalid:25"}, "no smtp or smtps URL"),
    ],
)
def test_an_address_that_is_none_is_a_fault(settings: dict[str, Any], words: str) -> None:
    """It is told at the start, without the address."""
    with pytest.raises(ValueError, match=words) as caught:
        AlertSettings.model_validate(settings)
    assert all("secret-path" not in fault["msg"] for fault in caught.value.errors())  # type: ignore[attr-defined]  # pydantic's


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (amount(None, "count"), "nothing"),
        (amount(1234, "count"), "1,234"),
        (amount(0.125, "ratio"), "12.5 %"),
        (amount(250, "millisecond"), "250 ms"),
        (amount(6100, "millisecond"), "6.1 s"),
        (amount(2.5, "per_minute"), "2.5 a minute"),
        (span(90), "1.5 min"),
        (span(7200), "2 h"),
        (sparkline([0, 0]), "▁▁"),
        (sparkline([0, 5, 10]), "▁▅█"),
    ],
)
def test_figures_in_words(told: str, words: str) -> None:
    """Values have their unit, and fit into a line."""
    assert told == words

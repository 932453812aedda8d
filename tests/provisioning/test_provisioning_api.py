"""What Sentry answers when it does not do what was asked, and what a person is told then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from tests.provisioning.conftest import Desk, FakeClock, definitions, settings_for
from tests.provisioning.fake_routes import TOKEN
from tests.provisioning.fake_sentry import RETIRED, SCOPES

from tux.provisioning.sentry_api import LONGEST_WAIT, TRIES, SentryAPI
from tux.shared.exceptions import TuxError

if TYPE_CHECKING:
    from tux.watch import Definitions


def told(desk: Desk, wanted: Definitions | None = None) -> str:
    """Apply, and give what is said of the fault; the token is never in it."""
    with pytest.raises(TuxError) as raised:
        desk.apply(wanted)
    chain: BaseException | None = raised.value
    while chain is not None:
        assert TOKEN not in f"{chain!r} {chain}"
        chain = chain.__cause__ or chain.__context__
    return str(raised.value)


def test_too_many_requests_are_waited_for(desk: Desk) -> None:
    """A 429 is waited for until the window that its header names is over."""
    desk.fake.busy = 2
    desk.apply()
    assert desk.clock.slept == [7.0, 1.0]
    assert desk.plan().plan.actions == ()


def test_waiting_has_an_end(desk: Desk) -> None:
    """A reset far away costs a minute at most, and after some tries the run ends with words."""
    desk.fake.busy, desk.fake.now = 1000, desk.fake.now + 9999
    assert f"too many requests, also after {TRIES} tries" in told(desk)
    assert desk.clock.slept == [LONGEST_WAIT] * (TRIES - 1), (
        "after the last try nothing is waited for"
    )
    assert all(one.method == "GET" for one in desk.fake.asked)


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_a_missing_scope_is_named(desk: Desk, scope: str) -> None:
    """Where the token may not, the scope that it needs is said."""
    desk.fake.scopes = SCOPES - {scope}
    if scope in {"alerts:read", "team:read"}:
        # These may be read by another scope as well, which most tokens have.
        desk.fake.scopes -= {"org:read"}
        scope = "org:read"
    answer = told(desk)
    assert "HTTP 403" in answer
    assert f"the token lacks a scope: it needs {scope}" in answer


def test_a_retired_api_is_told_and_not_tried_again(desk: Desk) -> None:
    """A 410 says what is instead; the routes that are retired already are never asked."""
    desk.apply()
    assert not [one for one in desk.fake.asked if RETIRED.match(one.path)]
    desk.fake.is_retired = True
    desk.fake.asked.clear()
    answer = told(desk)
    assert "retired" in answer
    assert "/api/1/organizations/{org}/detectors/" in answer
    assert len([one for one in desk.fake.asked if "detectors/" in one.path]) == 1


def test_a_sentry_that_is_too_old_is_told(desk: Desk) -> None:
    """Without monitors of the new kind, the version that is needed is said."""
    desk.fake.is_old = True
    assert "too old, self-hosted needs 26.7" in told(desk)


def test_limits_of_a_plan_are_told_as_sentry_says_them(desk: Desk) -> None:
    """A 400 is shown in Sentry's words."""
    desk.fake.most_monitors = 2
    assert "Used 2/2 of allowed monitors." in told(desk)


def test_what_is_not_there_is_told_together(desk: Desk) -> None:
    """Teams, integrations, keys and environments that Sentry lacks are told before any write."""
    desk.fake.teams = {"everybody": "3"}
    desk.fake.integrations = []
    desk.fake.keys["k1"]["public"] = "other"
    answer = told(desk, definitions(alerts={"error_rate": {"environment": "staging"}}))
    for part in (
        "Sentry has no team developers; it has everybody.",
        "Sentry has no team infrastructure",
        "Discord integration is not installed",
        "set SENTRY_DSN to the one whose key",
        "does not know the environment staging yet",
    ):
        assert part in answer
    assert all(one.method == "GET" for one in desk.fake.asked)


def test_several_discord_servers_are_asked_about(desk: Desk) -> None:
    """Of several servers one must be named, and the one that is named is taken."""
    desk.fake.integrations.append({"id": "78", "name": "Other"})
    assert "Acme, Other: name one, PROVISIONING_DISCORD_SERVER" in told(desk)
    asked = desk.settings.provisioning.model_copy(update={"discord_server": "Other"})
    desk.settings = desk.settings.model_copy(update={"provisioning": asked})
    desk.apply()
    flow = next(iter(desk.fake.workflows.values()))
    assert flow["actionFilters"][0]["actions"][1]["integrationId"] == "78"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("org", "nobody", "There is no organization nobody"),
        ("project", "nothing", "There is no project nothing"),
        ("url", "http://127.0.0.1:9", "no answer to GET: ConnectError"),
    ],
)
def test_a_wrong_account_is_told(desk: Desk, field: str, value: str, words: str) -> None:
    """A slug or an address that is wrong is said, with its name."""
    sentry = desk.settings.sentry.model_copy(update={field: value})
    desk.settings = desk.settings.model_copy(update={"sentry": sentry})
    assert words in told(desk)


def test_a_page_to_log_in_at_is_no_answer(desk: Desk) -> None:
    """HTML with a 200, as proxies give it, is told with the setting to look at."""
    desk.line.html = True
    assert "look at SENTRY_URL" in told(desk)


def test_a_revoked_token_is_told(desk: Desk) -> None:
    """A token that Sentry does not know is said to be so."""
    token = settings_for("").sentry.auth_token
    assert token is not None
    other = type(token)("sntryu_" + "b2" * 32)
    sentry = desk.settings.sentry.model_copy(update={"auth_token": other})
    desk.settings = desk.settings.model_copy(update={"sentry": sentry})
    assert "SENTRY_AUTH_TOKEN is not known there, or was revoked (HTTP 401)" in told(desk)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("https://us.sentry.io", "us.sentry.io"),
        ("https://sentry.io.invalid", "sentry.io"),
        ("https://evilsentry.io", "sentry.io"),
        ("http://us.sentry.io", "sentry.io"),
        (None, "sentry.io"),
    ],
)
def test_the_token_goes_to_regions_of_the_same_host_only(region: str | None, host: str) -> None:
    """Sentry.io names the region to ask; another host, or one without TLS, gets nothing."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    settings = settings_for("https://sentry.io").sentry
    api = SentryAPI(settings, FakeClock(), transport=httpx.MockTransport(answer))
    api.use_region(region)
    api.get("organizations/{org}/")
    api.close()
    assert [one.url.host for one in seen] == [host]
    assert seen[0].url.path == "/api/0/organizations/acme/"

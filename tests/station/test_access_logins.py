"""A station with a password lets in who knows it, over real HTTP."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from tests.station.conftest import StationUnderTest, station_at
from tests.station.test_server_requests import EVENT

from tux.shared.exceptions import TuxConfigurationError
from tux.shared.settings import Settings, StationSettings
from tux.station.access.throttle import FREE
from tux.station.access.visitors import create_token, revoke_token, set_password
from tux.station.pages.routes import VIEWS
from tux.station.server import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PASSWORD = "correct horse battery"


@pytest.fixture
async def closed(tmp_path: Path) -> AsyncIterator[StationUnderTest]:
    """A station that asks for a password."""
    secret = SecretStr(PASSWORD)
    async with station_at(tmp_path / "station.db", password=secret) as running:
        yield running


async def log_in(station: StationUnderTest, password: str = PASSWORD, **more: Any) -> Any:
    return await station.press("/login", "/login", password=password, **more)


async def test_nothing_is_seen_without_the_password(closed: StationUnderTest) -> None:
    """Every page leads to the login, all data are refused, and clients send as ever."""
    assert (await closed.send_raw(EVENT)).status == 200
    for path in VIEWS:
        if "{" not in path:
            answer = await closed.get(path)
            assert (answer.status, answer.headers["Location"][:12]) == (303, "/login?next="), path
    for path in ("/data/events", "/data/counts", "/api/v1/issues"):
        answer = await closed.get(path)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert (await closed.press("/issues/1/resolve", "/login")).status == 401
    assert closed.value("SELECT status FROM issues") == "unresolved"
    assert (await closed.get("/health")).status == 200


async def test_the_password_opens_until_the_log_out(closed: StationUnderTest) -> None:
    """The cookie is for this site and no script; after the log-out it opens nothing."""
    await closed.send_raw(EVENT)
    assert (await log_in(closed, "wrong horse battery")).status == 403
    answer = await log_in(closed)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/"))
    assert PASSWORD not in cookie
    assert b"hello" in (await closed.get("/issues/")).body  # the client keeps cookies
    assert (await closed.press("/issues/1/resolve")).status == 303
    value = cookie.partition("=")[2].partition(";")[0]
    assert (await closed.press("/logout", "/issues/")).status == 303
    stolen = {"Cookie": f"tux={value}"}
    assert (await closed.get("/issues/", headers=stolen)).status == 303
    assert (await closed.get("/issues/")).status == 303


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/issues/?status=all", "/issues/?status=all"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\r\nX: y", "/"),
    ],
)
async def test_a_login_leads_to_this_station_only(
    closed: StationUnderTest, wanted: str, led_to: str
) -> None:
    """Where somebody wanted to go is a page of ours, or the first one."""
    page = (await closed.get("/login")).body.decode()
    token = page.partition('name="csrf" value="')[2][:64]
    async with closed.http.post(
        closed.url + "/login",
        params={"next": wanted},
        data={"csrf": token, "password": PASSWORD},
        allow_redirects=False,
    ) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, led_to)


async def test_guessing_is_slowed_down(closed: StationUnderTest) -> None:
    """After some wrong ones not even the right one is looked at, until a while has passed."""
    now = closed.station.store.clock()
    closed.station.store.clock = lambda: now
    statuses = [(await log_in(closed, f"wrong password {n}")).status for n in range(FREE)]
    assert statuses == [403] * (FREE - 1) + [429]
    answer = await log_in(closed)
    assert (answer.status, int(answer.headers["Retry-After"])) == (429, 2)
    assert b"wait" in answer.body
    closed.station.store.clock = lambda: now + 1.5
    assert (await log_in(closed)).status == 303


async def test_another_password_ends_all_logins(tmp_path: Path) -> None:
    """A password that is set beside a station that runs holds at once, also for who is inside."""
    async with station_at(tmp_path / "station.db") as station:
        store = station.station.store
        assert (await station.get("/issues/")).status == 200
        await store.change(partial(set_password, password=PASSWORD, now=time.time()))
        assert (await station.get("/issues/")).status == 303
        assert (await log_in(station)).status == 303
        assert (await station.get("/issues/")).status == 200
        await store.change(partial(set_password, password=PASSWORD + "!", now=time.time()))
        assert (await station.get("/issues/")).status == 303
        await store.change(partial(set_password, password=None, now=time.time()))
        assert (await station.get("/issues/")).status == 200


async def test_a_login_outlives_a_restart(tmp_path: Path) -> None:
    """With the same password a browser stays logged in; with another it does not."""
    path = tmp_path / "station.db"
    async with station_at(path, password=SecretStr(PASSWORD)) as station:
        cookie = (await log_in(station)).headers["Set-Cookie"].partition(";")[0]
    for password, status in ((PASSWORD, 200), (PASSWORD + "!", 303)):
        async with station_at(path, password=SecretStr(password)) as station:
            answer = await station.get("/issues/", headers={"Cookie": cookie})
            assert answer.status == status


async def test_a_token_opens_to_programs(closed: StationUnderTest) -> None:
    """A token is shown in a header, needs no form, and opens nothing once it is revoked."""
    await closed.send_raw(EVENT)
    store = closed.station.store
    token = await store.change(partial(create_token, label="script", now=0.0))
    headers = {"Authorization": f"Bearer {token}"}
    assert (await closed.get("/data/events", headers=headers)).json[0]["title"] == "hello"
    done = await closed.request("POST", "/issues/1/resolve", headers=headers)
    assert done.status == 303
    for wrong in (f"Bearer {token}x", "Bearer ", f"Basic {token}"):
        answer = await closed.get("/data/events", headers={"Authorization": wrong})
        assert answer.status == 401, wrong
    assert token not in str(closed.rows("SELECT * FROM api_tokens"))
    await store.change(partial(revoke_token, number=1))
    assert (await closed.get("/data/events", headers=headers)).status == 401


@pytest.mark.parametrize(
    "options", [{"host": "0.0.0.0"}, {"url": "https://tux.example"}], ids=["host", "url"]
)
async def test_a_station_that_others_reach_needs_a_password(
    tmp_path: Path, options: dict[str, str]
) -> None:
    """It does not start without one, and says how to set it."""
    settings = StationSettings(port=0, path=tmp_path / "station.db", **options)
    with pytest.raises(TuxConfigurationError, match="tux station password"):
        async with serving(settings):
            pass
    protected = settings.model_copy(update={"password": SecretStr(PASSWORD)})
    async with serving(protected):
        pass


async def test_behind_https_the_cookie_never_leaves_in_the_clear(tmp_path: Path) -> None:
    """A station with a public https address answers to its name, with a cookie for https only."""
    async with station_at(
        tmp_path / "station.db", url="https://tux.example", password=SecretStr(PASSWORD)
    ) as station:
        assert station.dsn.startswith("https://")
        named = {"Host": "tux.example", "Origin": "https://tux.example"}
        answer = await station.press("/login", "/login", headers=named, password=PASSWORD)
        assert answer.status == 303
        assert answer.headers["Set-Cookie"].startswith("__Host-tux=")
        assert "Secure" in answer.headers["Set-Cookie"]
        token = await station.station.store.change(partial(create_token, label="x", now=0.0))
        shown = {"Host": "tux.example", "Authorization": f"Bearer {token}"}
        page = (await station.get("/", headers=shown)).body.decode()
        assert f"https://{station.key}@tux.example/1" in page


async def test_no_page_tells_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted in every secret setting and typed as a password, a secret is in no answer."""
    planted = "planted-5ecret-{}"
    for variable in ("STATION_PASSWORD", "DISCORD_TOKEN", "DATABASE_URL", "SENTRY_DSN"):
        monkeypatch.setenv(variable, planted.format(variable))
    monkeypatch.setenv("STATION_PATH", str(tmp_path / "station.db"))
    settings = Settings().station.model_copy(update={"port": 0})
    assert settings.password is not None
    async with station_at(**settings.model_dump(exclude={"port"})) as station:
        await station.send_raw(EVENT)
        token = await station.station.store.change(partial(create_token, label="x", now=0.0))
        answers = [
            await log_in(station, "planted-5ecret-wrong"),
            await log_in(station, settings.password.get_secret_value()),
        ]
        paths = [path for path in VIEWS if "{" not in path]
        answers += [await station.get(path) for path in (*paths, "/issues/1/", "/data/counts")]
        assert [answer.status for answer in answers[2:]] == [200] * (len(paths) + 2)
        stored = str(station.rows("SELECT * FROM logins"))
        for answer in answers:
            everything = answer.body + repr(answer.headers).encode()
            assert b"planted-5ecret" not in everything
            assert token.encode() not in everything
        assert "planted" not in stored

"""What the layer makes of its settings, and what never leaves whatever is set."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import discord
import httpx
import pytest
import sentry_sdk
from aiohttp import web
from loguru import logger
from pydantic import SecretStr
from tests.fakes.sent import raised

import tux.services.sentry as layer
from tux import __version__
from tux.services.sentry import SentryManager, capture_exception, config, start_transaction
from tux.services.sentry.config import before_send, default_release, traces_sampler
from tux.shared.alert_settings import AlertSettings
from tux.shared.settings import (
    DatabaseSettings,
    DiscordSettings,
    SentrySettings,
    Settings,
    load_settings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentry_sdk.types import SamplingContext
    from tests.fakes.sent import Sent

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4OQ.G7abcd.0123456789abcdefghijklmnopqrstuvwxyz01"
PASSWORD = "correct-horse-battery"


@pytest.fixture
def lines() -> Iterator[list[tuple[str, str]]]:
    """Level and text of what is logged."""
    told: list[tuple[str, str]] = []
    sink = logger.add(lambda line: told.append((line.record["level"].name, line.record["message"])))
    yield told
    if sink in logger._core.handlers:  # type: ignore[attr-defined]  # others remove all sinks
        logger.remove(sink)


def test_without_dsn(lines: list[tuple[str, str]], tmp_path: Path) -> None:
    """One warning names the variable; everything is a harmless no-op."""
    for _ in range(3):
        SentryManager().setup(Settings(sentry=SentrySettings(spool_path=tmp_path / "spool")))
    assert [level for level, _ in lines] == ["WARNING"]
    assert "SENTRY_DSN" in lines[0][1]
    assert not layer.is_initialized()
    assert not SentryManager().is_initialized
    assert not (tmp_path / "spool").exists()


def test_setup_reads_the_environment(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an argument the settings are those of the environment."""
    settings = sent.settings()
    layer._State.has_started = False
    monkeypatch.chdir(sent.folder)
    assert settings.sentry.dsn
    monkeypatch.setenv("SENTRY_DSN", settings.sentry.dsn.get_secret_value())
    monkeypatch.setenv("SENTRY_ENVIRONMENT", "production")
    monkeypatch.setenv("SENTRY_RELEASE", "v1.0.0")
    monkeypatch.setenv("SENTRY_SPOOL_PATH", str(settings.sentry.spool_path / "other"))
    layer.setup()
    capture_exception(LookupError("gone"))
    assert (sent.event["environment"], sent.event["release"]) == ("production", "v1.0.0")


@pytest.mark.parametrize(
    "dsn",
    [
        "not-a-dsn-7c4f",
        "https://7c4f@",
        "https://7c4f@host",
        "https://host/7c4f",
        "ftp://7c4f@host/1",
        "https://7c4f@host:port/1",
        "https://[7c4f/1",
        "7c4f" * 10_000,
    ],
    ids=lambda dsn: dsn[:30],
)
def test_malformed_dsn(lines: list[tuple[str, str]], dsn: str) -> None:
    """One error line names the variable and never the value; the bot goes on without."""
    layer.setup(Settings(sentry=SentrySettings(dsn=SecretStr(dsn))))
    layer.setup()
    assert [level for level, _ in lines] == ["ERROR"]
    assert "SENTRY_DSN" in lines[0][1]
    assert "7c4f" not in lines[0][1]
    assert not layer.is_initialized()
    assert capture_exception(LookupError("gone")) is None
    with start_transaction(op="task", name="t"), layer.start_span(op="db"):
        layer.set_tag("a", "b")


def test_second_setup(sent: Sent, lines: list[tuple[str, str]]) -> None:
    """A second set-up changes nothing and says nothing."""
    client = sentry_sdk.get_client()
    SentryManager().setup()
    layer.setup(sent.settings(release="other"))
    assert sentry_sdk.get_client() is client
    assert SentryManager().is_initialized
    assert lines == []


def test_options(sent: Sent) -> None:
    """The SDK is set up as the guide says."""
    client = sentry_sdk.get_client()
    assert client.options["max_breadcrumbs"] == 50
    assert client.options["attach_stacktrace"] is True
    assert client.should_send_default_pii() is False
    assert client.options["trace_propagation_targets"] == []
    assert set(client.integrations) == {
        "atexit",
        "discord",
        "excepthook",
        "httpx",
        "logging",
        "loguru",
        "sqlalchemy",
        "threading",
    }


def test_breadcrumbs_are_fifty(sent: Sent) -> None:
    """The latest fifty breadcrumbs go along."""
    for number in range(60):
        layer.add_breadcrumb(str(number))
    capture_exception(LookupError("gone"))
    crumbs = sent.event["breadcrumbs"]["values"]
    assert [crumb["message"] for crumb in crumbs] == [str(number) for number in range(10, 60)]


def test_packages_go_along(sent: Sent) -> None:
    """An error tells which packages are installed, in which versions."""
    capture_exception(LookupError("gone"))
    assert sent.event["modules"]["sentry-sdk"] == sentry_sdk.VERSION


def test_a_message_has_a_stack(sent: Sent) -> None:
    """A message tells where it was captured."""
    layer.capture_message("look")
    assert sent.event["threads"]["values"][0]["stacktrace"]["frames"]


async def test_no_trace_headers_to_others(sent: Sent) -> None:
    """A request to another host is a span, and carries no header of ours."""
    seen: list[dict[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(dict(request.headers))
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/thing", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/thing"
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            with start_transaction(op="task", name="ask"):
                await client.get(url)
            await client.get(url)
    finally:
        await runner.cleanup()
    assert len(seen) == 2
    assert not any({"sentry-trace", "baggage", "traceparent"} & {*map(str.lower, h)} for h in seen)
    (span,) = sent.transaction["spans"]
    assert span["op"] == "http.client"


def test_release_with_git() -> None:
    """The release of a checkout names its revision."""
    root = Path(layer.__file__).parents[4]
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # whichever git there is
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    release = default_release()
    assert release.startswith(f"tux@{__version__}+")
    assert revision.startswith(release.partition("+")[2])


@pytest.mark.parametrize("failure", [FileNotFoundError("git"), subprocess.TimeoutExpired("git", 2)])
def test_release_without_git(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    """Without git the release is the package's version."""

    def fail(*args: object, **options: object) -> None:
        raise failure

    monkeypatch.setattr(subprocess, "run", fail)
    assert default_release() == f"tux@{__version__}"


def test_release_of_an_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no checkout git is not asked: it may find somebody else's."""
    monkeypatch.setattr(config, "__file__", str(tmp_path / "tux" / "services" / "sentry" / "c.py"))
    assert default_release() == f"tux@{__version__}"


@pytest.mark.parametrize(
    "hint", [{}, None, {"exc_info": None}, {"exc_info": 7}, {"exc_info": (1, 2, 3)}, [], "text"]
)
@pytest.mark.parametrize(
    "event",
    [{}, {"exception": None}, {"exception": {"values": None}}, {"threads": [1]}, {"exception": 7}],
)
def test_before_send_never_raises(event: Any, hint: Any) -> None:
    """Whatever the SDK hands in, the event is let through."""
    assert before_send(event, hint) is event


def test_before_send_drops_user_errors() -> None:
    """A member's mistake that comes past all captures is stopped here."""
    error = discord.ext.commands.BadArgument("no")
    assert before_send({"event_id": "a" * 32}, {"exc_info": (type(error), error, None)}) is None


def test_locals_of_discord_stay(sent: Sent) -> None:
    """Frames of discord.py come without their locals, ours come with them."""
    module = ModuleType("discord.http")
    code = "def request(call):\n    headers = 'Bot of ours'\n    call()\n"
    exec(code, module.__dict__)  # a frame of that module

    def fail() -> None:
        step = "look up"
        raise LookupError(step)

    with pytest.raises(LookupError) as caught:
        module.request(fail)
    capture_exception(caught.value)
    frames = sent.event["exception"]["values"][0]["stacktrace"]["frames"]
    by_function = {frame["function"].rpartition(".")[2]: frame for frame in frames}
    assert "vars" not in by_function["request"]
    assert by_function["fail"]["vars"]["step"] == "'…'"


SAMPLED = [
    ("error", None, None, 1.0),
    ("ban", "command", None, 0.1),
    ("ban", "command.slash", None, 0.1),
    ("prune", "task", None, 0.01),
    ("prune", "task.loop", None, 0.01),
    ("on_message", "event.discord", None, 0.1),
    ("x", "commander", None, 0.1),
    ("x", "tasks", None, 0.1),
    ("error", "task", False, 0.0),
    ("prune", "task", True, 1.0),
    ("x", None, None, 0.1),
]


@pytest.mark.parametrize(("name", "op", "parent", "rate"), SAMPLED)
def test_sampler(name: str, op: str | None, parent: bool | None, rate: float) -> None:  # noqa: FBT001  # a row
    """The guide's table of rates."""
    asked: SamplingContext = {
        "transaction_context": {"name": name, "op": op},
        "parent_sampled": parent,
    }
    assert traces_sampler(asked) == rate
    assert traces_sampler({}) == 0.1


def test_rates_are_settings(sent: Sent) -> None:
    """What the settings leave out is not sent; errors are."""
    sent.start(command_sample_rate=0.0, task_sample_rate=1.0, default_sample_rate=0.0)
    for op in ("command.slash", "task", "event.discord"):
        with start_transaction(op=op, name=op):
            capture_exception(LookupError(op))
    assert [transaction["transaction"] for transaction in sent.transactions] == ["task"]
    assert len(sent.events) == 3


def test_our_secrets_never_arrive(sent: Sent) -> None:
    """Secrets of the settings are in no byte that leaves, wherever they stood."""
    url = f"postgresql://tux:{PASSWORD}@db.example/tux"
    sent.start(
        discord=DiscordSettings(token=SecretStr(TOKEN)),
        database=DatabaseSettings(url=SecretStr(url)),
    )

    def fail() -> None:
        note = f"{TOKEN} and {url}"
        word = PASSWORD
        raise LookupError(f"{note} {word}")

    layer.set_tag("note", TOKEN)
    layer.set_context("note", {"url": url, PASSWORD: PASSWORD})
    layer.add_breadcrumb(f"connect to {url}", data={"word": PASSWORD})
    logger.error(f"connect with {TOKEN}, {PASSWORD}")
    with start_transaction(op="task", name=f"ask {url}") as transaction:
        transaction.set_data("word", PASSWORD)
        with layer.start_span(op="db", description=f"connect {TOKEN}"):
            pass
    with pytest.raises(LookupError) as caught:
        fail()
    layer.capture_message(f"{TOKEN} {PASSWORD}")
    capture_exception(raised(caught.value), extra_context={"secret": TOKEN, "word": PASSWORD})
    assert len(sent.events) == 2
    assert sent.transactions
    assert sent.logs
    assert TOKEN.encode() not in sent.everything
    assert PASSWORD.encode() not in sent.everything


def test_addresses_of_alerts_never_arrive(sent: Sent) -> None:
    """Of a webhook's address the path is a secret, too: whoever knows it may post there."""
    path = "pUnpleasantly-walruses"
    alerts = AlertSettings.model_validate(
        {"webhook_urls": {"*": f"https://hooks.example/services/{path}"}}
    )
    sent.start()
    scrubber = config.scrubber_of(sent.settings().model_copy(update={"alerts": alerts}))
    assert scrubber.text(f"nobody at {path}") == "nobody at [removed: secret]"
    assert scrubber.text("services at hooks.example") == "services at hooks.example"


def test_settings_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables of the guide are read from .env and from the settings file, too."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("SENTRY_ENVIRONMENT=production\n")
    (tmp_path / "tux.toml").write_text('[sentry]\nrelease = "v1.0.0"\ndebug = true\n')
    settings = load_settings().sentry
    assert settings.environment == "production"
    assert (settings.release, settings.debug, settings.dsn) == ("v1.0.0", True, None)

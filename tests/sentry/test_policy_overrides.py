"""A bot's own word on what is done about an error; what becomes worse by repeating itself."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord.ext import commands
from tests.fakes.sent import crumbs_of, raised, status_of

from tux.services.sentry import DiscordIntegration, capture_exception
from tux.services.sentry.context import Facts
from tux.services.sentry.policy import decide, set_overrides
from tux.services.sentry.policy_rules import Verdict
from tux.services.sentry.units import Unit, unit_of_work
from tux.shared.exceptions import TuxConfigurationError
from tux.shared.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.fakes.sent import Sent


class SoldOutError(LookupError):
    pass


class SoldOutTodayError(SoldOutError):
    pass


NAMES: list[Mapping[str, str]] = [
    {"SoldOutError": "never"},
    {f"{__name__}.SoldOutError": "never"},
    {"LookupError": "error", "SoldOutError": "never"},
]


@pytest.mark.parametrize("verdicts", NAMES, ids=str)
def test_a_class_by_name(verdicts: Mapping[str, str]) -> None:
    """The nearest name of a class or its bases decides, through wrappers; others are as before."""
    set_overrides(verdicts)
    wrapped = commands.CommandInvokeError(SoldOutTodayError())
    assert decide(wrapped).verdict is Verdict.NEVER
    assert decide(wrapped).status == "internal_error"
    assert decide(KeyError()).verdict is Verdict.ERROR
    set_overrides({})
    assert decide(wrapped).verdict is Verdict.ERROR


def test_settings(unstarted: Sent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table in tux.toml, or JSON in the environment, is the bot's policy."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tux.toml").write_text('[sentry.policy]\nCommandOnCooldown = "warning"\n')
    assert load_settings().sentry.policy == {"CommandOnCooldown": "warning"}
    monkeypatch.setenv("SENTRY_POLICY", '{"LookupError": "never"}')
    unstarted.start(policy=load_settings().sentry.policy)
    with suppress(LookupError), unit_of_work(Unit("command.prefix", "buy")):
        capture_exception(raised(LookupError()))
        raise LookupError
    assert unstarted.events == []
    assert status_of(unstarted.transaction) == "internal_error"


def test_a_word_that_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told with its place, and what would be right."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tux.toml").write_text('[sentry.policy]\nLookupError = "ignore"\n')
    with pytest.raises(TuxConfigurationError, match="breadcrumb"):
        load_settings()
    with pytest.raises(ValueError, match="ignore"):
        DiscordIntegration(policy={"LookupError": "ignore"})


def test_a_right_that_a_server_lacks_for_long(sent: Sent) -> None:
    """Five times from one server is a warning of that server; one from each of many is none."""

    def refuse(guild: int) -> None:
        facts = partial(Facts, {"id": "1"}, {"guild_id": str(guild)})
        with unit_of_work(Unit("command.prefix", "ban", facts)):
            capture_exception(raised(commands.BotMissingPermissions(["ban_members"])))

    for guild in range(10):
        refuse(guild)
    for _ in range(3):
        refuse(0)
    assert sent.events == []
    refuse(0)
    assert sent.event["level"] == "warning"
    assert sent.event["fingerprint"] == ["BotMissingPermissions", "0"]


def test_an_expired_interaction(sent: Sent) -> None:
    """Each command is a group of its own, for each has its own slowness."""
    response: Any = SimpleNamespace(status=404, reason="no")
    for command in ("ban", "kick", "kick"):
        with unit_of_work(Unit("command.slash", command)):
            error = discord.NotFound(response, {"code": 10062, "message": "Unknown interaction"})
            capture_exception(raised(error))
    assert [event["fingerprint"][-1] for event in sent.events] == ["ban", "kick", "kick"]


def test_a_breadcrumb_that_stays_one(sent: Sent) -> None:
    """What the bot calls a breadcrumb is told by the next event only."""
    set_overrides({"SoldOutError": "breadcrumb"})
    with unit_of_work(Unit("command.prefix", "buy")):
        capture_exception(raised(SoldOutError()))
        capture_exception(raised(KeyError()))
    assert crumbs_of(sent.event) == ["SoldOutError"]

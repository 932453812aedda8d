"""A fake Sentry over real HTTP, and one run against it after the other."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from tests.provisioning.fake_routes import ORG, PROJECT, TOKEN
from tests.provisioning.fake_sentry import FakeSentry
from tests.provisioning.served import Line, served

from tux.provisioning.sentry_api import SentryAPI
from tux.provisioning.session import Choice, Sight, applied, check, planned, ruin
from tux.shared.provisioning_settings import ProvisioningSettings
from tux.shared.settings import SentrySettings, Settings
from tux.shared.toml_lines import TomlLines
from tux.watch.loading import FILE, definitions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tux.watch import Definitions

CHANNELS = {
    "team": "123456789012345678",
    "developers": "123456789012345679",
    "infrastructure": "123456789012345680",
}


@dataclass
class FakeClock:
    """A clock that passes by sleeping alone."""

    time: float = 1_800_000_000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def definitions(**kinds: Any) -> Definitions:
    """Declare, beside the defaults with channels, what stands below [watch]."""
    teams = {name: {"discord_channel": one} for name, one in CHANNELS.items()}
    given = kinds | {"teams": {**teams, **kinds.get("teams", {})}}
    return definitions_of(given, TomlLines(""), FILE)


@dataclass
class Desk:
    """Somebody who plans and applies."""

    fake: FakeSentry
    line: Line
    settings: Settings
    clock: FakeClock = field(default_factory=FakeClock)

    def api(self) -> SentryAPI:
        return SentryAPI(self.settings.sentry, self.clock)

    def plan(self, wanted: Definitions | None = None, **choice: bool) -> Sight:
        wanted = wanted or definitions()
        check(wanted, self.settings)
        api = self.api()
        try:
            return planned(api, wanted, self.settings, Choice(**choice))
        finally:
            api.close()

    def apply(self, wanted: Definitions | None = None, **choice: bool) -> Sight:
        wanted = wanted or definitions()
        check(wanted, self.settings)
        api = self.api()
        try:
            sight = planned(api, wanted, self.settings, Choice(**choice))
            applied(api, sight, lambda _action: None)
        finally:
            api.close()
        return sight

    def destroy(self) -> Sight:
        api = self.api()
        try:
            sight = ruin(api, self.settings)
            applied(api, sight, lambda _action: None)
        finally:
            api.close()
        return sight


def settings_for(url: str) -> Settings:
    return Settings(
        sentry=SentrySettings(
            org=ORG,
            project=PROJECT,
            url=url,
            auth_token=SecretStr(TOKEN),
            dsn=SecretStr("https://abc@o1.ingest.us.sentry.io/1"),
            release="tux@1.2.3+abc",
            environment="production",
        ),
        provisioning=ProvisioningSettings(key_count=3000),
    )


def state(desk: Desk) -> dict[str, Any]:
    """Copy all that the fake keeps."""
    fake = desk.fake
    kept = (fake.detectors, fake.workflows, fake.dashboards, fake.monitors, fake.project)
    names = ("monitors", "alerts", "dashboards", "crons", "project")
    more = {"filters": fake.filters, "keys": fake.keys, "deploys": fake.deploys}
    return copy.deepcopy(dict(zip(names, kept, strict=True)) | more)


def cron(desk: Desk, slug: str) -> dict[str, Any]:
    """Find a cron monitor of our project in the fake."""
    rows = desk.fake.monitors.values()
    return next(row for row in rows if (row["slug"], row["project"]["slug"]) == (slug, PROJECT))


@pytest.fixture
def desk() -> Iterator[Desk]:
    fake = FakeSentry()
    with served(fake) as line:
        yield Desk(fake, line, settings_for(line.url))

"""The loop that looks at the rules every few seconds, and what people do about them."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from loguru import logger

from tux.shared.alert_settings import AlertSettings
from tux.station.alerting import outbox, records
from tux.station.alerting.measuring import evidence, measure, spark
from tux.station.alerting.notices import Notice, NoticeKind
from tux.station.alerting.notifiers import targets_of
from tux.station.alerting.telling import Teller, trial_of
from tux.station.errors import UnavailableError
from tux.watch.engine import Change, Kind, State, acknowledge, look, silence
from tux.watch.loading import default_definitions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tux.station.store import Store
    from tux.watch import Definitions

AFTER_FAULT_SECONDS: Final = 5.0
QUIET_SECONDS: Final = 60.0
"""A fault that comes again sooner is the same one, which was told."""
_KINDS: Final[dict[Kind, NoticeKind]] = {
    Kind.FIRED: "firing",
    Kind.TOLD: "firing",
    Kind.RESOLVED: "resolved",
}


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched, and where teams are told."""

    definitions: Definitions = field(default_factory=default_definitions)
    settings: AlertSettings = field(default_factory=AlertSettings)


class Alerts:
    """Rules at work on one store."""

    def __init__(self, store: Store, watch: Watch) -> None:
        self.definitions = watch.definitions
        self.targets = targets_of(watch.definitions, watch.settings)
        self.url = ""
        """What links in notices begin with: known once the station listens."""
        self.teller = Teller(store, self.targets)
        self._store = store
        self._pause = watch.settings.look_seconds

    async def run(self) -> None:
        """Look and tell until cancelled."""
        faults = Faults(self._store.clock)
        async with asyncio.TaskGroup() as group:
            group.create_task(_for_ever(self._look_and_wait, faults))
            group.create_task(_for_ever(self._tell_and_wait, faults))

    async def look(self) -> None:
        """Look at all rules once. What changes and what is to be told of it is one commit."""
        now = self._store.clock()
        values = await asyncio.to_thread(self._measure, now)
        await self._store.change(partial(self._step, values=values, now=now))
        self.teller.stir()

    async def acknowledge(self, name: str) -> None:
        """Note that somebody works on what fires."""
        await self._store.change(partial(self._acknowledge, name=name, now=self._store.clock()))

    async def silence(self, name: str, seconds: float) -> None:
        """Tell nobody of a rule for so long; 0 ends it."""
        until = self._store.clock() + seconds if seconds else 0.0
        await self._store.change(partial(_silence, name=name, until=until))

    async def test(self, team: str) -> None:
        """Tell a team something that is no alert, as it is told what is."""
        notice = trial_of(team, self._store.clock(), self._page)
        await self._store.change(partial(outbox.put, notice=notice, targets=self.targets))
        self.teller.stir()

    @property
    def _page(self) -> str:
        return f"{self.url}/alerts/"

    def _measure(self, now: float) -> dict[str, float | None]:
        with self._store.read() as connection:
            return {
                name: measure(connection, rule, now)
                for name, rule in self.definitions.alerts.items()
                if rule.enabled
            }

    def _step(
        self, connection: sqlite3.Connection, values: Mapping[str, float | None], now: float
    ) -> None:
        known = records.states(connection)
        for name in known.keys() - self.definitions.alerts.keys():
            records.forget(connection, name, now)
        for name, rule in self.definitions.alerts.items():
            before = known.get(name, State(since=now))
            team = self.definitions.team_of(rule)
            state, changes = look(rule, team, before, values.get(name), now)
            for change in changes:
                records.keep_change(connection, name, rule, change)
            records.keep_state(connection, name, state)
            for change in changes:
                if change.is_told:
                    notice = self._notice(connection, name, state, change)
                    outbox.put(connection, notice, self.targets)

    def _notice(
        self, connection: sqlite3.Connection, name: str, state: State, change: Change
    ) -> Notice:
        rule = self.definitions.alerts[name]
        shown = evidence(connection, rule, change.at)
        return Notice(
            id=uuid.uuid4().hex,
            kind=_KINDS[change.kind],
            rule=name,
            title=rule.title,
            description=rule.description,
            team=rule.team,
            severity=rule.severity,
            at=change.at,
            since=state.began,
            value=change.value,
            peak=state.peak,
            threshold=rule.threshold,
            unit=rule.unit,
            window_seconds=rule.window_seconds,
            count=shown.count,
            users=shown.users,
            evidence=shown.title[:500],
            evidence_url=f"{self.url}{shown.path}" if shown.path else "",
            url=self._page,
            spark=tuple(spark(connection, name, change.at)),
        )

    def _acknowledge(self, connection: sqlite3.Connection, name: str, now: float) -> None:
        rule = self.definitions.alerts[name]
        state, changes = acknowledge(records.states(connection).get(name, State()), now)
        for change in changes:
            records.keep_change(connection, name, rule, change)
            records.keep_state(connection, name, state)

    async def _look_and_wait(self) -> None:
        await self.look()
        await asyncio.sleep(self._pause)

    async def _tell_and_wait(self) -> None:
        if not await self.teller.tell():
            await self.teller.wait()


def _silence(connection: sqlite3.Connection, name: str, until: float) -> None:
    state = records.states(connection).get(name, State())
    records.keep_state(connection, name, silence(state, until))


class Faults:
    """Tells in the log why alerts have to wait: once, until it is over or something else."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: dict[str, float] = {}

    def tell(self, error: Exception) -> None:
        """Note a fault."""
        kind, now = type(error).__name__, self._clock()
        before, self._last[kind] = self._last.get(kind), now
        if before is None or abs(now - before) >= QUIET_SECONDS:
            logger.error("the station's alerts have to wait: {}", kind)


async def _for_ever(work: Callable[[], Awaitable[None]], faults: Faults) -> None:
    """Repeat: a disk that is full now may be free later."""
    while True:
        try:
            await work()
        except (UnavailableError, sqlite3.Error) as error:
            faults.tell(error)
            await asyncio.sleep(AFTER_FAULT_SECONDS)

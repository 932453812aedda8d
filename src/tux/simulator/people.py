"""Scripted members: a crowd that uses the bot, and notes how each thing it did was answered."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tux.simulator.errors import ImpossibleActError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
    from random import Random

    from tux.simulator.guild import Guild
    from tux.simulator.local import LocalDiscord
    from tux.simulator.member import Member
    from tux.simulator.replies import Act, Reply

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 20.0
"""How long a member waits before the bot counts as silent."""
EVENT_ID = re.compile(r"Event ID ([0-9a-f]{32})")
"""What the bot writes below a failure, so that a member can tell staff."""
USER_ERROR = "Not reported: nothing is broken"
"""What the bot writes below an error that the member can mend."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that a member did, and how the bot answered."""

    at: float
    """Unix seconds."""
    seconds: float
    """Until the answer."""
    member_id: int
    command: str
    expected: str
    outcome: str
    """``ok``, ``user_error``, ``failure``, or ``silent`` where no answer came."""
    event_id: str | None
    """The id that a member was told with a failure."""


def _anybody(_member: Member) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Scene:
    """One kind of thing that members do."""

    command: str
    act: Callable[[Member, Random], Awaitable[Act]]
    expected: str | Callable[[Member], str] = "ok"
    """How it should end; it may depend on the member."""
    weight: float = 1.0
    """Share among all scenes."""
    who: Callable[[Member], bool] = _anybody
    """Picks the members who do it."""

    def expected_of(self, member: Member) -> str:
        """Tell how it should end for a member."""
        return self.expected if isinstance(self.expected, str) else self.expected(member)


def outcome_of(reply: Reply) -> tuple[str, str | None]:
    """Read an answer as a person does: how it went, and the event id that it tells."""
    footers = [str((embed.get("footer") or {}).get("text", "")) for embed in reply.embeds]
    for footer in footers:
        if (found := EVENT_ID.search(footer)) is not None:
            return "failure", found[1]
    if any(USER_ERROR in footer for footer in footers):
        return "user_error", None
    return "ok", None


class Crowd:
    """Members of a guild who act, several at once, each one thing at a time."""

    def __init__(
        self, local: LocalDiscord, guild: Guild, scenes: Sequence[Scene], rng: Random
    ) -> None:
        self._local = local
        self._guild = guild
        self._scenes = scenes
        self._rng = rng
        self._busy: set[int] = set()
        self._acting: set[asyncio.Task[None]] = set()
        self._deeds: asyncio.Queue[Deed | BaseException | None] = asyncio.Queue()
        """An error of a scene is raised to whoever runs the crowd; None ends it."""

    async def run(self, stop: asyncio.Event, pace: float) -> AsyncGenerator[Deed, None]:
        """Let members act until ``stop`` is set, and yield each deed when it is answered.

        Args:
            stop: sends the members home; what is still unanswered is waited for.
            pace: mean seconds between two things that members do.
        """
        directing = asyncio.create_task(self._direct(stop, pace))
        try:
            while (deed := await self._deeds.get()) is not None:
                if isinstance(deed, BaseException):
                    raise deed
                yield deed
            await directing
        finally:
            tasks = [directing, *self._acting]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def rush(self, scene: Scene, members: int) -> None:
        """Let as many members as are free, and no more than so many, do the same at once."""
        free = [member for member in self._free() if scene.who(member)]
        for member in self._rng.sample(free, min(members, len(free))):
            self._begin(scene, member)

    async def _direct(self, stop: asyncio.Event, pace: float) -> None:
        try:
            while not stop.is_set():
                await _first_of(stop.wait(), self._local.ready(timeout=None))
                if stop.is_set():
                    break
                self._begin_one()
                await _first_of(stop.wait(), asyncio.sleep(self._rng.expovariate(1 / pace)))
            await asyncio.gather(*self._acting, return_exceptions=True)
        finally:
            self._deeds.put_nowait(None)

    def _begin_one(self) -> None:
        free = self._free()
        cast = [(scene, [member for member in free if scene.who(member)]) for scene in self._scenes]
        possible = [(scene, members) for scene, members in cast if members]
        if not possible:
            return
        weights = [scene.weight for scene, _ in possible]
        ((scene, members),) = self._rng.choices(possible, weights)
        self._begin(scene, self._rng.choice(members))

    def _free(self) -> list[Member]:
        return [
            member
            for member in self._guild.members.values()
            if not member.user.bot and member.id not in self._busy
        ]

    def _begin(self, scene: Scene, member: Member) -> None:
        self._busy.add(member.id)
        task = asyncio.create_task(self._perform(scene, member))
        self._acting.add(task)
        task.add_done_callback(self._performed)

    def _performed(self, task: asyncio.Task[None]) -> None:
        self._acting.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._deeds.put_nowait(error)

    async def _perform(self, scene: Scene, member: Member) -> None:
        at, began = time.time(), time.monotonic()
        try:
            act = await scene.act(member, self._rng)
            reply = await self._local.reply_to(act, PATIENCE_SECONDS)
        except ImpossibleActError as error:
            # A command that the bot has not synced yet is not offered to a person either.
            logger.info("%s does nothing: %s", member.name, error)
            return
        except TimeoutError:
            outcome, event_id = "silent", None
        else:
            outcome, event_id = outcome_of(reply)
        finally:
            self._busy.discard(member.id)
        seconds = time.monotonic() - began
        expected = scene.expected_of(member)
        self._deeds.put_nowait(
            Deed(at, seconds, member.id, scene.command, expected, outcome, event_id)
        )


async def _first_of(*waits: Awaitable[object]) -> None:
    """Wait for one of several, and drop the others."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

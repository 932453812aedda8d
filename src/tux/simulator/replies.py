"""What members did, and which of the bot's messages answers which of them."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tux.simulator.errors import ImpossibleActError

if TYPE_CHECKING:
    from tux.simulator.interactions import Interaction
    from tux.simulator.member import Member
    from tux.simulator.messages import Message
    from tux.simulator.model import Channel, Json

ACTS_KEPT = 5000
ACTS_ON_ONE = 100
UNCLAIMED_KEPT = 1000
"""Bounds for demos that run for days."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a member sees as the answer."""

    id: int | None
    """Of the message; None for a form and for suggestions, which are none."""
    channel_id: int
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    """Of the message, or of the form."""
    ephemeral: bool = False
    modal: Json | None = None
    """The form that opened, where one did."""
    choices: tuple[Json, ...] = ()
    """What an autocompletion suggests."""
    message: Message | None = None

    @classmethod
    def of(cls, message: Message) -> Reply:
        """Read a message as it is now."""
        return cls(
            id=message.id,
            channel_id=message.channel.id,
            content=message.content,
            embeds=list(message.embeds),
            components=list(message.components),
            ephemeral=message.ephemeral,
            message=message,
        )


def message_of(shown: Reply | Message) -> Message:
    """Find the message in what a member sees.

    Raises:
        ImpossibleActError: it is none, such as a form.
    """
    found = shown.message if isinstance(shown, Reply) else shown
    if found is None:
        raise ImpossibleActError("only a message can be used so")
    return found


@dataclass(eq=False, slots=True)
class Act:
    """Something that a member did and that the bot may answer."""

    member: Member
    channel: Channel
    what: str
    """In words, for people who read a failed test."""
    message: Message | None = None
    """What was written, edited or reacted to."""
    interaction: Interaction | None = None
    id: int = 0
    """A snowflake: of the message that was written or of the interaction, else one of its own."""
    answers: list[Message | Reply] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by the first answer."""

    def answer(self, answer: Message | Reply) -> None:
        """Take an answer; a message that was edited is the same answer."""
        if answer not in self.answers:
            self.answers.append(answer)
        self.arrived.set()

    def read(self) -> list[Reply]:
        """Read all answers as they are now."""
        return [one if isinstance(one, Reply) else Reply.of(one) for one in self.answers]


class Replies:
    """Finds the act that a message of the bot answers.

    An interaction's answers name it. A message with a reference goes to what was done with that
    message: to the earliest act that has no answer yet, else to the first. Of the others, each goes
    to the earliest act in its channel that somebody waits for and that came before it.
    """

    def __init__(self) -> None:
        self._acts: dict[int, deque[Act]] = {}
        """Message id → what was done with it."""
        self._waiting: dict[int, list[Act]] = {}
        self._unclaimed: dict[int, deque[Message]] = {}

    def opened(self, act: Act, message: Message) -> None:
        """Remember what a member did with a message."""
        self._acts.setdefault(message.id, deque(maxlen=ACTS_ON_ONE)).append(act)
        if len(self._acts) > ACTS_KEPT:
            del self._acts[next(iter(self._acts))]

    def heard(self, message: Message) -> None:
        """Give a message of the bot, one that answers no interaction, to its act."""
        if message.reference is not None:
            acts = list(self._acts.get(message.reference.id, ()))
            for act in [*(act for act in acts if not act.answers), *acts][:1]:
                act.answer(message)
            return
        waiting = self._waiting.get(message.channel.id, [])
        earliest = min(
            (act for act in waiting if act.id < message.id and not act.answers),
            key=lambda act: act.id,
            default=None,
        )
        if earliest is not None:
            earliest.answer(message)
        else:
            kept = self._unclaimed.setdefault(message.channel.id, deque(maxlen=UNCLAIMED_KEPT))
            kept.append(message)

    async def first(self, act: Act, timeout: float | None = 5) -> Reply:  # noqa: ASYNC109  # its error says what was waited for
        """Wait for the first answer.

        Raises:
            TimeoutError: none came.
        """
        if not act.answers and act.message is not None:
            self._claim(act)
        waiting = self._waiting.setdefault(act.channel.id, [])
        if act.message is not None:
            waiting.append(act)
        try:
            async with asyncio.timeout(timeout):
                await act.arrived.wait()
        except TimeoutError:
            raise TimeoutError(f"no answer within {timeout} s to: {act.what}") from None
        finally:
            if act in waiting:
                waiting.remove(act)
        return act.read()[0]

    def _claim(self, act: Act) -> None:
        unclaimed = self._unclaimed.get(act.channel.id, deque())
        for message in unclaimed:
            if message.id > act.id:
                unclaimed.remove(message)
                act.answer(message)
                return

    def all(self, act: Act) -> list[Reply]:
        """Read what has answered the act so far.

        Messages that name no act count for the latest act before them.
        """
        after = [
            other.id
            for acts in self._acts.values()
            for other in acts
            if other.channel is act.channel and other.id > act.id
        ]
        end = min(after, default=None)
        loose = [
            Reply.of(message)
            for message in self._unclaimed.get(act.channel.id, ())
            if act.message is not None and message.id > act.id and (end is None or message.id < end)
        ]
        return act.read() + loose

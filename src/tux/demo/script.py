"""The demo's play: a guild, its people, and what they do how often.

Most of it works, some of it is their own mistake, and some of it runs into a bug. What each act is
expected to end in is part of the play, so that the bot is held to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tux.demo.comics import BROKEN, NEWEST
from tux.demo.playground import is_newcomer
from tux.simulator import Permission, Scene

if TYPE_CHECKING:
    from random import Random

    from tux.simulator import Act, Channel, Guild, LocalDiscord, Member

NAMES = (
    *("adelie", "baltasar", "chinstrap", "dolores", "emperor", "fiordland", "gentoo", "humboldt"),
    *("isla", "jackass", "king", "little", "macaroni", "noot", "ozzie", "pingu"),
)
MODERATORS = ("skipper", "kowalski")
BROKEN_ROUTES = (
    ("PUT", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me", 503),
    # discord.py tries a webhook for half a minute where it is told to come back.
    ("DELETE", "/webhooks/{application_id}/{token}/messages/{message_id}", 401),
    ("PUT", "/guilds/{guild_id}/bans/{user_id}", 401),
)
"""Method, route and status of what the local Discord fails to do: such errors have tokens in their
frames."""


def furnish(local: LocalDiscord) -> Guild:
    """Found a guild with a channel, two moderators and a crowd."""
    guild = local.add_guild("Penguins")
    rights = Permission.BAN_MEMBERS | Permission.KICK_MEMBERS | Permission.MODERATE_MEMBERS
    moderators = guild.add_role("moderators", permissions=int(rights))
    guild.add_text_channel("general")
    for name in MODERATORS:
        guild.add_member(name, roles=[moderators])
    for name in NAMES:
        guild.add_member(name)
    return guild


def scenes(guild: Guild) -> tuple[Scene, ...]:
    """List what its people do. Weights are shares of all that happens."""
    channel = _channel(guild)
    stage = Stage(channel, [member for member in _people(guild) if member.name in NAMES])
    return (
        Scene("ping", stage.ping, "ok", 10),
        Scene("rank", stage.rank, _rank_ends, 10),
        Scene("split", stage.split, "ok", 6),
        Scene("split", stage.split_among_nobody, "failure", 4),
        Scene("split", stage.split_many, "user_error", 3),
        Scene("leaderboard", stage.leaderboard, "ok", 4),
        Scene("feast", stage.feast, "ok", 4),
        Scene("xkcd", stage.comic, "ok", 5),
        Scene("xkcd", stage.comic_that_is_none, "user_error", 2),
        Scene("xkcd", stage.comic_without_ink, "failure", 2),
        Scene("applaud", stage.applaud, "failure", 2),
        Scene("herald", stage.herald, "failure", 2),
        Scene("treasury", stage.treasury, "failure", 2),
        Scene("ban", stage.ban, "user_error", 2, _is_nobody),
        Scene("ban", stage.ban, "failure", 2, _is_moderator),
        Scene("warn", stage.warn, "ok", 3, _is_moderator),
        Scene("cases", stage.cases, "ok", 3, _is_moderator),
    )


def rushes(guild: Guild) -> tuple[Rush, ...]:
    """List what they do all at once, one rush after the other: each makes an alert fire."""
    stage = Stage(_channel(guild), [])
    return (
        Rush(Scene("banquet", stage.banquet), members=1),
        Rush(Scene("split", stage.split_among_nobody, "failure"), members=14),
        Rush(Scene("dive", stage.dive, "failure"), members=8, after=3.0),
    )


@dataclass(frozen=True, slots=True)
class Rush:
    """Many members do one thing."""

    scene: Scene
    members: int
    after: float = 0.0
    """Seconds after the rush before."""


class Stage:
    """Where the acts happen, and who may be hit by them."""

    def __init__(self, channel: Channel, crowd: list[Member]) -> None:
        self._channel = channel
        self._crowd = crowd

    async def ping(self, member: Member, rng: Random) -> Act:
        """Ask whether the bot is there."""
        return await self._either(member, rng, "ping")

    async def rank(self, member: Member, rng: Random) -> Act:
        """Ask for one's rank; a newcomer has none, which the command forgot."""
        return await self._either(member, rng, "rank")

    async def split(self, member: Member, rng: Random) -> Act:
        """Share fish."""
        return await self._split(member, rng, rng.randint(2, 9))

    async def split_among_nobody(self, member: Member, rng: Random) -> Act:
        """Divide by zero."""
        return await self._split(member, rng, 0)

    async def split_many(self, member: Member, _rng: Random) -> Act:
        """Write a word for a number."""
        return await member.say(self._channel, "!split many 3")

    async def leaderboard(self, member: Member, rng: Random) -> Act:
        """Ask for what makes the database work."""
        return await self._either(member, rng, "leaderboard")

    async def feast(self, member: Member, rng: Random) -> Act:
        """Ask for what takes its time."""
        return await self._either(member, rng, "feast")

    async def banquet(self, member: Member, _rng: Random) -> Act:
        """Ask for what takes far too long."""
        return await member.say(self._channel, "!banquet")

    async def dive(self, member: Member, _rng: Random) -> Act:
        """Ask for what the database refuses."""
        return await member.say(self._channel, "!dive")

    async def comic(self, member: Member, rng: Random) -> Act:
        """Ask for a comic, not for the one that is broken."""
        return await self._comic(member, rng, rng.randint(1, BROKEN - 1))

    async def comic_that_is_none(self, member: Member, rng: Random) -> Act:
        """Ask for a comic of the future."""
        return await self._comic(member, rng, NEWEST + rng.randint(1, 99))

    async def comic_without_ink(self, member: Member, rng: Random) -> Act:
        """Ask for the comic at which the server falls over."""
        return await self._comic(member, rng, BROKEN)

    async def applaud(self, member: Member, rng: Random) -> Act:
        """Ask for what Discord fails to do."""
        return await self._either(member, rng, "applaud")

    async def herald(self, member: Member, rng: Random) -> Act:
        """Ask for what a webhook fails to do."""
        return await self._either(member, rng, "herald")

    async def treasury(self, member: Member, rng: Random) -> Act:
        """Ask a database that is away."""
        return await self._either(member, rng, "treasury")

    async def ban(self, member: Member, rng: Random) -> Act:
        """Ban somebody: members have no right to, and Discord fails to do it for a moderator."""
        return await member.say(self._channel, f"!ban {self._victim(member, rng).mention} no fish")

    async def warn(self, member: Member, rng: Random) -> Act:
        """Warn somebody."""
        return await member.say(self._channel, f"!warn {self._victim(member, rng).mention} splash")

    async def cases(self, member: Member, rng: Random) -> Act:
        """List what moderators did."""
        return await self._either(member, rng, "cases")

    async def _either(self, member: Member, rng: Random, command: str) -> Act:
        if rng.random() < 0.5:  # noqa: PLR2004  # half of each
            return await member.say(self._channel, f"!{command}")
        return await member.slash(self._channel, command)

    async def _split(self, member: Member, rng: Random, penguins: int) -> Act:
        fish = rng.randint(3, 40)
        if rng.random() < 0.5:  # noqa: PLR2004  # half of each
            return await member.say(self._channel, f"!split {fish} {penguins}")
        return await member.slash(self._channel, "split", fish=fish, penguins=penguins)

    async def _comic(self, member: Member, rng: Random, number: int) -> Act:
        if rng.random() < 0.5:  # noqa: PLR2004  # half of each
            return await member.say(self._channel, f"!xkcd {number}")
        return await member.slash(self._channel, "xkcd", number=number)

    def _victim(self, member: Member, rng: Random) -> Member:
        return rng.choice([other for other in self._crowd if other is not member])


def _rank_ends(member: Member) -> str:
    return "failure" if is_newcomer(member.id) else "ok"


def _is_moderator(member: Member) -> bool:
    return member.name in MODERATORS


def _is_nobody(member: Member) -> bool:
    return member.name in NAMES


def _people(guild: Guild) -> list[Member]:
    return list(guild.members.values())


def _channel(guild: Guild) -> Channel:
    return next(iter(guild.channels.values()))

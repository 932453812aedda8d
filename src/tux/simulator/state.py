"""Everything that the local Discord knows: accounts, guilds, channels, commands, interactions."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from tux.simulator.commands import CommandBook
from tux.simulator.events import Event
from tux.simulator.guild import Guild
from tux.simulator.interactions import TOKEN_SECONDS, Interaction
from tux.simulator.messages import MENTION, Message
from tux.simulator.model import BOT_ID, OWNER_ID, Channel, Json, User
from tux.simulator.replies import Replies
from tux.simulator.snowflakes import Snowflakes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tux.simulator.member import Member
    from tux.simulator.replies import Act


class State:
    """The facts, and ``dispatch`` to tell the bot of changes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.dispatch: Callable[[Event], None] = lambda _: None
        self.bot = User(BOT_ID, "local-bot", bot=True)
        self.owner = User(OWNER_ID, "owner")
        self.users = {user.id: user for user in (self.bot, self.owner)}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.dms: dict[int, Channel] = {}
        """User id → channel with the bot."""
        self.commands = CommandBook(self.bot.id, self.ids)
        self.interactions: dict[str, Interaction] = {}
        """Token → interaction, oldest first."""
        self.replies = Replies()

    def add_user(self, name: str, *, bot: bool = False) -> User:
        """Open an account."""
        user = User(self.ids.next(), name, bot=bot)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str) -> Guild:
        """Found a guild, and let the bot in."""
        guild = Guild(self, name)
        self.guilds[guild.id] = guild
        self.dispatch(Event("GUILD_CREATE", guild.event(everybody=True), guild.id))
        return guild

    def dm_channel(self, user: User) -> Channel:
        """Find the direct messages between a user and the bot, or open them."""
        if user.id not in self.dms:
            channel = Channel(self.ids.next(), recipient=user)
            self.dms[user.id] = self.channels[channel.id] = channel
        return self.dms[user.id]

    def shares_guild(self, user: User) -> bool:
        """Tell whether the bot and a user are together in some guild."""
        return any(user.id in guild.members for guild in self.guilds.values())

    def new_message(self, channel: Channel, author: User, body: Json) -> Message:
        """Make a message of a checked body; nobody sees it yet."""
        message = Message(self.ids.next(), channel, author, self.clock(), nonce=body.get("nonce"))
        message.fill(body)
        message.mentions = self._mentioned(message.content)
        return message

    def _mentioned(self, content: str) -> list[User]:
        found = dict.fromkeys(int(number) for number in MENTION.findall(content))
        return [self.users[number] for number in found if number in self.users]

    def post(self, message: Message) -> None:
        """Put a message where it is seen, and match it with what it answers."""
        self.show(message, "MESSAGE_CREATE")
        if message.author is self.bot and message.interaction is None:
            self.replies.heard(message)

    def show(self, message: Message, event: str) -> None:
        """Keep a new or edited message in its channel, and tell the bot of it."""
        if not message.ephemeral:
            message.channel.keep(message)
            self.tell_in(message.channel, event, message.event())

    def edit(self, message: Message, body: Json) -> None:
        """Change a message."""
        message.fill(body)
        message.edited = self.clock()
        message.mentions = self._mentioned(message.content)
        self.show(message, "MESSAGE_UPDATE")

    def delete(self, channel: Channel, messages: Iterable[Message]) -> None:
        """Take messages out of a channel."""
        gone = [message for message in messages if channel.messages.pop(message.id, None)]
        for message in gone:
            self.tell_in(channel, "MESSAGE_DELETE", {"id": str(message.id)})

    def tell_in(self, channel: Channel, event: str, data: Json) -> None:
        """Send the bot an event of a channel."""
        guild = channel.guild
        where = {"channel_id": str(channel.id), **({"guild_id": str(guild.id)} if guild else {})}
        self.dispatch(Event(event, {**where, **data}, guild.id if guild else None))

    def interact(
        self, kind: int, act: Act, member: Member, data: Json, source: Message | None = None
    ) -> Interaction:
        """Send the bot an interaction, and forget those whose token has run out."""
        now = self.clock()
        for token, old in list(self.interactions.items()):
            if now - old.created <= TOKEN_SECONDS:
                break
            del self.interactions[token]
        interaction = Interaction(
            id=self.ids.next(),
            token=secrets.token_urlsafe(48),
            application_id=self.bot.id,
            kind=kind,
            member=member,
            channel=act.channel,
            data=data,
            created=now,
            act=act,
            source=source,
        )
        self.interactions[interaction.token] = interaction
        act.id, act.interaction = interaction.id, interaction
        guild = act.channel.guild
        event = interaction.event()
        self.dispatch(Event("INTERACTION_CREATE", event, guild.id if guild else None))
        return interaction

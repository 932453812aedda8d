"""A member of a guild, and what a person can do with Discord's window open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.simulator.components import BUTTON, POINTER_MENUS, STRING_MENU, filled, usable
from tux.simulator.errors import ImpossibleActError
from tux.simulator.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, FORM
from tux.simulator.menus import menu_data
from tux.simulator.messages import Message, check
from tux.simulator.model import timestamp
from tux.simulator.options import Written, command_data
from tux.simulator.permissions import ALL, Permission
from tux.simulator.reactions import emoji_of, key_of, react, unreact
from tux.simulator.replies import Act, Reply, message_of
from tux.simulator.resolved import Resolved

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tux.simulator.guild import Guild
    from tux.simulator.model import Channel, Json, Role, User
    from tux.simulator.state import State


class Member:
    """An account in a guild."""

    def __init__(self, state: State, guild: Guild, user: User, roles: Iterable[Role] = ()) -> None:
        self._state = state
        self.guild = guild
        self.user = user
        self.id = user.id
        self.name = user.name
        self.mention = f"<@{user.id}>"
        self.roles = list(roles)
        self.nick: str | None = None
        self.timed_out_until: str | None = None
        self.joined = state.clock()

    def __repr__(self) -> str:
        return f"<Member {self.name} {self.id} of {self.guild.name}>"

    @property
    def is_in_guild(self) -> bool:
        """Tell whether the account has not left, been kicked or been banned."""
        return self.id in self.guild.members

    @property
    def rank(self) -> tuple[int, int]:
        """How high the member stands: the rank of the highest role."""
        return max(role.rank for role in (*self.roles, self.guild.default_role))

    @property
    def permissions(self) -> int:
        """What the roles allow, as Discord's bits."""
        bits = 0
        for role in (*self.roles, self.guild.default_role):
            bits |= role.permissions
        everything = self.id == self.guild.owner.id or bits & Permission.ADMINISTRATOR
        return ALL if everything else int(bits)

    def permissions_in(self, channel: Channel) -> int:
        """What a member may do in a channel: @everyone's overwrite, then the roles', then own."""
        bits = self.permissions
        if bits == ALL:
            return bits
        held = {role.id for role in self.roles}
        stages = ({self.guild.id}, held, {self.id})
        for targets in stages:
            hit = [one for one in channel.overwrites if one.target_id in targets]
            for one in hit:
                bits &= ~one.deny
            for one in hit:
                bits |= one.allow
        return int(bits)

    @property
    def dm_channel(self) -> Channel:
        """The direct messages with the bot, to be used as any channel is."""
        return self._state.dm_channel(self.user)

    async def say(self, channel: Channel, content: str, *, to: Message | None = None) -> Act:
        """Write a message, as an answer to another one or not."""
        self._reach_bot(channel)
        body = {"content": content}
        check(body, new=True)
        message = self._state.new_message(channel, self.user, body)
        message.reference = to
        act = Act(self, channel, f"{self.name}: {content}", message, id=message.id)
        self._state.replies.opened(act, message)
        self._state.post(message)
        return act

    async def edit(self, message: Message, content: str) -> Act:
        """Change an own message."""
        self._be_author(message)
        check({"content": content}, new=True)
        act = self._act_on(message, f"{self.name} edits: {content}")
        self._state.edit(message, {"content": content})
        return act

    async def delete(self, message: Message) -> None:
        """Delete an own message."""
        self._be_author(message)
        self._state.delete(message.channel, [message])

    async def react(self, message: Reply | Message, emoji: str) -> Act:
        """React with an emoji: ``"👍"``, or ``"<:name:id>"`` for a guild's own."""
        found, described = self._see(message), emoji_of(emoji)
        chosen = found.reactions.get(key_of(described))
        if chosen is not None and self.id in chosen.users:
            raise ImpossibleActError(f"{self.name} has reacted with {emoji} before")
        act = self._act_on(found, f"{self.name} reacts with {emoji}")
        react(self._state, found, self.user, described)
        return act

    async def unreact(self, message: Reply | Message, emoji: str) -> Act:
        """Take an own reaction back."""
        found, described = self._see(message), emoji_of(emoji)
        chosen = found.reactions.get(key_of(described))
        if chosen is None or self.id not in chosen.users:
            raise ImpossibleActError(f"{self.name} has not reacted with {emoji}")
        act = self._act_on(found, f"{self.name} takes {emoji} back")
        unreact(self._state, found, self.user, described)
        return act

    async def slash(self, channel: Channel, command: str, /, **options: object) -> Act:
        """Run a slash command; a subcommand is written with its group, ``"case close"``."""
        self._reach_bot(channel)
        data = self._command(channel, Written(command, options))
        act = Act(self, channel, f"{self.name}: /{command} {options}")
        self._state.interact(COMMAND, act, self, data)
        return act

    async def autocomplete(
        self, channel: Channel, command: str, option: str, text: str, /, **others: object
    ) -> Act:
        """Type into an option of a slash command; the reply has ``choices``."""
        self._reach_bot(channel)
        data = self._command(channel, Written(command, {**others, option: text}, option))
        act = Act(self, channel, f"{self.name}: /{command} {option}: {text}…")
        self._state.interact(AUTOCOMPLETE, act, self, data)
        return act

    async def use_menu(
        self, channel: Channel, command: str, target: Member | User | Message | Reply
    ) -> Act:
        """Run a command from the menu of a member or of a message."""
        self._reach_bot(channel)
        data = menu_data(self._state, channel, command, target)
        act = Act(self, channel, f"{self.name}: {command} on {data['target_id']}")
        self._state.interact(COMMAND, act, self, data)
        return act

    async def click(self, message: Reply | Message, custom_id: str) -> Act:
        """Press a button, named by its custom id or by what is written on it."""
        part = usable(message.components, custom_id, frozenset({BUTTON}))
        data = {"component_type": BUTTON, "custom_id": part["custom_id"], "id": part.get("id", 0)}
        return self._use(message, data, f"clicks {custom_id!r}")

    async def choose(self, message: Reply | Message, custom_id: str, *values: object) -> Act:
        """Choose from a menu: texts, or members, roles and channels."""
        part = usable(message.components, custom_id, POINTER_MENUS | {STRING_MENU})
        resolved = Resolved(self._state, self.guild)
        if part["type"] == STRING_MENU:
            offered = [option["value"] for option in part["options"]]
            if any(value not in offered for value in values):
                raise ImpossibleActError(f"the menu offers {offered}, not {values}")
            chosen = [str(value) for value in values]
        else:
            chosen = [resolved.point(value) for value in values]
        data = {
            "component_type": part["type"],
            "custom_id": part["custom_id"],
            "id": part.get("id", 0),
            "values": chosen,
            **resolved.described(),
        }
        return self._use(message, data, f"chooses {values} from {custom_id!r}")

    async def submit_modal(self, form: Act | Reply, /, **fields: str) -> Act:
        """Fill in and send the form that an act opened; fields by custom id or by label."""
        replies = form.read() if isinstance(form, Act) else [form]
        modals = [(reply, reply.modal) for reply in replies if reply.modal is not None]
        if not modals:
            raise ImpossibleActError("no form has opened")
        reply, modal = modals[-1]
        channel = self._state.channels[reply.channel_id]
        self._be_there(channel)
        data = {"custom_id": modal["custom_id"], "components": filled(modal, fields)}
        act = Act(self, channel, f"{self.name} sends the form {modal.get('title')!r}")
        self._state.interact(FORM, act, self, data, reply.message)
        return act

    async def set_dms(self, *, open: bool) -> None:  # noqa: A002  # reads as a sentence
        """Open or close direct messages for all but friends."""
        self.user.dms_open = open

    async def leave(self) -> None:
        """Leave the guild of one's own will."""
        self.guild.remove(self.user)

    def _act_on(self, message: Message, what: str) -> Act:
        act = Act(self, message.channel, what, message, id=self._state.ids.next())
        self._state.replies.opened(act, message)
        return act

    def _see(self, shown: Reply | Message) -> Message:
        """Find a message that stands in its channel."""
        message = message_of(shown)
        self._be_there(message.channel)
        if message.id not in message.channel.messages:
            raise ImpossibleActError(f"message {message.id} is not in its channel")
        return message

    def _be_author(self, message: Message) -> None:
        if self._see(message).author is not self.user:
            raise ImpossibleActError(f"message {message.id} is not of {self.name}")

    def _use(self, message: Reply | Message, data: Json, what: str) -> Act:
        found = message_of(message)
        self._be_there(found.channel)
        act = Act(self, found.channel, f"{self.name} {what}")
        self._state.interact(COMPONENT, act, self, data, found)
        return act

    def _command(self, channel: Channel, written: Written) -> Json:
        place = channel.guild.id if channel.guild else None
        resolved = Resolved(self._state, channel.guild)
        return command_data(self._state.commands.usable_in(place), written, resolved)

    def _reach_bot(self, channel: Channel) -> None:
        self._be_there(channel)
        if channel.guild is None and not self._state.shares_guild(self.user):
            raise ImpossibleActError(f"{self.name} shares no guild with the bot")

    def _be_there(self, channel: Channel) -> None:
        if channel.guild is None:
            if channel.recipient is not self.user:
                raise ImpossibleActError(f"{self.name} cannot see the direct messages of others")
        elif self.id not in channel.guild.members:
            raise ImpossibleActError(f"{self.name} is not in {channel.guild.name}")

    def partial_payload(self) -> Json:
        """Describe the membership without the account."""
        return {
            "nick": self.nick,
            "avatar": None,
            "banner": None,
            "avatar_decoration_data": None,
            "collectibles": None,
            "roles": [str(role.id) for role in self.roles],
            "joined_at": timestamp(self.joined),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": self.timed_out_until,
        }

    def payload(self) -> Json:
        """Describe the membership with its account."""
        return {**self.partial_payload(), "user": self.user.payload()}

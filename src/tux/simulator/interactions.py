"""Interactions: what one is, how it is described, and how long it may be answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tux.simulator.commands import BOT_DM, GUILD
from tux.simulator.permissions import ALL

if TYPE_CHECKING:
    from tux.simulator.member import Member
    from tux.simulator.messages import Message
    from tux.simulator.model import Channel, Json
    from tux.simulator.replies import Act

COMMAND, COMPONENT, AUTOCOMPLETE, FORM = 2, 3, 4, 5
"""Interaction types, https://discord.com/developers/docs/interactions/receiving-and-responding."""
ACKNOWLEDGE_SECONDS = 3.0
TOKEN_SECONDS = 15 * 60.0
ATTACHMENT_BYTES = 10 * 1024 * 1024
LOCALE = "en-US"


@dataclass(eq=False, slots=True)
class Interaction:
    """A command, a click, a typed letter or a filled form, on its way to the bot and back."""

    id: int
    token: str
    application_id: int
    kind: int
    member: Member
    channel: Channel
    data: Json
    created: float
    act: Act
    source: Message | None = None
    """The message whose component was used."""
    answered_with: int | None = None
    """Type of the bot's response."""
    original: Message | None = None
    messages: dict[int, Message] = field(default_factory=dict)
    """The response and all follow-ups."""

    @property
    def name(self) -> str:
        """The command's name, else the component's id."""
        return str(self.data.get("name") or self.data.get("custom_id"))

    def described_in_message(self) -> Json:
        """Say in an answer what it answers."""
        user = self.member.user.payload()
        described: Json = {
            "webhook_id": str(self.application_id),
            "application_id": str(self.application_id),
            "interaction_metadata": {
                "id": str(self.id),
                "type": self.kind,
                "user": user,
                "authorizing_integration_owners": self._owners(),
                **({"name": self.name} if self.kind == COMMAND else {}),
                **self._target(),
            },
        }
        if self.kind == COMMAND:
            described["interaction"] = {
                "id": str(self.id),
                "type": self.kind,
                "name": self.name,
                "user": user,
            }
        return described

    def _target(self) -> Json:
        """Name what a menu's command was used on."""
        target, resolved = self.data.get("target_id"), self.data.get("resolved", {})
        if target is None:
            return {}
        if target in resolved.get("messages", {}):
            return {"target_message_id": target}
        return {"target_user": resolved["users"][target]}

    def _owners(self) -> dict[str, str]:
        guild = self.channel.guild
        return {"0": str(guild.id) if guild else "0"}

    def event(self) -> Json:
        """Describe the interaction as the gateway does."""
        guild, member = self.channel.guild, self.member
        described: Json = {
            "id": str(self.id),
            "application_id": str(self.application_id),
            "type": self.kind,
            "token": self.token,
            "version": 1,
            "data": self.data,
            "channel_id": str(self.channel.id),
            "channel": self.channel.payload(),
            "locale": LOCALE,
            "entitlements": [],
            "authorizing_integration_owners": self._owners(),
            "context": GUILD if guild else BOT_DM,
            "attachment_size_limit": ATTACHMENT_BYTES,
            "app_permissions": str(ALL),
        }
        if self.source is not None:
            described["message"] = self.source.payload()
        if guild is None:
            return {**described, "user": member.user.payload()}
        allowed = member.permissions_in(self.channel)
        return {
            **described,
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": LOCALE, "features": []},
            "guild_locale": LOCALE,
            "app_permissions": str(guild.me.permissions_in(self.channel)),
            "channel": {**described["channel"], "permissions": str(allowed)},
            "member": {**member.payload(), "permissions": str(allowed)},
        }

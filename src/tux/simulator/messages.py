"""Messages: what a body may hold, and how a message is described."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tux.simulator.errors import ApiError, invalid
from tux.simulator.model import Channel, Json, User, timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from tux.simulator.interactions import Interaction
    from tux.simulator.reactions import Reaction

EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15
"""Message flags, https://discord.com/developers/docs/resources/message, API v10."""
DEFAULT, REPLY, COMMAND = 0, 19, 20
"""Message types."""
MENTION = re.compile(r"<@!?(\d{15,21})>")

CONTENT_LENGTH = 2000
EMBEDS, EMBED_FIELDS, EMBED_LENGTH = 10, 25, 6000
EMBED_TEXTS = {"title": 256, "description": 4096}
EMBED_PARTS = {("author", "name"): 256, ("footer", "text"): 2048}
FIELD_TEXTS = {"name": 256, "value": 1024}
ROWS, COMPONENTS_V2_ROWS = 5, 40
EDITABLE: dict[str, Callable[[], object]] = {
    "content": str,
    "embeds": list,
    "components": list,
    "attachments": list,
    "flags": int,
}
"""Field of a body that an edit may change → what null stands for."""


@dataclass(eq=False, slots=True)
class Message:
    """A message, of a member or of the bot."""

    id: int
    channel: Channel
    author: User
    created: float
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    flags: int = 0
    edited: float | None = None
    reference: Message | None = None
    interaction: Interaction | None = None
    """What it answers, where it answers an interaction."""
    mentions: list[User] = field(default_factory=list)
    nonce: str | int | None = None
    reactions: dict[str, Reaction] = field(default_factory=dict)
    """By emoji: a guild's own by its id, others by themselves."""

    @property
    def ephemeral(self) -> bool:
        """Only the member who asked sees it."""
        return bool(self.flags & EPHEMERAL)

    def fill(self, body: Json) -> None:
        """Take what a checked body says."""
        for name, empty in EDITABLE.items():
            if name in body:
                setattr(self, name, body[name] or empty())
        self.embeds = [{"type": "rich", **embed} for embed in self.embeds]

    def payload(self) -> Json:
        """Describe the message as the API answers it."""
        guild = self.channel.guild
        described: Json = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "author": self.author.payload(),
            "content": self.content,
            "timestamp": timestamp(self.created),
            "edited_timestamp": timestamp(self.edited) if self.edited else None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [user.payload() for user in self.mentions],
            "mention_roles": [],
            "attachments": self.attachments,
            "embeds": self.embeds,
            "components": self.components,
            "pinned": False,
            "flags": self.flags,
            "type": self.kind,
        }
        if self.reactions:
            described["reactions"] = [one.payload() for one in self.reactions.values()]
        if self.nonce is not None:
            described["nonce"] = self.nonce
        if self.reference is not None:
            described["message_reference"] = {
                "type": 0,
                "message_id": str(self.reference.id),
                "channel_id": str(self.reference.channel.id),
                **({"guild_id": str(guild.id)} if guild else {}),
            }
            # Discord nests one level only.
            replied = self.reference.payload()
            described["referenced_message"] = {
                name: value for name, value in replied.items() if name != "referenced_message"
            }
        if self.interaction is not None:
            described |= self.interaction.described_in_message()
        return described

    @property
    def kind(self) -> int:
        """Discord's number for the type of message."""
        if self.interaction is not None:
            return COMMAND
        return REPLY if self.reference is not None else DEFAULT

    def event(self) -> Json:
        """Describe the message as the gateway does: with its guild and its author's membership."""
        guild = self.channel.guild
        if guild is None:
            return {**self.payload(), "channel_type": 1}
        described = {**self.payload(), "guild_id": str(guild.id), "channel_type": 0}
        members = guild.members
        if self.author.id in members:
            described["member"] = members[self.author.id].partial_payload()
        for mention in described["mentions"]:
            if int(mention["id"]) in members:
                mention["member"] = members[int(mention["id"])].partial_payload()
        return described


def check(body: Json, *, new: bool) -> None:
    """Refuse a body as Discord does.

    Args:
        body: of a request that makes or edits a message.
        new: whether it must hold something to show.

    Raises:
        ApiError: 50035 with the field, or 50006 for an empty message.
    """
    content = body.get("content") or ""
    if len(str(content)) > CONTENT_LENGTH:
        raise invalid("content", "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length.")
    embeds = body.get("embeds") or []
    if not isinstance(embeds, list) or len(embeds) > EMBEDS:
        raise invalid("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    if (
        sum(_check_embed(f"embeds.{index}", embed) for index, embed in enumerate(embeds))
        > EMBED_LENGTH
    ):
        raise invalid(
            "embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000"
        )
    rows = body.get("components") or []
    if len(rows) > (COMPONENTS_V2_ROWS if int(body.get("flags") or 0) & COMPONENTS_V2 else ROWS):
        raise invalid("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    shown = (content, embeds, rows, body.get("attachments"), body.get("sticker_ids"))
    if new and not any(shown) and not body.get("poll"):
        raise ApiError(50006)


def _check_embed(path: str, embed: Json) -> int:
    """Refuse what is too long, and count the characters that all embeds together are limited by."""
    texts = [(name, embed.get(name), most) for name, most in EMBED_TEXTS.items()]
    texts += [
        (f"{part}.{name}", (embed.get(part) or {}).get(name), most)
        for (part, name), most in EMBED_PARTS.items()
    ]
    fields = embed.get("fields") or []
    if len(fields) > EMBED_FIELDS:
        raise invalid(f"{path}.fields", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    for index, one in enumerate(fields):
        for name, most in FIELD_TEXTS.items():
            if not one.get(name):
                raise invalid(
                    f"{path}.fields.{index}.{name}", "BASE_TYPE_REQUIRED", "This field is required"
                )
            texts.append((f"fields.{index}.{name}", one[name], most))
    for name, text, most in texts:
        if text and len(text) > most:
            raise invalid(
                f"{path}.{name}", "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length."
            )
    return sum(len(text or "") for _, text, _ in texts)

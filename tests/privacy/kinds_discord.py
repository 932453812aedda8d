"""What Discord hands out, and what its members write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.privacy.samples import (
    ALNUM,
    HEX,
    URL64,
    Sample,
    alone,
    around,
    discord_token,
    interaction_token,
    named,
    pick,
    snowflake,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


def _hook(chance: Random) -> str:
    return pick(chance, URL64, 68)


def _oauth(chance: Random) -> str:
    return pick(chance, ALNUM, 30)


def _said(wrap: Callable[[str], Any]) -> Callable[[Random], Sample]:
    """Make a payload as JSON, as a repr, as data."""

    def sample(chance: Random) -> Sample:
        said = words(chance)
        tree = wrap(said)
        text = chance.choice((json.dumps, repr))(tree)
        return Sample(text, (said,), tree)

    return sample


def _embeds(chance: Random) -> Sample:
    said = [words(chance) for _ in range(5)]
    fields = [{"name": said[2], "value": said[3], "inline": True}]
    embed = {
        "title": said[0], "description": said[1], "fields": fields, "footer": {"text": said[4]}
    }  # fmt: skip
    tree = {"embeds": [embed], "tts": False}
    return Sample(chance.choice((json.dumps, repr))(tree), tuple(said), tree)


def _attachments(chance: Random) -> Sample:
    name = words(chance, 2).replace(" ", "_") + ".png"
    key = pick(chance, HEX, 64)
    url = f"https://cdn.discordapp.com/attachments/1/2/{name}?ex=6&is=5&hm={key}&"
    tree = {"attachments": [{"id": snowflake(chance), "filename": name, "url": url, "size": 7}]}
    return Sample(json.dumps(tree), (name, key), tree)


def _audit_header(chance: Random) -> Sample:
    said = words(chance)
    tree = {"X-Audit-Log-Reason": quote(said, safe="/ ")}
    text = chance.choice((f"X-Audit-Log-Reason: {said}\r\nHost: discord.com", repr(tree)))
    return Sample(text, (said,), tree)


def _failing_row(chance: Random) -> Sample:
    said = words(chance)
    text = f'new row violates check constraint "x"\nDETAIL:  Failing row contains (7, ban, {said}).'
    return Sample(text, (said,))


KINDS: dict[str, Callable[[Random], Sample]] = {
    "discord bot token": alone(discord_token),
    "discord mfa token": alone(lambda c: "mfa." + pick(c, URL64, 84)),
    "discord bot header": around(
        "Authorization: Bot {}", discord_token, lambda v: {"Authorization": f"Bot {v}"}
    ),
    "discord oauth header": around(
        "Authorization: Bearer {}", _oauth, lambda v: {"authorization": f"Bearer {v}"}
    ),
    "discord oauth answer": around(
        '{"token_type": "Bearer", "access_token": "{}", "expires_in": 604800}',
        _oauth,
        lambda v: {"token_type": "Bearer", "access_token": v},
    ),
    "discord refresh token": named("refresh_token", _oauth),
    "discord oauth code": around("https://bot.example/callback?code={}&guild_id={id}", _oauth),
    "discord client secret": named("client_secret", lambda c: pick(c, URL64, 32)),
    "discord webhook": around("https://discord.com/api/webhooks/{id}/{}", _hook),
    "discord webhook, version": around("https://ptb.discord.com/api/v10/webhooks/{id}/{}", _hook),
    "discord webhook, old host": around(
        "https://discordapp.com/api/webhooks/{id}/{}?wait=1", _hook
    ),
    "discord webhook, slack's form": around(
        "https://canary.discord.com/api/webhooks/{id}/{}/slack", _hook
    ),
    "discord webhook path": around("POST /webhooks/{id}/{}/messages/@original", _hook),
    "discord webhook repr": around(
        "<Webhook id={id} url='https://discord.com/api/webhooks/{id}/{}'>", _hook
    ),
    "discord interaction token": alone(interaction_token),
    "discord callback path": around("POST /interactions/{id}/{}/callback", interaction_token),
    "discord callback path, short": around("/interactions/{id}/{}/callback", _hook),
    "discord interaction payload": around(
        '{"id": "{id}", "type": 2, "token": "{}", "version": 1}',
        interaction_token,
        lambda v: {"type": 2, "token": v},
    ),
    "discord identify": around(
        '{"op": 2, "d": {"token": "{}", "intents": 513}}',
        _hook,
        lambda v: {"op": 2, "d": {"token": v, "intents": 513}},
    ),
    "discord resume": around(
        '{"op": 6, "d": {"session_id": "{}", "seq": 1337}}',
        lambda c: pick(c, HEX, 32),
        lambda v: {"op": 6, "d": {"session_id": v, "seq": 1337}},
    ),
    "discord voice identify": around(
        '{"op": 0, "d": {"server_id": "{id}", "session_id": "x", "token": "{}"}}',
        lambda c: pick(c, HEX, 16),
        lambda v: {"op": 0, "d": {"server_id": "1", "token": v}},
    ),
    "discord error of a webhook": around(
        "404 Not Found (error code: 10015): Unknown Webhook: "
        "https://discord.com/api/v10/webhooks/{id}/{}/messages/1",
        _hook,
    ),
    "discord token in a repr": around("Client(token='{}', shard_count=1)", discord_token),
    "message content": _said(lambda said: {"content": said, "tts": False}),
    "message content, received": _said(
        lambda said: {"t": "MESSAGE_CREATE", "d": {"content": said, "pinned": False}}
    ),
    "message content, argument": around("send(content='{}', tts=False)", words),
    "direct message content": around(
        "<Message id={id} channel=<DMChannel id={id}> content='{}'>", words
    ),
    "message content, clean": _said(lambda said: {"clean_content": said}),
    "message content, edited": _said(lambda said: {"t": "MESSAGE_UPDATE", "d": {"content": said}}),
    "direct message payload": _said(lambda said: {"channel_type": 1, "content": said, "nonce": 7}),
    "direct message, argument": around("await user.send(content='{}')", words),
    "ban reason, audit log": _said(lambda said: {"action_type": 22, "reason": said}),
    "timeout reason": around("timeout(<Member id={id}>, reason='{}')", words),
    "embed text": _embeds,
    "modal answer": _said(
        lambda said: {"components": [{"type": 4, "custom_id": "why", "value": said}]}
    ),
    "slash option": _said(lambda said: {"options": [{"type": 3, "name": "text", "value": said}]}),
    "attachment of a message": _attachments,
    "ban reason header": _audit_header,
    "ban reason": _said(lambda said: {"user_id": "1", "reason": said}),
    "ban reason, argument": around("ban(<User id={id}>, reason='{}', days=1)", words),
    "statement's parameters": around(
        "UNIQUE constraint failed\n[SQL: INSERT INTO cases VALUES (?, ?)]\n"
        "[parameters: (7, '{}')]\n(Background on this error at: https://sqlalche.me/e/20/gkpj)",
        words,
    ),
    "failing row": _failing_row,
}

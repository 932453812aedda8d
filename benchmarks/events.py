"""Events as the SDK makes them of a failing command, each with ids, times and numbers of its own."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

import sentry_sdk
from discord.ext import commands
from sentry_sdk.transport import Transport
from sentry_sdk.utils import event_from_exception

from benchmarks.bots import OfflineBot, bot_with, contexts
from benchmarks.failures import raised
from benchmarks.variants.discarding import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from sentry_sdk.envelope import Envelope

_CRUMBS = 50
"""With a stack through discord.py they make it 20 KB."""
_CHANGING = re.compile(
    r"\b[0-9a-f]{32}\b|\b[0-9a-f]{16}\b|\b0x[0-9a-f]{12}\b"
    r"|\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z?|\b[1-9]\d{17}\b"
)
_LETTERS = "bcdfghklmnprstvwz"
_SECRETS = (
    ("message", "POST https://discord.com/api/webhooks/123456789012345678/{} failed"),
    ("context_line", '    await login("ada.{}@example.org", password="{}")'),
    ("url", "https://api.example/v1/comics?page=2&api_key={}"),
    ("held", "'postgresql://tux:{}@db.internal:5432/tux'"),
    ("note", "Authorization: Bearer {}"),
)


class _Keeping(Transport):
    kept: list[Any] = []  # noqa: RUF012  # the SDK makes the one instance

    def capture_envelope(self, envelope: Envelope) -> None:
        self.kept.append(envelope.items[0].payload.json)


class _Work(commands.Cog):
    @commands.command()
    async def fail(self, ctx: commands.Context[OfflineBot]) -> None:
        """Fail."""
        raise raised(ctx.author.id)


def template() -> dict[str, Any]:
    """Let a command fail in discord.py, and take what the SDK would send of it."""
    scope = sentry_sdk.Scope()
    options: Any = {"dsn": NOWHERE, "transport": _Keeping, "default_integrations": False}
    client = sentry_sdk.Client(**options, release="tux@1.0.0", max_breadcrumbs=50)
    scope.set_client(client)
    scope.set_user({"id": "412345678901234567"})
    for name in ("command", "cog", "guild_id", "channel_id", "shard"):
        scope.set_tag(name, "612345678901234567" if "id" in name else "ban")
    scope.set_context("discord", {"message_id": "712345678901234567", "prefix": "!", "shard": 0})
    event, hint = event_from_exception(asyncio.run(_failure()), client_options=client.options)
    event["breadcrumbs"] = {"values": [_crumb(number) for number in range(_CRUMBS)]}
    client.capture_event(event, hint, scope)
    made: dict[str, Any] = _Keeping.kept.pop()
    return made


def _crumb(number: int) -> dict[str, Any]:
    return {
        "type": "http" if number % 3 else "query",
        "category": "http.client" if number % 3 else "db.query",
        "level": "info",
        "message": f"GET /guilds/{{guild_id}}/members/{{user_id}} took {number}.5 ms",
        "timestamp": "2026-11-24T03:22:31.123456Z",
        "data": {"status": 200, "attempt": number, "guild": "812345678901234567"},
    }


async def _failure() -> BaseException:
    bot = await bot_with(_Work())
    (ctx,) = await contexts(bot, ["fail"])
    assert ctx.command  # noqa: S101  # the cog has it
    try:
        await ctx.command.invoke(ctx)
    except commands.CommandError as error:
        return error
    raise AssertionError


def repeated(made: dict[str, Any], chance: Random) -> dict[str, Any]:
    """Make an event whose lines of source and texts were there before; ids, times are its own."""
    drawn: dict[str, str] = {}

    def anew(found: re.Match[str]) -> str:
        # Ids stand in several places of an event; of its times, each is another.
        if found[0][4:5] == "-":
            return _time(chance)
        return drawn.setdefault(found[0], _anew(found[0], chance))

    event: dict[str, Any] = json.loads(_CHANGING.sub(anew, json.dumps(made)))
    return event


def unseen(made: dict[str, Any], chance: Random) -> dict[str, Any]:
    """Make an event of which no text was there before; only the names of its fields were."""
    event: dict[str, Any] = _mapped(
        repeated(made, chance), lambda text: f"{text} {_word(chance, 6)}" if " " in text else text
    )
    return event


def with_secrets(made: dict[str, Any], chance: Random) -> dict[str, Any]:
    """Make an event with a few secrets in its texts."""
    event = repeated(made, chance)
    event["extra"] = {name: _filled(text, chance) for name, text in _SECRETS}
    return event


def _filled(text: str, chance: Random) -> str:
    return text.replace("{}", "".join(chance.choices("abcdefGHIJKL0123456789", k=40)))


def _time(chance: Random) -> str:
    return f"2026-11-{chance.randrange(10, 29)}T03:22:31.{chance.randrange(10**5, 10**6)}Z"


def _anew(found: str, chance: Random) -> str:
    """Draw another of the same form."""
    if found.startswith("0x"):
        return f"0x7f{chance.getrandbits(40):010x}"
    if len(found) == 18:  # noqa: PLR2004  # an id of Discord
        return str(chance.randrange(10**17, 10**18))
    return f"{chance.getrandbits(len(found) * 4):0{len(found)}x}"


def _word(chance: Random, count: int) -> str:
    return "".join(chance.choices(_LETTERS, k=count))


def _mapped(node: Any, change: Callable[[str], str]) -> Any:
    if isinstance(node, dict):
        return {name: _mapped(value, change) for name, value in node.items()}
    if isinstance(node, list):
        return [_mapped(value, change) for value in node]
    return change(node) if isinstance(node, str) else node

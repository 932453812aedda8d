"""The rows of docs/coverage.md: what is done, and what has to arrive of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.coverage.acts import (
    by_bot,
    by_member,
    do_asking,
    do_bot_listen,
    do_client_event,
    do_closing,
    do_connect,
    do_cooled,
    do_extension,
    do_fatal,
    do_form,
    do_limited,
    do_listener,
    do_menu_of_message,
    do_panel,
    do_reload,
    do_resume,
    do_server_error,
    do_set_up,
    do_teardown,
    do_unknown,
    do_unsynced,
    loops,
    says,
    slashes,
)

if TYPE_CHECKING:
    from tests.coverage.acts import Act

EVENT, MISTAKE = True, False


@dataclass(frozen=True)
class Row:
    """One kind of work."""

    work: str
    op: str
    """Of its transaction; empty where there is none."""
    name: str
    act: Act
    fails: bool = EVENT
    """Whether an event has to arrive; a member's mistake is a status only."""
    span: str | None = None
    """Op of the span that it is within its transaction."""
    times: int = 1
    """How often it is done: what is asked too often is asked twice."""


ROWS = [
    Row("word that is no command", "", "", by_member(do_unknown), MISTAKE),
    Row(
        "max_concurrency, waited for",
        "command.prefix",
        "queued",
        says("!queued"),
        span="middleware.discord",
    ),
    Row("bot.listen", "event.discord", "on_happening", by_member(do_bot_listen)),
    Row("after_loop", "task.loop", "Works.make_loop.<locals>.turn.after_loop", loops(after=True)),
    Row("extension that is reloaded", "extension.reload", "broken_later", do_reload),
    Row("teardown of an extension", "extension.unload", "broken_teardown", do_teardown),
    Row(
        "answer to an interaction (webhook adapter)",
        "command.slash",
        "answering",
        slashes("answering"),
        span="http.client",
    ),
    Row(
        "retry after a server error of Discord",
        "command.prefix",
        "limited",
        by_member(do_server_error),
        span="discord.retry",
    ),
    Row("close code that ends the bot", "", "", do_fatal),
    Row("prefix command", "command.prefix", "prefix", says("!prefix")),
    Row(
        "its error, with a handler of the command's own",
        "command.prefix",
        "handled",
        says("!handled"),
    ),
    Row("its check", "command.prefix", "checked", says("!checked"), span="middleware.discord"),
    Row(
        "its converter",
        "command.prefix",
        "converted",
        says("!converted w"),
        span="middleware.discord",
    ),
    Row(
        "its argument, mistaken by the member",
        "command.prefix",
        "numbered",
        says("!numbered w"),
        MISTAKE,
    ),
    Row("its cooldown", "command.prefix", "cooled", by_member(do_cooled), MISTAKE, times=2),
    Row(
        "its before_invoke", "command.prefix", "before", says("!before"), span="middleware.discord"
    ),
    Row("its after_invoke", "command.prefix", "after", says("!after"), span="middleware.discord"),
    Row("hybrid command by prefix", "command.prefix", "hybrid", says("!hybrid")),
    Row("hybrid command by slash", "command.slash", "hybrid", slashes("hybrid")),
    Row("slash command", "command.slash", "slash", slashes("slash")),
    Row(
        "its error, with a handler of the command's own ",
        "command.slash",
        "slash_handled",
        slashes("slash_handled"),
    ),
    Row(
        "its check, raising what discord.py does not wrap",
        "command.slash",
        "slash_checked",
        slashes("slash_checked"),
        span="middleware.discord",
    ),
    Row(
        "slash command that the bot does not know",
        "command.slash",
        "unsynced",
        by_member(do_unsynced),
    ),
    Row(
        "context menu of a member",
        "command.menu",
        "of_user",
        by_member(lambda client: client.member.use_menu(client.channel, "of_user", client.member)),
    ),
    Row("context menu of a message", "command.menu", "of_message", by_member(do_menu_of_message)),
    Row(
        "autocompletion",
        "command.autocomplete",
        "complete",
        by_member(
            lambda client: client.member.autocomplete(client.channel, "complete", "word", "w")
        ),
    ),
    Row(
        "item of a view",
        "ui.action",
        "Panel.button",
        by_member(lambda client: do_panel(client, "button")),
    ),
    Row(
        "DynamicItem",
        "ui.action",
        "Vote.callback",
        by_member(lambda client: do_panel(client, "vote:1")),
    ),
    Row("View.on_timeout", "ui.timeout", "Closing.on_timeout", by_bot(do_closing)),
    Row("modal", "ui.action", "Form", by_member(do_form)),
    Row("listener of a cog", "event.discord", "on_thing", by_member(do_listener)),
    Row("event of the client", "event.discord", "on_happening", by_member(do_client_event)),
    Row("iteration of tasks.loop", "task.loop", "Works.make_loop.<locals>.turn", loops()),
    Row(
        "iteration, with a handler of the loop's own",
        "task.loop",
        "Works.make_loop.<locals>.turn",
        loops(handler=True),
    ),
    Row(
        "before_loop", "task.loop", "Works.make_loop.<locals>.turn.before_loop", loops(before=True)
    ),
    Row("extension that is loaded", "extension.load", "broken_extension", do_extension),
    Row("setup_hook", "bot.setup", "setup_hook", do_set_up),
    Row("connect to the gateway", "gateway", "connect", do_connect, MISTAKE),
    Row("resume of the gateway", "gateway", "resume", do_resume, MISTAKE),
    Row("REST call", "command.prefix", "limited", by_member(do_limited), span="http.client"),
    Row(
        "wait for a rate limit",
        "command.prefix",
        "limited",
        by_member(do_limited),
        span="discord.ratelimit",
    ),
    Row("wait for a person", "command.prefix", "asking", by_member(do_asking), span="ui.wait"),
]

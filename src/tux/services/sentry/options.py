"""What the layer adds to the options of a bot that brings its own ``sentry_sdk.init``.

The bot's own hooks are kept, and see what was added.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tux.services.sentry.attributes import add_attributes, pass_log
from tux.services.sentry.delivery.transport import SpoolingTransport
from tux.services.sentry.gate import pass_once
from tux.services.sentry.health import note_fault
from tux.services.sentry.identities import PrivateScrubber, is_looked_for, without_ids
from tux.services.sentry.privacy import own_rules
from tux.services.sentry.runs import METRIC_HOOK
from tux.services.sentry.settled import Settling
from tux.services.sentry.source import bring_source
from tux.services.sentry.variables import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    Hook = Callable[[Any, Any], Any]

_ADOPTED: Final = "tux.adopted"


def adopt(options: dict[str, Any]) -> None:
    """Add to the options of a client, once.

    Logs and metrics say for whom they were written, variables are described without running the
    bot's code, and secrets are removed where another transport than ours would let them pass.
    """
    if options.get(_ADOPTED):
        return
    options[_ADOPTED] = True
    if options.get("custom_repr") is None:
        options["custom_repr"] = describe
    experiments = options.get("_experiments") or {}
    for hook, ours in (("before_send_log", pass_log), ("before_send_metric", add_attributes)):
        theirs = options.get(hook) or experiments.get(hook)
        both = _in_turn(ours, theirs)
        options[hook] = both if _is_ours(options.get("transport")) else _in_turn(both, _without_ids)
    options[METRIC_HOOK] = theirs
    options["before_send"] = _in_turn(pass_once, options.get("before_send"))
    bring_source(options)
    if not isinstance(options.get("event_scrubber"), Settling):
        options["event_scrubber"] = Settling(
            options.get("event_scrubber"), options.get("max_value_length")
        )
    if not _is_ours(options.get("transport")):
        scrubber = PrivateScrubber(own=own_rules())
        for hook, scrub in (
            ("before_send", _scrubbing(scrubber.event)),
            ("before_send_transaction", _scrubbing(partial(_without_secrets, scrubber))),
        ):
            theirs = options.get(hook)
            # Last, for what the bot's own hook adds is looked at, too.
            options[hook] = scrub if theirs is None else _in_turn(theirs, scrub)


def _without_secrets(scrubber: PrivateScrubber, transaction: dict[str, Any]) -> dict[str, Any]:
    """Scrub the spans of other integrations: those of HTTP clients name addresses.

    Ours name templates, and what the bot's code writes itself is its own affair here, as it is in
    the SDK: looking at all of it costs a fifth of a transaction.
    """
    spans = transaction.get("spans")
    if isinstance(spans, list):
        transaction["spans"] = [
            scrubber.event(span) if _is_of_others(str(span.get("origin"))) else span
            for span in spans
        ]
    return transaction if not is_looked_for() else without_ids(transaction)


def _without_ids(item: Any, _: object) -> Any:
    return without_ids(item) if is_looked_for() else item


def _is_of_others(origin: str) -> bool:
    return origin.startswith("auto.") and not origin.endswith(".discord")


def _is_ours(transport: object) -> bool:
    return isinstance(transport, type) and issubclass(transport, SpoolingTransport)


def _in_turn(first: Hook, then: Hook | None) -> Hook:
    if then is None or then is first:
        return first

    def both(item: Any, hint: Any) -> Any:
        kept = first(item, hint)
        return None if kept is None else then(kept, hint)

    return both


def _scrubbing(scrub: Callable[[dict[str, Any]], Any]) -> Hook:
    def hook(event: dict[str, Any], _: object) -> dict[str, Any] | None:
        try:
            scrubbed: dict[str, Any] = scrub(event)
        except Exception as error:  # noqa: BLE001  # what cannot be looked through must not leave
            note_fault(error)
            return None
        return scrubbed

    return hook

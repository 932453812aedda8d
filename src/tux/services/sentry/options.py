"""What the layer adds to the options of a bot that brings its own ``sentry_sdk.init``.

The bot's own hooks are kept, and see what was added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from tux.services.sentry.attributes import add_attributes
from tux.services.sentry.health import note_fault
from tux.services.sentry.scrubbing import Scrubber
from tux.services.sentry.transport import SpoolingTransport
from tux.services.sentry.variables import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    Hook = Callable[[Any, Any], Any]

Payload = TypeVar("Payload")

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
    for hook in ("before_send_log", "before_send_metric"):
        theirs = options.get(hook) or experiments.get(hook)
        options[hook] = _in_turn(add_attributes, theirs)
    if not _is_ours(options.get("transport")):
        scrub = _scrubbing(Scrubber())
        for hook in ("before_send", "before_send_transaction"):
            theirs = options.get(hook)
            # Last, for what the bot's own hook adds is looked at, too.
            options[hook] = scrub if theirs is None else _in_turn(theirs, scrub)


def _is_ours(transport: object) -> bool:
    return isinstance(transport, type) and issubclass(transport, SpoolingTransport)


def _in_turn(first: Hook, then: Hook | None) -> Hook:
    if then is None or then is first:
        return first

    def both(item: Any, hint: Any) -> Any:
        kept = first(item, hint)
        return None if kept is None else then(kept, hint)

    return both


def _scrubbing(scrubber: Scrubber) -> Hook:
    def scrub(event: dict[str, Any], _: object) -> dict[str, Any] | None:
        try:
            scrubbed: dict[str, Any] = scrubber.event(event)
        except Exception as error:  # noqa: BLE001  # what cannot be looked through must not leave
            note_fault(error)
            return None
        return scrubbed

    return scrub

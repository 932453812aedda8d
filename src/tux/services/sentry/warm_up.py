"""What would hold up the loop at the first error, or at the first many, done before."""

from __future__ import annotations

import gc
from functools import cache
from pathlib import Path
from typing import NoReturn

import sentry_sdk
from sentry_sdk.serializer import serialize
from sentry_sdk.utils import _get_installed_modules, event_from_exception

from tux.services.sentry import context
from tux.services.sentry.health import contained
from tux.services.sentry.identities import PrivateScrubber


def warm_up() -> None:
    """Do it; a second call costs little."""
    # The first event looks through all installed packages: 40 ms.
    _get_installed_modules()
    _rehearse()
    _freeze()


@cache  # once: Python counts what is frozen one by one, in 40 ms
def _freeze() -> None:
    # A burst of errors makes so many objects that Python looks through everything that was
    # ever imported: 50 ms. What is there now stays; it need not be looked through.
    gc.collect()
    gc.freeze()


def _fail() -> NoReturn:
    raise LookupError("a rehearsal")


def _rehearse() -> None:
    """Write and scrub an event that goes nowhere: what runs for the first time takes twice as long."""
    try:
        _fail()
    except LookupError as error:
        client = sentry_sdk.get_client()
        event, _ = event_from_exception(error, client_options=client.options)
    with contained():
        scrubber = getattr(client.transport, "scrubber", None) or PrivateScrubber()
        # The look at texts is slow at words that it has not seen: lines of source teach it most.
        lines = Path(context.__file__).read_text("utf-8").splitlines()
        known = {"lines": lines, "modules": _get_installed_modules()}
        scrubber.event(serialize(dict(event)) | known)

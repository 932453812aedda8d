"""What would leave: samples by the real layer with the settings of the bot, kept instead of sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sentry_sdk
from pydantic import SecretStr
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from tux.doctor.findings import Finding
from tux.doctor.planted import MESSAGE, planted
from tux.doctor.samples import send_samples
from tux.services.sentry.config import initialise, is_dsn
from tux.services.sentry.delivery.envelopes import pack
from tux.services.sentry.log_errors import unwatch_logs
from tux.shared.sightings import sightings

if TYPE_CHECKING:
    from sentry_sdk.envelope import Item

    from tux.doctor.planted import Planted
    from tux.shared.settings import Settings
    from tux.shared.sightings import Sighting

NOWHERE: Final = "http://key@preview.invalid/1"
"""Stands for SENTRY_DSN where that is none; it is never asked."""
KINDS: Final = {
    "event": "error",
    "log": "log",
    "trace_metric": "metric",
    "check_in": "check-in",
    "sessions": "session",
}
"""Type of item → what a person calls it."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would leave, and whether what was planted is gone from it."""

    items: tuple[tuple[str, Any], ...]
    """Kind and payload, in the order of the captures."""
    planted: tuple[Planted, ...]
    left: tuple[Sighting, ...]
    """Planted secrets that are still there."""
    allowed: tuple[Sighting, ...]
    """The same, where a setting wants it so."""

    @property
    def kinds(self) -> set[str]:
        """The kinds that there is a sample of."""
        return {kind for kind, _ in self.items}


async def preview(settings: Settings) -> Preview:
    """Make one of each kind and look at it. For a process of its own: it sets the SDK up."""
    bodies: list[bytes] = []
    secrets = planted(settings)
    initialise(
        _all_kept(settings), lambda options: options | {"transport": _keeping(bodies, options)}
    )
    try:
        with sentry_sdk.isolation_scope():
            await send_samples(secrets)
        sentry_sdk.flush(1)
    finally:
        unwatch_logs()
        sentry_sdk.get_client().close(timeout=0)
        sentry_sdk.get_global_scope().set_client(None)
    items = tuple(
        (KINDS.get(str(item.type), str(item.type)), _payload(item))
        for body in bodies
        for item in Envelope.deserialize(body).items
        if item.type != "client_report"
    )
    seen = sightings(b"".join(bodies), {one.name: one.secret for one in secrets.values()})
    is_allowed = {one: one.name == MESSAGE and settings.privacy.content for one in seen}
    left = tuple(one for one in seen if not is_allowed[one])
    allowed = tuple(one for one in seen if is_allowed[one])
    return Preview(items, tuple(secrets.values()), left, allowed)


def _payload(item: Item) -> Any:
    content = item.get_bytes()
    return content.decode() if item.type == "attachment" else json.loads(content)


def finding_of(seen: Preview) -> Finding:
    """Say in a line whether what was planted is gone."""
    if seen.left:
        names = ", ".join(sorted({one.name for one in seen.left}))
        return Finding(
            "privacy", "fault", f"what was planted would leave: {names}",
            "Look at `tux doctor --privacy`, at your privacy settings, and report it.",
        )  # fmt: skip
    if seen.allowed:
        return Finding(
            "privacy", "warning", "what members write leaves, as PRIVACY_CONTENT says",
            "Tell the members, or unset it.",
        )  # fmt: skip
    return Finding(
        "privacy", "ok",
        f"{len(seen.planted)} planted secrets are removed from samples of {len(seen.kinds)} kinds",
    )  # fmt: skip


def _all_kept(settings: Settings) -> Settings:
    """Let nothing be sampled away, and start although there is no DSN; all else is as it is."""
    sentry = settings.sentry
    dsn = sentry.dsn.get_secret_value() if sentry.dsn else ""
    changed = {
        "dsn": SecretStr(dsn if is_dsn(dsn) else NOWHERE),
        "command_sample_rate": 1.0,
        "task_sample_rate": 1.0,
        "default_sample_rate": 1.0,
        "debug": False,
    }
    return settings.model_copy(update={"sentry": sentry.model_copy(update=changed)})


def _keeping(bodies: list[bytes], options: dict[str, Any]) -> type[Transport]:
    """Make a transport that packs as the bot's does, with its scrubber, and keeps the result."""
    scrubber = options["transport"].scrubber

    class Keeping(Transport):
        def capture_envelope(self, envelope: Envelope) -> None:
            parcel = pack(envelope, scrubber, lambda *_: None)
            if parcel is not None:
                bodies.append(parcel.body)

    return Keeping

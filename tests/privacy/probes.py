"""Probes: a kind in a place, through the SDK once and through the transport's gate each time."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sentry_sdk
from sentry_sdk.envelope import Envelope, Item, PayloadRef
from tests.fakes.sent import reset
from tests.privacy.forms import FORMS
from tests.privacy.kinds import SETTINGS
from tests.privacy.places import PLACES

from tux.services.sentry.config import sdk_options, set_rates_and_limits
from tux.services.sentry.delivery.envelopes import pack
from tux.services.sentry.delivery.transport import SpoolingTransport, spooling_transport
from tux.services.sentry.log_errors import watch_logs
from tux.services.sentry.privacy import set_privacy
from tux.services.sentry.scrubbing.scrubber import Scrubber
from tux.shared.privacy import PrivacySettings
from tux.shared.settings import SentrySettings, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.privacy.placing import Place

MARK = "zqxmarkxqz"
"""What is brought to a place by the SDK, and then stands for every kind."""
_DIGIT = re.compile(r"\d")
FORMED = ("exception value", "extra", "log")
"""Places that are probed in every form."""


@dataclass(frozen=True)
class Template:
    """An envelope as the SDK made it, with the mark where a kind shall stand."""

    place: str
    form: str
    envelope: Envelope
    mark: str
    spell: Callable[[str], str]
    takes_data: bool = False


class Recorder:
    """Keeps what the SDK gives to the transport; the transport sends it all the same."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    def over(self, base: type[SpoolingTransport]) -> type[SpoolingTransport]:
        """Make a transport that is recorded."""
        recorder = self

        class Recorded(base):  # type: ignore[valid-type, misc]  # made at run time, as the real one
            def capture_envelope(self, envelope: Envelope) -> None:
                recorder.envelopes.append(envelope)
                super().capture_envelope(envelope)

        return Recorded


@contextmanager
def recording(dsn: str, folder: Path) -> Iterator[Recorder]:
    """Run the SDK with the bot's own options, texts of variables included."""
    settings = Settings(
        sentry=SentrySettings(
            dsn=dsn,
            release="tux@1.0.0",
            spool_path=folder,
            command_sample_rate=1.0,
            default_sample_rate=1.0,
            limit_burst=100_000,
            limit_total_burst=100_000,
        )
    )
    recorder = Recorder()
    reset()
    set_rates_and_limits(settings.sentry)
    # Names and the texts of variables leave here, and what is in them is looked for all the same.
    set_privacy(PrivacySettings(user="id+name", content=True))
    transport = spooling_transport(settings.sentry, Scrubber(SETTINGS))
    options = sdk_options(settings) | {"transport": recorder.over(transport)}
    # Messages would carry the stack of this test; exceptions carry theirs.
    sentry_sdk.init(**options | {"attach_stacktrace": False})
    watch_logs()
    yield recorder
    reset()


def captured(recorder: Recorder, capture: Callable[[], object]) -> list[Envelope]:
    """Run something in a scope of its own and give the envelopes that it led to."""
    recorder.envelopes.clear()
    with sentry_sdk.isolation_scope():
        capture()
        sentry_sdk.get_client()._flush_components()  # type: ignore[attr-defined]  # of a client that is on
    return list(recorder.envelopes)


def templates(recorder: Recorder) -> list[Template]:
    """Bring the mark to every place, and to some places in every form."""
    made = [_template(recorder, name, place, "", str) for name, place in PLACES.items()]
    made += [
        _template(recorder, name, PLACES[name], form, spell)
        for name in FORMED
        for form, spell in FORMS.items()
    ]
    return made


def _template(
    recorder: Recorder, name: str, place: Place, form: str, spell: Callable[[str], str]
) -> Template:
    envelopes = captured(recorder, lambda: place.capture(spell(MARK)))

    def whole(text: str) -> str:
        return place.spell(spell(text))

    mark = whole(MARK)
    items = [_pruned(item, mark) for one in envelopes for item in one.items if _has(item, mark)]
    headers = [one.headers for one in envelopes if _holds(one.headers, mark)]
    assert items or headers, f"{name} {form}: the SDK did not bring the text there"
    header = _still(headers[0], mark) if headers else {}
    if not items:
        items = [Item(PayloadRef(json={"message": "x"}), type="event")]
    return Template(name, form, Envelope(header, items), mark, whole, place.takes_data and not form)


def filled(template: Template, text: str) -> Envelope:
    """Put a text where the mark stands."""

    def fill(value: str) -> str:
        return value.replace(template.mark, template.spell(text))

    return _mapped(template, lambda node: _texts(node, fill))


def grown(template: Template, tree: Any) -> Envelope:
    """Put data where the mark stands: beside what else stands there, if it has names."""
    quoted = template.mark == repr(MARK)
    data = _texts(tree, repr, keys=False) if quoted else tree
    return _mapped(template, lambda node: _grafted(node, template.mark, data))


def scrubbed(envelope: Envelope, scrubber: Scrubber) -> bytes:
    """Send an envelope through the gate."""
    lost: list[object] = []
    parcel = pack(envelope, scrubber, lambda *loss: lost.append(loss))
    assert parcel is not None
    assert not lost
    return parcel.body


def _mapped(template: Template, change: Callable[[Any], Any]) -> Envelope:
    items = []
    for item in template.envelope.items:
        payload: PayloadRef | bytes
        if item.payload.json is not None:
            payload = PayloadRef(json=change(item.payload.json))
        else:
            payload = _bytes(item.get_bytes(), change)
        items.append(Item(payload, headers=change(item.headers)))
    return Envelope(change(template.envelope.headers), items)


def _bytes(data: bytes, change: Callable[[Any], Any]) -> bytes:
    if data.startswith(b"\xff\xfe"):
        return str(change(data.decode("utf-16"))).encode("utf-16")
    # What is no text keeps its bytes: surrogates stand for them.
    text = data.decode("utf-8", "surrogateescape")
    return str(change(text)).encode("utf-8", "surrogateescape")


def _has(item: Item, mark: str) -> bool:
    tree = item.payload.json
    if tree is None:
        tree = item.get_bytes().replace(b"\0", b"").decode("utf-8", "replace")
    return _holds(tree, mark) or _holds(item.headers, mark)


def _holds(node: Any, mark: str) -> bool:
    if isinstance(node, dict):
        return any(_holds(key, mark) or _holds(value, mark) for key, value in node.items())
    if isinstance(node, list | tuple):
        return any(_holds(value, mark) for value in node)
    return isinstance(node, str) and mark in node


def _pruned(item: Item, mark: str) -> Item:
    """Leave out what is the same in every probe: it would only take time."""
    tree = item.payload.json
    if not isinstance(tree, dict):
        return item
    tree = _still(tree, mark)
    if item.type not in ("event", "transaction"):
        return Item(PayloadRef(json=tree), headers=item.headers)
    kept = {name: value for name, value in tree.items() if _holds({name: value}, mark)}
    return Item(PayloadRef(json=kept), headers=item.headers)


def _still(node: Any, mark: str) -> Any:
    """Write zeros for numbers, times and ids: some would look like a part of a card's."""
    if isinstance(node, dict):
        return {key: _still(value, mark) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_still(value, mark) for value in node]
    if isinstance(node, str):
        return node if mark in node else _DIGIT.sub("0", node)
    return 0 if isinstance(node, int | float) and not isinstance(node, bool) else node


def _texts(node: Any, change: Callable[[str], str], *, keys: bool = True) -> Any:
    if isinstance(node, str):
        return change(node)
    if isinstance(node, dict):
        return {
            change(key) if keys and isinstance(key, str) else key: _texts(value, change, keys=keys)
            for key, value in node.items()
        }
    if isinstance(node, list | tuple):
        return [_texts(value, change, keys=keys) for value in node]
    return node


def _grafted(node: Any, mark: str, data: Any) -> Any:
    if isinstance(node, dict):
        grown: dict[str, Any] = {}
        for key, value in node.items():
            if value == mark and isinstance(data, dict):
                grown |= data
            elif value == {"value": mark, "type": "string"} and isinstance(data, dict):
                grown |= {name: {"value": str(one), "type": "string"} for name, one in data.items()}
            else:
                grown[key] = _grafted(value, mark, data)
        return grown
    if isinstance(node, list | tuple):
        return [_grafted(value, mark, data) for value in node]
    if isinstance(node, str) and mark in node:
        return data if node == mark else node.replace(f'"{mark}"', json.dumps(data))
    return node

"""Places in transactions, logs, metrics, check-ins, sessions, feedback, attachments and headers."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import sentry_sdk
import sentry_sdk.logger as sentry_logger
from loguru import logger
from sentry_sdk import metrics
from sentry_sdk.crons import capture_checkin
from sentry_sdk.envelope import Envelope, Item, PayloadRef
from tests.privacy.placing import place, scoped

if TYPE_CHECKING:
    from collections.abc import Callable


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _spanned(write: Callable[[Any, Any], object], **fields: Any) -> None:
    with (
        sentry_sdk.start_transaction(op="command", name=fields.pop("transaction", "ban")) as whole,
        sentry_sdk.start_span(**{"op": "db", "name": "query", **fields}) as span,
    ):
        write(whole, span)


@place("transaction's name")
def _(text: str) -> None:
    _spanned(lambda _whole, _span: None, transaction=text)


@place("transaction's tag", takes_data=True)
def _(text: str) -> None:
    _spanned(lambda whole, _: whole.set_tag("place", text))


@place("transaction's data", takes_data=True)
def _(text: str) -> None:
    _spanned(lambda whole, _: whole.set_data("value", text))


@place("transaction's context", takes_data=True)
def _(text: str) -> None:
    def write(*_: Any) -> None:
        sentry_sdk.get_isolation_scope().set_context("api", {"value": text})

    _spanned(write)


@place("span's description")
def _(text: str) -> None:
    _spanned(lambda _whole, _span: None, name=text)


@place("span's op")
def _(text: str) -> None:
    _spanned(lambda _whole, _span: None, op=text)


@place("span's data", takes_data=True)
def _(text: str) -> None:
    _spanned(lambda _, span: span.set_data("value", text))


@place("span's data, nested", takes_data=True)
def _(text: str) -> None:
    _spanned(lambda _, span: span.set_data("a", {"b": [{"value": text}]}))


@place("span's data, key")
def _(text: str) -> None:
    _spanned(lambda _, span: span.set_data(text, 1))


@place("span's tag", takes_data=True)
def _(text: str) -> None:
    _spanned(lambda _, span: span.set_tag("place", text))


@place("span's status")
def _(text: str) -> None:
    _spanned(lambda _, span: span.set_status(text))


@place("log")
def _(text: str) -> None:
    sentry_logger.info(text)


@place("log's parameter")
def _(text: str) -> None:
    sentry_logger.info("answered {what}", what=text)


@place("log's attribute", takes_data=True)
def _(text: str) -> None:
    sentry_logger.info("x", attributes={"place": text})


@place("log's attribute, name")
def _(text: str) -> None:
    sentry_logger.info("x", attributes={text: 1})


@place("log of loguru")
def _(text: str) -> None:
    logger.bind(place=text).warning("answered {}", text)


@place("log of logging")
def _(text: str) -> None:
    logging.getLogger("made").warning("answered %s", text)


@place("metric's name")
def _(text: str) -> None:
    metrics.count(text, 1)


@place("metric's unit")
def _(text: str) -> None:
    metrics.distribution("x", 1, unit=text)


@place("metric's attribute", takes_data=True)
def _(text: str) -> None:
    metrics.gauge("x", 1, attributes={"place": text})


@place("check-in's monitor")
def _(text: str) -> None:
    capture_checkin(monitor_slug=text, status="ok")


@place("check-in's schedule", takes_data=True)
def _(text: str) -> None:
    config: Any = {"schedule": {"type": "crontab", "value": text}, "owner": text}
    capture_checkin(monitor_slug="clean-up", status="ok", monitor_config=config)


def _session(**fields: Any) -> None:
    scope = sentry_sdk.get_isolation_scope()
    scope.start_session()
    assert scope._session is not None
    scope._session.update(**fields)
    scope.end_session()


@place("session's release and environment")
def _(text: str) -> None:
    _session(release=text, environment=text)


@place("session's user")
def _(text: str) -> None:
    _session(did=text, user_agent=text)


@place("session's address")
def _(text: str) -> None:
    _session(ip_address=text)


def _feedback(**fields: Any) -> None:
    event = {"level": "info", "contexts": {"feedback": {"message": "It broke.", **fields}}}
    transport = sentry_sdk.get_client().transport
    assert transport is not None
    item = Item(PayloadRef(json=event), type="feedback")
    transport.capture_envelope(Envelope({"event_id": "ab" * 16}, [item]))


@place("feedback's message")
def _(text: str) -> None:
    _feedback(message=text)


@place("feedback's sender")
def _(text: str) -> None:
    _feedback(name=text, url=text, contact_email=text)


def _attach(data: bytes, name: str = "log.txt", kind: str | None = None) -> None:
    scoped(lambda scope: scope.add_attachment(bytes=data, filename=name, content_type=kind))


@place("attachment")
def _(text: str) -> None:
    _attach(f"first line\n{text}\nlast line\n".encode())


@place("attachment, lines of JSON", _in_json)
def _(text: str) -> None:
    _attach(f'{{"a": 1}}\n{{"a": "{text}"}}\n'.encode(), "log.jsonl")


@place("attachment, JSON", _in_json, takes_data=True)
def _(text: str) -> None:
    _attach(f'{{"a": [1, {{"value": "{text}"}}]}}'.encode(), "state.json")


@place("attachment, binary")
def _(text: str) -> None:
    _attach(b"SQLite format 3\x00\xff\xfe\x80" + text.encode() + b"\x00\x01\xff", "tux.db")


@place("attachment, UTF-16")
def _(text: str) -> None:
    _attach(f"first\n{text}\nlast".encode("utf-16"))


@place("attachment's name")
def _(text: str) -> None:
    _attach(b"x", f"{text}.txt")


@place("attachment's type")
def _(text: str) -> None:
    _attach(b"x", kind=text)


@place("envelope's trace")
def _(text: str) -> None:
    with sentry_sdk.start_transaction(op="command", name=text, source="custom"):
        sentry_sdk.capture_message("x")


@place("envelope's trace, from outside")
def _(text: str) -> None:
    headers = {
        "sentry-trace": "0123456789abcdef0123456789abcdef-0123456789abcdef-1",
        "baggage": f"sentry-trace_id=0123456789abcdef0123456789abcdef,sentry-user_segment={text}",
    }
    with sentry_sdk.start_transaction(sentry_sdk.continue_trace(headers, op="command", name="x")):
        pass

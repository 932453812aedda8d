"""Every place of an envelope in which something may stand, reached through the SDK itself."""

from __future__ import annotations

import json
import linecache
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sentry_sdk
from loguru import logger
from sentry_sdk import metrics
from sentry_sdk.crons import capture_checkin
from sentry_sdk.envelope import Envelope, Item, PayloadRef

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Place:
    """One place, and how a text gets there."""

    capture: Callable[[str], None]
    spell: Callable[[str], str] = str
    """How the SDK spells a text there."""
    takes_data: bool = False
    """Whether data may stand there instead of a text."""


PLACES: dict[str, Place] = {}


def place(
    name: str, spell: Callable[[str], str] = str, *, takes_data: bool = False
) -> Callable[[Callable[[str], None]], Callable[[str], None]]:
    """Enter a function that brings a text to a place."""

    def enter(capture: Callable[[str], None]) -> Callable[[str], None]:
        assert name not in PLACES
        PLACES[name] = Place(capture, spell, takes_data)
        return capture

    return enter


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


class _Told:
    """An object whose repr tells what it holds."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"<Told {self.text}>"


def _captured(error: BaseException) -> None:
    try:
        raise error
    except BaseException as caught:  # noqa: BLE001  # groups of interrupts, too
        sentry_sdk.capture_exception(caught)


# -- exceptions -----------------------------------------------------------------------------------


@place("exception value")
def _(text: str) -> None:
    _captured(RuntimeError(text))


@place("exception arguments", repr)
def _(text: str) -> None:
    _captured(RuntimeError("failed", 7, text))


@place("exception note")
def _(text: str) -> None:
    error = RuntimeError("failed")
    error.add_note(text)
    _captured(error)


@place("exception cause")
def _(text: str) -> None:
    error = RuntimeError("failed")
    error.__cause__ = ValueError(text)
    _captured(error)


@place("exception context")
def _(text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError:
        _captured(RuntimeError("failed"))


@place("exception group")
def _(text: str) -> None:
    _captured(ExceptionGroup("many", [ValueError(text), KeyError("x")]))


@place("exception group's message")
def _(text: str) -> None:
    _captured(ExceptionGroup(text, [ValueError("x")]))


@place("exception type")
def _(text: str) -> None:
    _captured(type(text, (RuntimeError,), {})("failed"))


# -- frames ---------------------------------------------------------------------------------------


@place("variable", repr)
def _(text: str) -> None:
    held = text
    try:
        raise RuntimeError(f"{len(held)}")
    except RuntimeError as error:
        sentry_sdk.capture_exception(error)


def _run(source: str, filename: str = "made.py", **names: Any) -> None:
    """Raise from a module of its own, whose source the SDK finds."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    variables = {"error": RuntimeError("x"), **names}
    try:
        exec(compile(source, filename, "exec"), {"__builtins__": {}}, variables)  # noqa: S102  # our own line
    except RuntimeError as error:
        sentry_sdk.capture_exception(error)


_RAISE = "raise error"


@place("variable, data", repr, takes_data=True)
def _(text: str) -> None:
    _run(_RAISE, held={"value": text})


@place("variables", repr, takes_data=True)
def _(text: str) -> None:
    _run(_RAISE, value=text)


@place("variable, key of data")
def _(text: str) -> None:
    _run(_RAISE, held={text: 1})


@place("variable, list", repr)
def _(text: str) -> None:
    _run(_RAISE, held=[1, [text, 2]])


@place("variable, object")
def _(text: str) -> None:
    _run(_RAISE, held=_Told(text))


@place("variable, object in data")
def _(text: str) -> None:
    _run(_RAISE, held={"a": [_Told(text)]})


@place("variable, bytes", lambda text: repr(text.encode()))
def _(text: str) -> None:
    _run(_RAISE, held=text.encode())


@place("variable, too deep", repr)
def _(text: str) -> None:
    _run(_RAISE, held={"a": {"b": {"c": {"d": {"e": {"f": text}}}}}})


@place("variable of a thread", repr)
def _(text: str) -> None:
    frame = {"module": "m", "function": "f", "lineno": 1, "vars": {"held": repr(text)}}
    sentry_sdk.capture_event({"threads": {"values": [{"stacktrace": {"frames": [frame]}}]}})


@place("source line before")
def _(text: str) -> None:
    _run(f"'{text}'\npass\n{_RAISE}", "before.py")


@place("source line")
def _(text: str) -> None:
    _run(f"{_RAISE}  # {text}", "line.py")


@place("source line after")
def _(text: str) -> None:
    _run(f"{_RAISE}\n'{text}'", "after.py")


@place("source file's name")
def _(text: str) -> None:
    _run(_RAISE, f"/app/{text}/cog.py")


@place("frame's module")
def _(text: str) -> None:
    sentry_sdk.capture_event(
        {"exception": {"values": [{"stacktrace": {"frames": [{"module": text, "lineno": 1}]}}]}}
    )


@place("frame's function")
def _(text: str) -> None:
    def raises() -> None:
        raise RuntimeError("x")

    raises.__code__ = raises.__code__.replace(co_name=text, co_qualname=text)
    try:
        raises()
    except RuntimeError as error:
        sentry_sdk.capture_exception(error)


# -- what goes with every event -------------------------------------------------------------------


@place("message")
def _(text: str) -> None:
    sentry_sdk.capture_message(text)


@place("log entry")
def _(text: str) -> None:
    sentry_sdk.capture_event({"logentry": {"message": "%s", "params": [text], "formatted": text}})


@place("logger's name")
def _(text: str) -> None:
    sentry_sdk.capture_event({"message": "x", "logger": text})


def _crumb(**fields: Any) -> None:
    sentry_sdk.add_breadcrumb(**fields)
    sentry_sdk.capture_message("x")


@place("breadcrumb's message")
def _(text: str) -> None:
    _crumb(message=text)


@place("breadcrumb's category")
def _(text: str) -> None:
    _crumb(message="x", category=text)


@place("breadcrumb's type")
def _(text: str) -> None:
    _crumb(message="x", type=text)


@place("breadcrumb's data", takes_data=True)
def _(text: str) -> None:
    _crumb(category="http", data={"value": text})


@place("breadcrumb's data, nested", takes_data=True)
def _(text: str) -> None:
    _crumb(category="http", data={"a": [{"value": text}]})


@place("breadcrumb's data, key")
def _(text: str) -> None:
    _crumb(category="http", data={text: 1})


@place("breadcrumb's data, bytes")
def _(text: str) -> None:
    _crumb(category="http", data={"body": text.encode()})


@place("breadcrumb of a log line")
def _(text: str) -> None:
    logger.info("answered {}", text)
    sentry_sdk.capture_message("x")


def _scoped(write: Callable[[sentry_sdk.Scope], object]) -> None:
    with sentry_sdk.new_scope() as scope:
        write(scope)
        sentry_sdk.capture_message("x")


@place("tag", takes_data=True)
def _(text: str) -> None:
    _scoped(lambda scope: scope.set_tag("place", text))


@place("tag's name")
def _(text: str) -> None:
    _scoped(lambda scope: scope.set_tag(text, "x"))


@place("extra", takes_data=True)
def _(text: str) -> None:
    _scoped(lambda scope: scope.set_extra("value", text))


@place("extra's name")
def _(text: str) -> None:
    _scoped(lambda scope: scope.set_extra(text, 1))


@place("extra, nested", takes_data=True)
def _(text: str) -> None:
    _scoped(lambda scope: scope.set_extra("a", {"b": [{"value": text}, ("x", text)]}))


@place("extra, bytes")
def _(text: str) -> None:
    _scoped(lambda scope: scope.set_extra("body", text.encode()))


@place("extra, object")
def _(text: str) -> None:
    _scoped(lambda scope: scope.set_extra("body", _Told(text)))


@place("context", takes_data=True)
def _(text: str) -> None:
    _scoped(lambda scope: scope.set_context("api", {"value": text}))


@place("context's name")
def _(text: str) -> None:
    _scoped(lambda scope: scope.set_context(text, {"a": "x"}))


@place("context's key")
def _(text: str) -> None:
    _scoped(lambda scope: scope.set_context("api", {text: "x"}))


@place("context, nested", takes_data=True)
def _(text: str) -> None:
    _scoped(lambda scope: scope.set_context("api", {"a": {"b": [{"c": {"value": text}}]}}))


@place("user's name")
def _(text: str) -> None:
    _scoped(lambda scope: scope.set_user({"id": "1", "username": text}))


@place("user's id")
def _(text: str) -> None:
    _scoped(lambda scope: scope.set_user({"id": text}))


@place("user's address")
def _(text: str) -> None:
    _scoped(lambda scope: scope.set_user({"id": "1", "ip_address": text, "email": text}))


@place("user's data", takes_data=True)
def _(text: str) -> None:
    _scoped(lambda scope: scope.set_user({"id": "1", "data": {"value": text}}))


def _request(**fields: Any) -> None:
    sentry_sdk.capture_event({"message": "x", "request": fields})


@place("request's url")
def _(text: str) -> None:
    _request(url=text, method="GET")


@place("request's query")
def _(text: str) -> None:
    _request(url="https://bot.example/", query_string=text)


@place("request's headers", takes_data=True)
def _(text: str) -> None:
    _request(headers={"Referer": text})


@place("request's cookies")
def _(text: str) -> None:
    _request(cookies=text)


@place("request's body", takes_data=True)
def _(text: str) -> None:
    _request(data={"value": text})


@place("request's body, text")
def _(text: str) -> None:
    _request(data=text)


@place("request's environment", takes_data=True)
def _(text: str) -> None:
    _request(env={"value": text})


@place("fingerprint")
def _(text: str) -> None:
    sentry_sdk.capture_event({"message": "x", "fingerprint": ["{{ default }}", text]})


@place("event's transaction")
def _(text: str) -> None:
    sentry_sdk.capture_event({"message": "x", "transaction": text})


@place("event's server, release, environment")
def _(text: str) -> None:
    sentry_sdk.capture_event(
        {"message": "x", "server_name": text, "release": text, "environment": text, "dist": text}
    )


# -- transactions and spans -----------------------------------------------------------------------


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


# -- logs, metrics, check-ins, sessions, feedback ---------------------------------------------------


@place("log")
def _(text: str) -> None:
    sentry_sdk.logger.info(text)


@place("log's parameter")
def _(text: str) -> None:
    sentry_sdk.logger.info("answered {what}", what=text)


@place("log's attribute", takes_data=True)
def _(text: str) -> None:
    sentry_sdk.logger.info("x", attributes={"place": text})


@place("log's attribute, name")
def _(text: str) -> None:
    sentry_sdk.logger.info("x", attributes={text: 1})


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
    _feedback(name=text, url=text)


# -- attachments, headers ---------------------------------------------------------------------------


def _attach(data: bytes, name: str = "log.txt", kind: str | None = None) -> None:
    _scoped(lambda scope: scope.add_attachment(bytes=data, filename=name, content_type=kind))


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

"""Places that go with every event."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sentry_sdk
from loguru import logger
from tests.privacy.placing import place, scoped


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


@place("tag", takes_data=True)
def _(text: str) -> None:
    scoped(lambda scope: scope.set_tag("place", text))


@place("tag's name")
def _(text: str) -> None:
    scoped(lambda scope: scope.set_tag(text, "x"))


@place("extra", takes_data=True)
def _(text: str) -> None:
    scoped(lambda scope: scope.set_extra("value", text))


@place("extra's name")
def _(text: str) -> None:
    scoped(lambda scope: scope.set_extra(text, 1))


@place("extra, nested", takes_data=True)
def _(text: str) -> None:
    scoped(lambda scope: scope.set_extra("a", {"b": [{"value": text}, ("x", text)]}))


@place("extra, bytes")
def _(text: str) -> None:
    scoped(lambda scope: scope.set_extra("body", text.encode()))


@place("extra, path", lambda text: f"PosixPath({text!r})")
def _(text: str) -> None:
    scoped(lambda scope: scope.set_extra("file", Path(text)))


@place("context", takes_data=True)
def _(text: str) -> None:
    scoped(lambda scope: scope.set_context("api", {"value": text}))


@place("context's name")
def _(text: str) -> None:
    scoped(lambda scope: scope.set_context(text, {"a": "x"}))


@place("context's key")
def _(text: str) -> None:
    scoped(lambda scope: scope.set_context("api", {text: "x"}))


@place("context, nested", takes_data=True)
def _(text: str) -> None:
    scoped(lambda scope: scope.set_context("api", {"a": {"b": [{"c": {"value": text}}]}}))


@place("user's name")
def _(text: str) -> None:
    scoped(lambda scope: scope.set_user({"id": "1", "username": text}))


@place("user's id")
def _(text: str) -> None:
    scoped(lambda scope: scope.set_user({"id": text}))


@place("user's address")
def _(text: str) -> None:
    scoped(lambda scope: scope.set_user({"id": "1", "ip_address": text, "email": text}))


@place("user's data", takes_data=True)
def _(text: str) -> None:
    scoped(lambda scope: scope.set_user({"id": "1", "data": {"value": text}}))


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

"""Every error that Tux raises on purpose.

::

    TuxError
    ├── TuxConfigurationError
    │   └── TuxUnavailableError
    ├── TuxDatabaseError
    │   ├── TuxDatabaseConnectionError
    │   └── TuxDatabaseQueryError
    ├── TuxAPIError
    │   ├── TuxAPIConnectionError
    │   ├── TuxAPIPermissionError
    │   ├── TuxAPIRequestError
    │   └── TuxAPIResourceNotFoundError
    ├── TuxPermissionError
    └── TuxServiceError
        └── TuxExtensionError

Each carries its facts as attributes, and its message is made from them. ``is_user_fault`` tells
whether the person who ran the command can mend it: those are answered, never reported.
"""

from __future__ import annotations

from typing import ClassVar


class TuxError(Exception):
    """The root of the tree."""

    is_user_fault: ClassVar[bool] = False


class TuxConfigurationError(TuxError):
    """A setting is missing or wrong."""

    fault: ClassVar[str] = " is missing or wrong."
    """What the message says of every such setting."""
    key: str
    """Name of the setting, as the user writes it. Its value is never part of the error."""
    hint: str
    """What to do about it, one sentence."""

    def __init__(
        self, key: str, hint: str = "Set it in the environment, .env or tux.toml."
    ) -> None:
        super().__init__(f"{key}{self.fault} {hint}")
        self.key = key
        self.hint = hint


class TuxUnavailableError(TuxConfigurationError):
    """What a setting names cannot be had now, such as a port: another start may find it free."""

    fault = ":"


class TuxDatabaseError(TuxError):
    """The database could not do what was asked."""

    operation: str | None
    """``select``, ``insert``, ``migrate`` …"""
    table: str | None

    def __init__(
        self,
        message: str = "The database failed",
        *,
        operation: str | None = None,
        table: str | None = None,
    ) -> None:
        facts = " ".join(fact for fact in (operation, table) if fact)
        super().__init__(f"{message} ({facts})" if facts else message)
        self.operation = operation
        self.table = table


class TuxDatabaseConnectionError(TuxDatabaseError):
    """The database cannot be reached."""


class TuxDatabaseQueryError(TuxDatabaseError):
    """The database answered, with an error."""


class TuxAPIError(TuxError):
    """An external HTTP API did not give what was asked."""

    service: str
    """The API's name as people know it, e.g. ``xkcd``."""
    endpoint: str
    """URL or path that was asked, without its query."""
    status_code: int | None

    def __init__(
        self, service: str, endpoint: str, reason: str, status_code: int | None = None
    ) -> None:
        status = f" (HTTP {status_code})" if status_code is not None else ""
        super().__init__(f"{service}: {reason}{status} at {endpoint}")
        self.service = service
        self.endpoint = endpoint
        self.status_code = status_code


class TuxAPIConnectionError(TuxAPIError):
    """No answer came: refused, reset or timed out."""

    def __init__(self, service: str, endpoint: str, reason: str = "no connection") -> None:
        super().__init__(service, endpoint, reason)


class TuxAPIPermissionError(TuxAPIError):
    """The API refuses us (401 or 403)."""

    def __init__(self, service: str, endpoint: str, status_code: int = 403) -> None:
        super().__init__(service, endpoint, "access refused", status_code)


class TuxAPIRequestError(TuxAPIError):
    """The API answered with any other error status."""

    def __init__(
        self, service: str, endpoint: str, status_code: int, reason: str = "request failed"
    ) -> None:
        super().__init__(service, endpoint, reason, status_code)


class TuxAPIResourceNotFoundError(TuxAPIError):
    """What was asked for does not exist (404): most often the user asked for it by name."""

    is_user_fault = True
    resource: str
    """What was not found, in the user's words."""

    def __init__(self, service: str, endpoint: str, resource: str = "resource") -> None:
        super().__init__(service, endpoint, f"{resource} not found", 404)
        self.resource = resource


class TuxPermissionError(TuxError):
    """The person may not do this, or not to that member."""

    is_user_fault = True
    rule: str
    """Which rule said no, as a sentence for the person."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class TuxServiceError(TuxError):
    """A part of the bot that runs beside the commands failed."""

    service: str

    def __init__(self, service: str, reason: str) -> None:
        super().__init__(f"{service}: {reason}")
        self.service = service


class TuxExtensionError(TuxServiceError):
    """An extension could not be loaded, unloaded or reloaded."""

    extension: str
    """Dotted module name."""

    def __init__(self, extension: str, reason: str) -> None:
        super().__init__("extensions", f"{extension}: {reason}")
        self.extension = extension

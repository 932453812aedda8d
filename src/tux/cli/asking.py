"""What a running station tells over its API, for the commands that show it in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import httpx
import typer

from tux.shared.exceptions import TuxServiceError
from tux.shared.settings import load_settings

if TYPE_CHECKING:
    from tux.shared.settings import StationSettings

StationOption = Annotated[
    str | None,
    typer.Option(
        "--station", help="Address of the station; by default that of the settings. [STATION_URL]"
    ),
]
TokenOption = Annotated[
    str | None,
    typer.Option(
        "--token",
        envvar="TUX_STATION_TOKEN",
        help="Token of a station with a password, from `tux station tokens create`.",
    ),
]
UNKNOWN: Final = (
    "it does not know this token, which is wrong or was revoked: `tux station tokens create LABEL` "
    "makes another for TUX_STATION_TOKEN, or --token."
)


class StationClient:
    """Asks a station that runs."""

    def __init__(self, address: str | None, token: str | None) -> None:
        found = (address or _own(load_settings().station)).rstrip("/")
        self.address = found if "://" in found else f"http://{found}"
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        # What no header can hold is no token of any station.
        self._is_sendable = not token or (token.isascii() and token.isprintable())

    def get(self, path: str, **words: str | int) -> dict[str, Any]:
        """Ask for something.

        Raises:
            TuxServiceError: no station runs there, or it refuses; says what to do.
        """
        if not self._is_sendable:
            raise TuxServiceError("station", UNKNOWN)
        try:
            answer = httpx.get(
                f"{self.address}/api/v1{path}",
                params=words,
                headers=self._headers,
                timeout=10,
                trust_env=False,
            )
        except (httpx.TransportError, httpx.InvalidURL):
            hint = f"none answers at {self.address}. Start one with `tux station`."
            raise TuxServiceError("station", hint) from None
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            hint = (
                UNKNOWN
                if self._headers
                else "it asks for a token: `tux station tokens create LABEL`, then TUX_STATION_TOKEN."
            )
            raise TuxServiceError("station", hint)
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise TuxServiceError("station", f"what answers at {self.address} is none.")
        if not answer.is_success:
            causes = "; ".join(map(str, found.get("causes", [])))
            raise TuxServiceError("station", f"{found.get('detail')}. {causes}".strip())
        return found


def _own(settings: StationSettings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.url or f"http://{host}:{settings.port}"

"""The bot's shared client for external HTTP APIs."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tux import __version__
from tux.shared.bot_settings import HttpSettings

CONNECT_TRIES = 2
"""Further tries where no connection came about: nothing was asked yet, so nothing is done twice."""


class HttpClient:
    """An ``httpx.AsyncClient`` that is opened by the first request, so that it may be made anywhere.

    Its requests are spans of whatever runs. They carry no headers of ours: nobody whom the bot asks
    has a use for trace ids.
    """

    def __init__(self) -> None:
        self._settings = HttpSettings()
        self._client: httpx.AsyncClient | None = None

    def configure(self, settings: HttpSettings) -> None:
        """Take the settings for the client that the next request opens."""
        self._settings = settings

    async def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Send a request; see ``httpx.AsyncClient.request``.

        Raises:
            httpx.RequestError: no answer came. An error status is an answer.
        """
        try:
            # httpx counts each phase and each read by itself: a server that drips would never end.
            async with asyncio.timeout(self._settings.timeout):
                return await self._opened().request(method, url, **options)
        except TimeoutError as error:
            raise httpx.ReadTimeout(f"no answer in {self._settings.timeout:g} s") from error

    async def get(self, url: str, **options: Any) -> httpx.Response:
        """Send a GET request."""
        return await self.request("GET", url, **options)

    async def post(self, url: str, **options: Any) -> httpx.Response:
        """Send a POST request."""
        return await self.request("POST", url, **options)

    async def aclose(self) -> None:
        """Close the connections; a later request opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=self._settings.timeout,
                transport=httpx.AsyncHTTPTransport(retries=CONNECT_TRIES),
                headers={"User-Agent": f"tux/{__version__}"},
                follow_redirects=True,
            )
        return self._client


http_client = HttpClient()
"""The one that every module of the bot uses: connections are worth sharing."""

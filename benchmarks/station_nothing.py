"""An aiohttp server that takes a body, keeps nothing and says so: what no receiver on it can undercut."""

from __future__ import annotations

import sys

from aiohttp import web

ANSWER = b'{"id": "00000000000000000000000000000000"}'


async def envelope(request: web.Request) -> web.Response:
    """Take a body."""
    await request.read()
    return web.Response(body=ANSWER, content_type="application/json")


def main(port: int) -> None:
    """Serve until the end."""
    app = web.Application()
    app.router.add_post("/api/{project}/envelope/", envelope)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]))

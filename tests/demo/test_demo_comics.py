"""The comics server that stands in for xkcd."""

from __future__ import annotations

import httpx
import pytest

from tux.demo.comics import BROKEN, NEWEST, comics


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/info.0.json", 200),
        ("/12/info.0.json", 200),
        (f"/{NEWEST + 1}/info.0.json", 404),
        (f"/{BROKEN}/info.0.json", 500),
    ],
)
async def test_comics_answer_as_xkcd_does(path: str, status: int) -> None:
    """Comics have a number, unknown ones are 404, and one of them is broken."""
    async with comics() as url, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(url + path)
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["num"] in {12, NEWEST}

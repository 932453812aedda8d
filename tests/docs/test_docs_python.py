"""Every block of Python on the pages runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import pytest
from tests.docs.pages import PAGES, ROOT, blocks
from tests.examples.running import Variant, running
from tests.packaging.environments import run

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE: Final = {
    "README.md": "tests/core/test_readme_code.py",
    "docs/testing.md": "tests/plugin/test_docs_testing.py",
}
"""Pages whose blocks are run in a way of their own."""
USES: Final = {
    "add-to-your-bot.md": """
import asyncio
from types import SimpleNamespace


async def work(*_):
    raise OSError("the broom is broken")


oven = SimpleNamespace(heat=asyncio.sleep)
asyncio.run(cook({"degrees": 0}, oven))
asyncio.run(tidy_up(SimpleNamespace(name="pantry", sweep=work)))
order_fish(OSError("no answer"), "https://fish.invalid/")
"""
}
"""What calls the functions that a page defines."""
RUNS: Final = 'run(os.environ["DISCORD_TOKEN"])'
"""What a block of a whole bot ends with."""
WITH_CODE = [
    page
    for page in PAGES
    if blocks(page, "python") and str(page.relative_to(ROOT)) not in ELSEWHERE
]


def scripts(page: Path) -> tuple[str, list[str]]:
    """Give what is run together, and the whole bots, each of which is run by itself."""
    texts = [block.text for block in blocks(page, "python")]
    return "\n".join(text for text in texts if RUNS not in text), [
        text for text in texts if RUNS in text
    ]


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)
def test_blocks_run(page: Path, tmp_path: Path) -> None:
    """The blocks of a page run one after the other, in a process of their own."""
    script = tmp_path / "page.py"
    script.write_text(scripts(page)[0] + USES.get(page.name, ""), encoding="utf-8")
    done = run(sys.executable, script, folder=tmp_path)
    assert done.returncode == 0, done.stderr


async def test_the_bot_of_the_guide(tmp_path: Path) -> None:
    """The whole bot of the guide runs, and what the page says of its two failures is so."""
    ((page, text),) = [(page, text) for page in WITH_CODE for text in scripts(page)[1]]
    assert page.name == "add-to-your-bot.md"
    script = tmp_path / "bot.py"
    script.write_text(text, encoding="utf-8")
    async with running(tmp_path, Variant(example=script)) as watched:
        pingu = watched.guild.add_member("pingu")
        for words in ("!divide one", "!divide 1 0"):
            await pingu.say(watched.channel, words)
        await watched.until(lambda: len(watched.events) >= 1)
    (event,) = watched.events
    assert event["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert event["user"]["id"] == str(pingu.id)


def test_the_others_are_run() -> None:
    """Pages that are run elsewhere are, by what is named here."""
    for page, test in ELSEWHERE.items():
        assert page.rpartition("/")[2] in (ROOT / test).read_text()
        assert blocks(ROOT / page, "python")

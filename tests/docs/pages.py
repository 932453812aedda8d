"""The pages that people read: what they link to, and the blocks of code in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("examples/**/*.md")})
_NO_PART_OF_AN_ANCHOR = re.compile(r"[^\w\- ]")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path, *languages: str) -> list[Block]:
    """Give the blocks of a page, of some languages or of all."""
    return [
        Block(page, (token.map or [0])[0] + 1, token.info.strip(), token.content)
        for token in tokens(page)
        if token.type in {"fence", "code_block"}
        and (not languages or token.info.strip() in languages)
    ]


def all_blocks(*languages: str) -> list[Block]:
    """Give the blocks of all pages."""
    return [block for page in PAGES for block in blocks(page, *languages)]


def links(page: Path) -> Iterator[str]:
    """Give where a page's links and pictures lead."""
    for token in _inline(page):
        if token.type in {"link_open", "image"}:
            yield str(token.attrs.get("href") or token.attrs["src"])


def codes(page: Path) -> Iterator[str]:
    """Give what stands between backticks in a page's text."""
    return (token.content for token in _inline(page) if token.type == "code_inline")


def anchors(page: Path) -> set[str]:
    """Give the anchors that forges and our site make of headings."""
    found: set[str] = set()
    for token, following in pairwise(tokens(page)):
        if token.type == "heading_open":
            text = "".join(child.content for child in following.children or ())
            name = _NO_PART_OF_AN_ANCHOR.sub("", text.lower()).replace(" ", "-")
            found.add(next(one for one in _numbered(name) if one not in found))
    return found


@cache
def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def _inline(page: Path) -> Iterator[Token]:
    for token in tokens(page):
        yield from token.children or ()


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in range(1, 99))

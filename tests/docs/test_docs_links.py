"""Where the pages lead to is there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from tests.docs.pages import PAGES, ROOT, anchors, links

if TYPE_CHECKING:
    from pathlib import Path


def broken(page: Path) -> list[str]:
    """Give the links within the repository that lead nowhere."""
    found = []
    for link in links(page):
        url = urlsplit(link)
        if url.scheme or url.netloc:
            continue
        target = (page.parent / unquote(url.path)).resolve() if url.path else page
        if (url.path and not (target.exists() and target.is_relative_to(ROOT))) or (
            url.fragment and url.fragment not in anchors(target)
        ):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Each file and each heading that a page links to is there."""
    assert broken(page) == []


def test_a_broken_link_is_seen(tmp_path: Path) -> None:
    """A file, a heading, and a heading of another page that are not there are each named."""
    page = ROOT / "docs" / "alerts.md"
    other = tmp_path / "page.md"
    other.write_text(
        "# One\n\n[a](none.md) [b](#one) [c](#two) ![d](none.png) <https://x.invalid>\n"
    )
    assert "webhook" not in anchors(page)
    assert "the-webhook" in anchors(page)
    assert broken(other) == ["none.md", "#two", "none.png"]


def test_addresses_outside_are_no_relative_ones() -> None:
    """Links out of the repository are https."""
    out = [link for page in PAGES for link in links(page) if "://" in link]
    assert [link for link in out if not link.startswith(("https://", "http://127.0.0.1"))] == []

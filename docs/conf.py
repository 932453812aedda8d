"""How the pages become a site: `make docs`. Whatever it loads is in the site itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.errors import ExtensionError

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "Tux"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "Tux"
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
autodoc_member_order = "alphabetical"
autoclass_content = "both"
# As forges make them, so that a link to a heading works there and here.
myst_heading_anchors = 4

FOREIGN = re.compile(
    r"<(?:script|img|iframe|source|audio|video)\b[^>]*\bsrc=[\"']?(?:https?:)?//"
    r"|<link\b(?![^>]*\brel=[\"']canonical)[^>]*\bhref=[\"']?(?:https?:)?//"
    r"|url\([\"']?(?:https?:)?//|@import\s+[\"'](?:https?:)?//",
)


def write_commands(_app: Sphinx, name: str, source: list[str]) -> None:
    """Let typer describe the command line as it is, below what the page says."""
    if name != "cli":
        return
    command = [sys.executable, "-m", "typer", "tux.cli.root", "utils", "docs", "--name", "tux"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    # The page has a title already.
    source[0] += done.stdout.partition("\n")[2]


def refuse_foreign(app: Sphinx, error: Exception | None) -> None:
    """Fail where a page or a style would load anything from elsewhere.

    Raises:
        ExtensionError: it names the files.
    """
    if error is not None:
        return
    found = [
        str(path.relative_to(app.outdir))
        for path in sorted(Path(app.outdir).rglob("*"))
        if path.suffix in {".html", ".css"} and FOREIGN.search(path.read_text(encoding="utf-8"))
    ]
    if found:
        raise ExtensionError(f"these load something from elsewhere: {', '.join(found)}")


def setup(app: Sphinx) -> None:
    """Connect both."""
    app.connect("source-read", write_commands)
    app.connect("build-finished", refuse_foreign)

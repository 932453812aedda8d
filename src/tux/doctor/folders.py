"""Whether the bot can write to a folder; nothing is left in it."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def try_folder(root: Path) -> None:
    """Write a file, as the bot will; a folder that it would have to make first is not made.

    Raises:
        OSError: it cannot be written.
    """
    if root.exists():
        with tempfile.NamedTemporaryFile(dir=root, prefix=".doctor-") as file:
            file.write(b"?")
            file.flush()
        return
    above = next(folder for folder in root.parents if folder.exists())
    if not os.access(above, os.W_OK | os.X_OK):
        raise PermissionError(0, f"{above} is not the bot's user's")

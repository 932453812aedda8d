"""A user's id → a hash that stands for it: the same for the same key, and told by nobody without it."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from tux.shared.privacy import PrivacySettings

KEY_BYTES: Final = 32
HASH_BYTES: Final = 10
"""Long enough that two users of any bot hardly ever share a hash, and no Discord id is so long."""


def pseudonym_of(user_id: int | str, key: bytes) -> str:
    """Give the hash that stands for a user."""
    # An id has few enough bits to try them all: only the key keeps it from being found.
    digest = blake2b(str(user_id).encode(), key=blake2b(key).digest(), digest_size=HASH_BYTES)
    return f"u-{digest.hexdigest()}"


def key_of(privacy: PrivacySettings) -> bytes:
    """Give the key of the settings; else the one that is kept, which is made where there is none.

    Raises:
        OSError: it can neither be read nor be kept.
    """
    if privacy.key is not None and privacy.key.get_secret_value():
        return privacy.key.get_secret_value().encode()
    kept = kept_key(privacy.key_path)
    return kept if kept is not None else _make(privacy.key_path)


def kept_key(path: Path) -> bytes | None:
    """Read the key that is kept in a file; None where there is none."""
    with suppress(FileNotFoundError):
        return path.read_bytes().strip() or None
    return None


def _make(path: Path) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = secrets.token_hex(KEY_BYTES).encode()
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(made + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # Whole or not at all, and of two that start at once the first one's.
        os.link(draft, path)
    except FileExistsError:
        # An empty one, of a disk that was full, is none.
        kept = kept_key(path)
        if kept is not None:
            return kept
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return made

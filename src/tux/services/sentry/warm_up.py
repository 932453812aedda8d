"""What would hold up the loop at the first error, or at the first many, done before."""

from __future__ import annotations

import gc

from sentry_sdk.utils import _get_installed_modules


def warm_up() -> None:
    """Do it once; a second call is harmless."""
    # The first event looks through all installed packages: 40 ms.
    _get_installed_modules()
    if not gc.get_freeze_count():
        # A burst of errors makes so many objects that Python looks through everything that was
        # ever imported: 50 ms. What is there now stays; it need not be looked through.
        gc.collect()
        gc.freeze()

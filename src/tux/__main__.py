"""``python -m tux``, and what the ``tux`` command starts."""

import sys

try:
    from tux.cli.root import run
except KeyboardInterrupt:
    # Loading takes a second, in which somebody may change his mind.
    sys.exit(130)

if __name__ == "__main__":
    run()

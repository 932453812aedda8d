"""``python -m tux`` is the ``tux`` command."""

from tux.cli import run

if __name__ == "__main__":
    run()

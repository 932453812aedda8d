"""``python -m tux``, and what the ``tux`` command starts."""

from tux.shared.loading import interruptible

with interruptible():  # it takes a second, in which somebody may change his mind
    from tux.cli.root import run

if __name__ == "__main__":
    run()

"""What is kept, how it is written, and how it goes."""

from tux.station.store.file import Store
from tux.station.store.projects import Project
from tux.station.store.reading import Reader

__all__ = ["Project", "Reader", "Store"]

"""What is kept, how it is written, and how it goes."""

from tux.station.store.file import Project, Reader, Store

__all__ = ["Project", "Reader", "Store"]

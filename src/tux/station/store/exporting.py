"""The file's rows → files of others: JSON lines, or Parquet with the extra that reads it."""

from __future__ import annotations

import json
import typing
from contextlib import ExitStack
from dataclasses import fields
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from tux.shared.exceptions import TuxConfigurationError
from tux.station.store.portable import KINDS, NO_COLUMNS, documents

try:
    import pyarrow as pa
    from pyarrow import parquet
except ImportError:
    pa = parquet = None

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import TextIO

ROWS: Final = 2000
"""Of one group of a Parquet file."""


def export_lines(
    connection: sqlite3.Connection, kinds: Sequence[str], since: float, out: TextIO
) -> int:
    """Write one JSON object a line; gives how many."""
    count = 0
    for kind in kinds:
        for document in documents(connection, kind, since):
            out.write(json.dumps(document, ensure_ascii=False) + "\n")
            count += 1
    return count


def export_parquet(
    connection: sqlite3.Connection, kinds: Sequence[str], since: float, folder: Path
) -> int:
    """Write one Parquet file a kind into a folder; gives how many rows.

    Raises:
        TuxConfigurationError: the extra is not installed, or the folder cannot be made.
    """
    if pa is None or parquet is None:
        raise TuxConfigurationError("pyarrow", "--parquet needs it: pip install 'tux[parquet]'.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        hint = f"{folder} cannot be written: {error.strerror}."
        raise TuxConfigurationError("FILE", hint) from error
    count = 0
    for kind in kinds:
        schema = _schema(kind)
        with ExitStack() as stack:
            writer = parquet.ParquetWriter(folder / f"{kind}.parquet", schema, compression="zstd")
            stack.callback(writer.close)
            for rows in _groups(documents(connection, kind, since)):
                flat = [_flat(row, schema.names) for row in rows]
                writer.write_table(pa.Table.from_pylist(flat, schema=schema))
                count += len(rows)
    return count


def _schema(kind: str) -> Any:
    """Give each field its column; what JSON nests is a text of JSON."""
    known = {float: pa.float64(), int: pa.int64(), bool: pa.bool_()}
    hints = typing.get_type_hints(KINDS[kind].row)
    columns = [("project", pa.int64())]
    for one in fields(KINDS[kind].row):
        if one.name in NO_COLUMNS:
            continue
        found = set(typing.get_args(hints[one.name]) or (hints[one.name],))
        plain = next((known[arm] for arm in found if arm in known), pa.string())
        columns.append((one.name, plain))
    return pa.schema(columns)


def _flat(document: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value
        for name, value in ((name, document[name]) for name in names)
    }


def _groups(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while group := list(islice(rows, ROWS)):
        yield group

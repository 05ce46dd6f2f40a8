"""Backup and restore: every table as lines of JSON, compressed; what one database wrote the other can read.

The file holds homes sealed as they are in the database: it is worth nothing without the data keys, which are
to be kept elsewhere.
"""

import base64
import datetime as dt
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.errors import ApiError
from api.store.engine import Store
from api.store.migrate import newest, revision_of
from api.store.tables import metadata
from routing.formats.folder import replace_file

FORMAT = "banche-backup-1"
AT_ONCE = 500


def write_backup(store: Store, target: Path) -> int:
    """Write everything as it stands at one moment, and return how many rows there were.

    Raises
    ------
    ApiError
        ``schema_outdated``.
    InputError
        When the file cannot be written.
    """
    with store.read() as connection:
        if store.dialect == "postgresql":
            connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        if revision_of(connection) != newest():
            raise _outdated()
        lines = [json.dumps({"format": FORMAT, "revision": newest()})]
        lines += [json.dumps(line, ensure_ascii=False) for line in _lines(connection)]
    replace_file(target, gzip.compress("\n".join(lines).encode(), mtime=0))
    return len(lines) - 1


def _lines(connection: Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    for table in metadata.sorted_tables:
        for row in connection.execute(sa.select(table).order_by(*table.primary_key)):
            yield table.name, {name: _plain(value) for name, value in row._mapping.items()}


def read_backup(store: Store, source: Path) -> int:
    """Fill an empty database from a backup, and return how many rows there were.

    Raises
    ------
    ApiError
        ``bad_backup``, when it is none, or of another version, or the database is not empty.
    """
    try:
        head, *lines = gzip.decompress(source.read_bytes()).decode().splitlines()
        if json.loads(head) != {"format": FORMAT, "revision": newest()}:
            raise ApiError("bad_backup", "The backup is of another version.", "Restore it with the version it is of.")
    except (OSError, EOFError, ValueError) as error:
        raise ApiError("bad_backup", "The file cannot be read as a backup.", "Give one of `db backup`.") from error
    with store.write() as connection:
        tables = {table.name: table for table in metadata.sorted_tables}
        for table in tables.values():
            if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
                raise ApiError("bad_backup", "The database is not empty.", "Restore into a new one.")
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in tables}
        for line in lines:
            name, row = json.loads(line)
            rows[name].append(_typed(tables[name], row))
        for name, table in tables.items():
            for begin in range(0, len(rows[name]), AT_ONCE):
                connection.execute(sa.insert(table), rows[name][begin : begin + AT_ONCE])
            _count_on(connection, table)
    return len(lines)


def _count_on(connection: Connection, table: sa.Table) -> None:
    """Let a counter of PostgreSQL's go on after the last number; SQLite does so by itself."""
    counter = table.autoincrement_column
    if connection.dialect.name != "postgresql" or counter is None or not isinstance(counter.type, sa.BigInteger):
        return
    sequence = sa.func.pg_get_serial_sequence(table.name, counter.name)
    last = sa.select(sa.func.coalesce(sa.func.max(counter), 0) + 1).scalar_subquery()
    connection.execute(sa.select(sa.func.setval(sequence, last, False)))


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"base64": base64.b64encode(bytes(value)).decode()}
    return value.isoformat() if isinstance(value, dt.date) else value


def _typed(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    typed = dict(row)
    for column in table.columns:
        value = row[column.name]
        if value is None:
            continue
        if isinstance(column.type, sa.LargeBinary):
            typed[column.name] = base64.b64decode(value["base64"])
        elif isinstance(column.type, sa.Date):
            typed[column.name] = dt.date.fromisoformat(value)
    return typed


def _outdated() -> ApiError:
    return ApiError("schema_outdated", "The database is of another version than the code.", "Run: banche db upgrade")

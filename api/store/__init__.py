"""What is remembered: SQLite (WAL) by default, PostgreSQL by URL, through one set of tables and migrations."""

from api.store.engine import Store, open_store

__all__ = ["Store", "open_store"]

"""What the commands around the store do."""

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from api.clock import DAY_MS, now_ms, rfc3339
from api.settings import read_settings
from api.store import Store, open_store
from api.store.audit import Deed, note
from api.store.backup import read_backup, write_backup
from api.store.keys import SCOPES, create_key, list_keys, revoke_key
from api.store.migrate import check_schema, revision_of, upgrade

__all__ = [
    "SCOPES",
    "back_up",
    "describe_keys",
    "end_key",
    "make_key",
    "open_ready",
    "restore",
    "upgrade_database",
]

ACTOR = "cli"


def make_key(db: str | None, *, name: str, scopes: Sequence[str], days: int | None) -> str:
    """Make a key and return it."""
    now = now_ms()
    with closing(_opened(db)) as store, store.write() as connection:
        until = None if days is None else now + days * DAY_MS
        key, secret = create_key(connection, name=name, scopes=scopes, now=now, expires_at=until)
        note(connection, Deed(actor=ACTOR, at=now), "key.create", key.key_id, scopes=" ".join(sorted(key.scopes)))
    return secret


def describe_keys(db: str | None) -> list[dict[str, Any]]:
    """Return what may be told of every key."""
    with closing(_opened(db)) as store, store.read() as connection:
        keys = list_keys(connection)
    return [
        {
            "key_id": key.key_id,
            "name": key.name,
            "state": "revoked" if key.revoked_at else "valid" if key.valid(now_ms()) else "expired",
            "scopes": sorted(key.scopes),
            "created_at": rfc3339(key.created_at),
            "expires_at": None if key.expires_at is None else rfc3339(key.expires_at),
            "revoked_at": None if key.revoked_at is None else rfc3339(key.revoked_at),
        }
        for key in keys
    ]


def end_key(db: str | None, key_id: str) -> None:
    """Revoke a key.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    now = now_ms()
    with closing(_opened(db)) as store, store.write() as connection:
        revoke_key(connection, key_id, now)
        note(connection, Deed(actor=ACTOR, at=now), "key.revoke", key_id)


def upgrade_database(db: str | None) -> None:
    """Bring a database to the newest schema."""
    with closing(open_store(read_settings(os.environ, db=db).db)) as store:
        upgrade(store)


def back_up(db: str | None, target: Path) -> int:
    """Write a backup and return how many rows it holds."""
    with closing(_opened(db)) as store:
        return write_backup(store, target)


def restore(db: str | None, source: Path) -> int:
    """Fill an empty database and return with how many rows."""
    with closing(_opened(db)) as store:
        return read_backup(store, source)


def open_ready(url: str) -> Store:
    """Open a database for a command: an empty one and the embedded one are brought up to date.

    Raises
    ------
    ApiError
        ``schema_outdated``, where a database of somebody else's would have to be changed.
    """
    store = open_store(url)
    try:
        with store.read() as connection:
            fresh = revision_of(connection) is None
        if fresh or store.dialect == "sqlite":
            upgrade(store)
        check_schema(store)
    except BaseException:
        store.close()
        raise
    return store


def _opened(db: str | None) -> Store:
    return open_ready(read_settings(os.environ, db=db).db)

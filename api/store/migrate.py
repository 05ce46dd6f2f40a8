"""Brings a database to the newest schema, and tells where it stands."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from api.errors import ApiError
from api.store.engine import Store

SCRIPTS = Path(__file__).parent / "migrations"
LOCK = 0x62616E636865
"""PostgreSQL's advisory lock for migrations, so that two starting servers do not both create the tables."""


def upgrade(store: Store, revision: str = "head") -> None:
    """Bring the database to a revision, the newest by default; two at a time wait for each other."""
    with store.write() as connection:
        if store.dialect == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        command.upgrade(_config(connection), revision)


def downgrade(store: Store, revision: str = "base") -> None:
    """Take the database back to an earlier revision; data of later tables are lost."""
    with store.write() as connection:
        command.downgrade(_config(connection), revision)


def revision_of(connection: Connection) -> str | None:
    """Return the revision that the database stands at."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the revision that this code expects."""
    return ScriptDirectory(str(SCRIPTS)).get_current_head()


def check_schema(store: Store) -> None:
    """Refuse a database that is not at the newest revision.

    Raises
    ------
    ApiError
        ``schema_outdated``.
    """
    with store.read() as connection:
        found = revision_of(connection)
    if found != newest():
        raise ApiError(
            "schema_outdated",
            f"The database stands at revision {found}, this code expects {newest()}.",
            "Run: banche db upgrade",
        )


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config

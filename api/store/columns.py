"""Kinds of columns that both databases hold alike."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, so that a migration can drop it on either database."""

metadata = sa.MetaData(naming_convention=NAMES)

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""SQLite counts up only in a column that is called INTEGER."""


def ident(name: str, *more: Any, null: bool = False, key: bool = False) -> sa.Column[Any]:
    """Return a column for an id, ours or another system's."""
    return sa.Column(name, sa.String(128), *more, primary_key=key, nullable=null)


def instant(name: str, *, null: bool = False) -> sa.Column[Any]:
    """Return a column for an instant [ms since 1970-01-01T00:00Z]."""
    return sa.Column(name, sa.BigInteger(), nullable=null)


def count(name: str, default: int = 0) -> sa.Column[Any]:
    """Return a column for a whole number."""
    return sa.Column(name, sa.Integer(), nullable=False, server_default=str(default))


def flag(name: str) -> sa.Column[Any]:
    """Return a column for yes or no, no by default."""
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def state(name: str, of: type[StrEnum]) -> sa.Column[Any]:
    """Return a column for one of the words of an enumeration; the table adds `known` for it."""
    return sa.Column(name, sa.String(16), nullable=False, info={"words": [word.value for word in of]})


def known(name: str, of: type[StrEnum]) -> sa.CheckConstraint:
    """Return the constraint that a state column holds a word of its enumeration."""
    words = ", ".join(f"'{word.value}'" for word in of)
    return sa.CheckConstraint(f"{name} IN ({words})", name=f"{name}_known")


def ride() -> tuple[SchemaItem, ...]:
    """Return the columns of seats on a trip and date, `end_segment` being the first segment not ridden any more."""
    return (
        ident("plan_id"),
        ident("trip_id"),
        sa.Column("service_date", sa.Date(), nullable=False),
        ident("board_stop_id"),
        ident("alight_stop_id"),
        count("first_segment"),
        count("end_segment"),
        count("seats", 1),
        sa.CheckConstraint("first_segment >= 0 AND end_segment > first_segment AND seats > 0", name="rides"),
    )

"""Migrations lead to exactly the tables that the code works with, on both databases, and back."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from api.errors import ApiError
from api.store import Store, open_store
from api.store.columns import metadata
from api.store.migrate import check_schema, downgrade, newest, revision_of, upgrade
from api.store.tables import schema, seating
from tests.api.databases import KINDS


@pytest.fixture(params=KINDS)
def blank(request: pytest.FixtureRequest, server: str, tmp_path: Path) -> Iterator[Store]:
    """Yield a database without any table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'blank.db'}"
    else:
        name = f"blank_{uuid4().hex}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        url = server.replace("/postgres?", f"/{name}?")
    store = open_store(url)
    yield store
    store.close()


def test_migrations_make_the_tables_of_the_code_and_take_them_away(blank: Store) -> None:
    with pytest.raises(ApiError) as refused:
        check_schema(blank)
    assert refused.value.code == "schema_outdated"
    upgrade(blank)
    check_schema(blank)
    with blank.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert revision_of(connection) == newest()
    downgrade(blank)
    with blank.read() as connection:
        assert sa.inspect(connection).get_table_names() in (["alembic_version"], [])


def test_checks_are_the_same_in_migrations_and_code(store: Store) -> None:
    """Alembic compares no CHECK constraints; names are compared here, on what the migrations made."""
    with store.read() as connection:
        inspector = sa.inspect(connection)
        for table in metadata.sorted_tables:
            made = {check["name"] for check in inspector.get_check_constraints(table.name)}
            meant = {str(c.name) for c in table.constraints if isinstance(c, sa.CheckConstraint)}
            assert made == meant, table.name


def test_two_that_migrate_at_the_same_time_wait_for_each_other(blank: Store) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: upgrade(blank), range(2)))
    check_schema(blank)


def test_every_state_column_has_its_check() -> None:
    for table in metadata.sorted_tables:
        checked = {str(c.name).removeprefix(f"ck_{table.name}_") for c in table.constraints if c.name}
        for column in table.columns:
            if "words" in column.info:
                assert f"{column.name}_known" in checked, f"{table.name}.{column.name}"


def test_a_seat_cannot_be_sold_twice_whatever_the_code_does(store: Store) -> None:
    import datetime as dt

    day = dt.date(2026, 11, 23)

    def work(connection: sa.engine.Connection) -> None:
        connection.execute(
            sa.insert(schema.scenarios).values(scenario_id="s", service="d", digest="x", created_at=0, created_by="k")
        )
        connection.execute(
            sa.insert(schema.plans).values(
                plan_id="p",
                service="d",
                scenario_id="s",
                digest="x",
                state="published",
                summary={},
                document=b"",
                created_at=0,
                created_by="k",
                changed_at=0,
            )
        )
        connection.execute(sa.insert(seating.trip_days).values(plan_id="p", trip_id="t", service_date=day, seats=2))
        connection.execute(
            sa.insert(seating.segment_seats).values(
                plan_id="p", trip_id="t", service_date=day, segment=0, seats=2, kept=1, taken=1
            )
        )

    store.transact(work)
    with pytest.raises(sa.exc.IntegrityError):
        store.transact(lambda c: c.execute(sa.update(seating.segment_seats).values(taken=2)))
    with pytest.raises(sa.exc.IntegrityError):
        store.transact(lambda c: c.execute(sa.update(seating.segment_seats).values(taken=-1)))

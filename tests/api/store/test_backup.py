"""A backup of either database fills either database, whole."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.errors import ApiError
from api.sealing import check_data_keys
from api.store import Store, open_store
from api.store.audit import note, read_audit
from api.store.backup import read_backup, write_backup
from api.store.jobs import insert_job
from api.store.keys import create_key, find_key
from api.store.plans import approve_plan, list_publications, plan_bytes, publish_plan
from api.store.riders import RiderRecord, find_rider, upsert_riders
from api.store.scenarios import scenario_content
from api.store.tables import metadata
from tests.api.databases import KINDS, cloned, copied
from tests.api.samples import DEED, FILES, SEALER, kept_plan

ANNA = RiderRecord(service="town", rider_id="anna", lon=121.6, lat=38.9, worksite_id="park", shift_id="day")


def filled(connection: Connection) -> tuple[str, str, str]:
    """Fill tables of every kind and return a plan, its scenario and a key."""
    import datetime as dt

    plan = kept_plan(connection)
    publish_plan(connection, approve_plan(connection, plan, DEED, two_persons=False), dt.date(2026, 12, 1), DEED)
    upsert_riders(connection, SEALER, [ANNA], DEED)
    insert_job(connection, kind="plan", params={"名": "大连"}, input_digest="d", deed=DEED)
    check_data_keys(connection, SEALER)
    _, secret = create_key(connection, name="k", scopes=["booking"], now=0)
    return plan.plan_id, plan.scenario_id, secret


def rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }


@pytest.fixture(params=KINDS)
def other(request: pytest.FixtureRequest, file: Path, server: str, tmp_path: Path) -> Store:
    return open_store(copied(file, tmp_path) if request.param == "sqlite" else cloned(server))


def test_what_is_restored_is_what_was_backed_up(store: Store, other: Store, tmp_path: Path) -> None:
    plan_id, scenario_id, secret = store.transact(filled)
    number = write_backup(store, tmp_path / "backup.gz")
    assert read_backup(other, tmp_path / "backup.gz") == number
    assert rows(other) == rows(store)
    with other.write() as connection:
        assert scenario_content(connection, SEALER, scenario_id) == FILES
        assert find_rider(connection, SEALER, "town", "anna").lon == 121.6
        assert find_key(connection, secret) is not None
        assert plan_bytes(connection, plan_id)
        assert [p.plan_id for p in list_publications(connection)] == [plan_id]
        before = read_audit(connection)[0].entry
        note(connection, DEED, "goes.on")
        assert read_audit(connection)[0].entry > before
    other.close()


def test_a_backup_tells_no_home(store: Store, tmp_path: Path) -> None:
    import gzip

    store.transact(filled)
    write_backup(store, tmp_path / "backup.gz")
    text = gzip.decompress((tmp_path / "backup.gz").read_bytes())
    assert b"121.6" not in text
    assert b'"riders"' in text


def test_a_database_that_is_not_empty_is_left_alone(file_store: Store, tmp_path: Path) -> None:
    file_store.transact(filled)
    write_backup(file_store, tmp_path / "backup.gz")
    before = rows(file_store)
    with pytest.raises(ApiError) as refused:
        read_backup(file_store, tmp_path / "backup.gz")
    assert refused.value.code == "bad_backup"
    assert rows(file_store) == before


@pytest.mark.parametrize("content", [b"", b"no gzip", b"\x1f\x8b\x08\x00"])
def test_what_is_no_backup_is_refused(file_store: Store, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.gz").write_bytes(content)
    with pytest.raises(ApiError) as refused:
        read_backup(file_store, tmp_path / "x.gz")
    assert refused.value.code == "bad_backup"


def test_a_backup_of_another_version_is_refused(file_store: Store, tmp_path: Path) -> None:
    import gzip

    (tmp_path / "x.gz").write_bytes(gzip.compress(b'{"format": "banche-backup-1", "revision": "0000"}'))
    with pytest.raises(ApiError) as refused:
        read_backup(file_store, tmp_path / "x.gz")
    assert "version" in str(refused.value)

"""Riders taken out of the tables of scenarios: every other byte stays, and no old home is left behind."""

import pytest
import sqlalchemy as sa

from api.errors import ApiError
from api.store import Store
from api.store.audit import read_audit
from api.store.riders import RiderRecord, erase_rider, list_riders, upsert_riders
from api.store.scenarios import find_scenario, forget_home, insert_scenario, scenario_content, without_rider
from api.store.schema import blobs
from tests.api.samples import DEED, FILES, SEALER, kept_scenario

TABLE = b"rider_id,home_lon,home_lat\nr1,121.65,38.92\nr2,121.66,38.93\nr1,121.67,38.94\n"


def rider(rider_id: str, service: str = "town") -> RiderRecord:
    return RiderRecord(service=service, rider_id=rider_id, lon=121.5, lat=38.9, worksite_id="park", shift_id="day")


@pytest.mark.parametrize(
    ("table", "kept"),
    [
        (TABLE, b"rider_id,home_lon,home_lat\nr2,121.66,38.93\n"),
        (TABLE.replace(b"\n", b"\r\n"), b"rider_id,home_lon,home_lat\r\nr2,121.66,38.93\r\n"),
        (b"home_lon,rider_id\n1,r1\n2,r2\n", b"home_lon,rider_id\n2,r2\n"),
        (b'rider_id,note\n"r1","a, b"\nr2,c\n', b"rider_id,note\nr2,c\n"),
        (b"\xef\xbb\xbfrider_id,home_lon\nr1,1\n", b"rider_id,home_lon\n"),
        (b"rider_id,home_lon\nr2,1\nr1,2", b"rider_id,home_lon\nr2,1\n"),
    ],
    ids=["twice", "crlf", "later column", "quoted", "mark", "no last newline"],
)
def test_rows_of_a_rider_go_and_others_stay_byte_for_byte(table: bytes, kept: bytes) -> None:
    assert without_rider(table, "r1") == kept


@pytest.mark.parametrize(
    "table",
    [
        b"",
        b"rider_id,home_lon\n",
        b"name,home_lon\nr1,1\n",
        b"rider_id,home_lon\nr11,1\nR1,2\n",
        b"home_lon,rider_id\nr1,r2\n",
        b"home_lon,rider_id\n3\n\n",
    ],
    ids=["empty", "head alone", "no ids", "longer ids", "other column", "short rows"],
)
def test_a_table_without_the_rider_is_left_alone(table: bytes) -> None:
    assert without_rider(table, "r1") == table


def test_a_home_is_taken_out_of_every_version_of_a_service_and_of_no_other(file_store: Store) -> None:
    versions = [FILES | {"stops.csv": bytes([n])} for n in range(3)]
    with file_store.write() as connection:
        ids = [insert_scenario(connection, SEALER, "town", files, DEED).scenario_id for files in versions]
        other = insert_scenario(connection, SEALER, "village", FILES, DEED).scenario_id
        assert forget_home(connection, SEALER, "town", "r1") == 3
        assert forget_home(connection, SEALER, "town", "r1") == 0
        for scenario_id in ids:
            assert b"r1" not in scenario_content(connection, SEALER, scenario_id)["riders.csv"]
        assert scenario_content(connection, SEALER, other) == FILES


def test_the_old_table_is_deleted_once_nobody_needs_it(file_store: Store) -> None:
    with file_store.write() as connection:
        kept_scenario(connection)
        before = set(connection.execute(sa.select(blobs.c.digest)).scalars())
        forget_home(connection, SEALER, "town", "r1")
        after = set(connection.execute(sa.select(blobs.c.digest)).scalars())
    assert (len(before - after), len(after - before)) == (1, 1)


def test_the_new_table_is_sealed_like_the_old(file_store: Store) -> None:
    files = FILES | {"riders.csv": TABLE}
    with file_store.write() as connection:
        kept_scenario(connection, files)
        forget_home(connection, SEALER, "town", "r2")
        sealed = connection.execute(sa.select(blobs.c.content).where(blobs.c.sealed)).scalars().all()
    assert len(sealed) == 1
    assert b"121.6" not in sealed[0]


def test_a_scenario_keeps_its_id_and_digest_when_a_rider_leaves(file_store: Store) -> None:
    with file_store.write() as connection:
        before = kept_scenario(connection)
        forget_home(connection, SEALER, "town", "r1")
        assert find_scenario(connection, "town") == before


def test_a_scenario_without_a_table_of_riders_has_nobody_to_forget(file_store: Store) -> None:
    with file_store.write() as connection:
        kept_scenario(connection, {"scenario.toml": FILES["scenario.toml"]})
        assert forget_home(connection, SEALER, "town", "r1") == 0


def test_erasing_touches_one_rider_of_one_service(file_store: Store) -> None:
    with file_store.write() as connection:
        upsert_riders(connection, SEALER, [rider("a"), rider("b")], DEED)
        upsert_riders(connection, SEALER, [rider("a", "village")], DEED)
        erase_rider(connection, SEALER, "town", "a", DEED)
        assert [r.rider_id for r in list_riders(connection, SEALER, "town")] == ["b"]
        assert [r.rider_id for r in list_riders(connection, SEALER, "village")] == ["a"]


def test_the_note_of_an_erasure_counts_rows_and_names_nobody(file_store: Store) -> None:
    with file_store.write() as connection:
        kept_scenario(connection)
        upsert_riders(connection, SEALER, [rider("r1")], DEED)
        erase_rider(connection, SEALER, "town", "r1", DEED)
        entry = read_audit(connection)[0]
    assert (entry.action, entry.subject, entry.details) == ("rider.erase", "town", {"rows": 2})


def test_nobody_can_be_erased_twice(file_store: Store) -> None:
    with file_store.write() as connection:
        upsert_riders(connection, SEALER, [rider("a")], DEED)
        erase_rider(connection, SEALER, "town", "a", DEED)
        with pytest.raises(ApiError) as error:
            erase_rider(connection, SEALER, "town", "a", DEED)
    assert error.value.code == "not_found"


def test_a_rider_who_comes_back_begins_anew(file_store: Store) -> None:
    with file_store.write() as connection:
        assert upsert_riders(connection, SEALER, [rider("a")], DEED) == {"a": 1}
        assert upsert_riders(connection, SEALER, [rider("a")], DEED) == {"a": 2}
        erase_rider(connection, SEALER, "town", "a", DEED)
        assert upsert_riders(connection, SEALER, [rider("a")], DEED) == {"a": 1}


def test_writing_nobody_is_not_even_noted(file_store: Store) -> None:
    with file_store.write() as connection:
        assert upsert_riders(connection, SEALER, [], DEED) == {}
        assert read_audit(connection) == ()


def test_more_riders_than_one_question_may_name_are_found_again(file_store: Store) -> None:
    """Ids are looked up by five hundred at a time."""
    many = [rider(f"u{n:04}") for n in range(1_001)]
    with file_store.write() as connection:
        upsert_riders(connection, SEALER, many, DEED)
        again = upsert_riders(connection, SEALER, [many[0], many[499], many[500], many[1_000], rider("new")], DEED)
    assert again == {"u0000": 2, "u0499": 2, "u0500": 2, "u1000": 2, "new": 1}


@pytest.mark.parametrize(
    ("table", "kept"),
    [
        (b'rider_id,note\nr1,"one\ntwo"\nr2,x\n', b"rider_id,note\nr2,x\n"),
        ("rider_id,note\nr1,one\u2028two\nr2,x\n".encode(), b"rider_id,note\nr2,x\n"),
        (b'rider_id,note\nr2,"see\nr1,121.65"\n', b'rider_id,note\nr2,"see\nr1,121.65"\n'),
        (b" rider_id ,home_lon\n r1 ,121.65\nr2,1\n", b" rider_id ,home_lon\nr2,1\n"),
        ("rider_id,note\nr1,王\nr2,李\n".encode("gb18030"), "rider_id,note\nr2,李\n".encode("gb18030")),
        (b'rider_id,note\nr2,"open\nr1,121.65\n', b'rider_id,note\nr2,"open\n'),
    ],
    ids=["two lines", "line separator", "id inside a cell", "spaces", "other encoding", "unclosed quote"],
)
def test_a_rider_is_found_as_the_planner_would_and_wholly_taken_out(table: bytes, kept: bytes) -> None:
    assert without_rider(table, "r1") == kept

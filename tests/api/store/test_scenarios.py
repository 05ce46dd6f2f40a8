"""Scenarios are kept once, whole, and with homes sealed."""

import pytest
import sqlalchemy as sa

from api.errors import ApiError
from api.sealing import Sealer
from api.store import Store
from api.store.scenarios import find_scenario, insert_scenario, list_scenarios, scenario_content
from api.store.schema import blobs
from tests.api.samples import DEED, FILES, SEALER, kept_scenario


def test_a_scenario_comes_back_byte_for_byte(store: Store) -> None:
    with store.write() as connection:
        record = kept_scenario(connection)
        assert scenario_content(connection, SEALER, record.scenario_id) == FILES
        assert (record.service, record.created_by) == ("town", "key_maker")


def test_the_same_files_are_the_same_scenario(store: Store) -> None:
    with store.write() as connection:
        assert kept_scenario(connection) == kept_scenario(connection)
        other = kept_scenario(connection, FILES | {"riders.csv": b"rider_id\n"})
        assert list_scenarios(connection)[0] == other
        assert len(list_scenarios(connection)) == 2
        # What both have in common, such as large road extracts, is kept once.
        assert connection.execute(sa.select(sa.func.count()).select_from(blobs)).scalar_one() == 4


def test_homes_are_sealed_and_roads_are_not(store: Store) -> None:
    with store.write() as connection:
        record = kept_scenario(connection)
        contents = {bool(row.sealed): row.content for row in connection.execute(sa.select(blobs))}
        assert b"121.651110" not in b"".join(row.content for row in connection.execute(sa.select(blobs)))
        assert set(contents) == {True, False}
        with pytest.raises(ApiError):
            scenario_content(connection, Sealer({"other": b"1" * 32}), record.scenario_id)


def test_a_workbook_may_hold_homes_and_is_sealed(store: Store) -> None:
    with store.write() as connection:
        insert_scenario(connection, SEALER, "town", {"scenario.xlsx": b"PK"}, DEED)
        assert [row.sealed for row in connection.execute(sa.select(blobs))] == [True]


def test_a_service_stands_for_its_newest_scenario(store: Store) -> None:
    with store.write() as connection:
        first = kept_scenario(connection)
        second = kept_scenario(connection, FILES | {"riders.csv": b"rider_id\n"})
        assert find_scenario(connection, "town") == second
        assert find_scenario(connection, first.scenario_id) == first
        with pytest.raises(ApiError) as refused:
            find_scenario(connection, "village")
    assert refused.value.code == "not_found"


def test_scenarios_are_listed_page_by_page(store: Store) -> None:
    with store.write() as connection:
        made = [kept_scenario(connection, FILES | {"README.md": bytes([n])}).scenario_id for n in range(5)]
        page = list_scenarios(connection, limit=2)
        rest = list_scenarios(connection, after=page[-1].scenario_id)
    assert [s.scenario_id for s in page + rest] == made[::-1]

"""Which plan runs today, in the time zone of its service."""

import datetime as dt

import pytest

from api.clock import HOUR_MS
from api.errors import ApiError
from api.running import running_plan, zone_of
from api.store import Store
from api.store.plans import find_plan, insert_plan, retire_plan
from tests.api.conftest import NOON
from tests.api.samples import DEED, document, kept_plan, kept_scenario
from tests.api.town_service import WEDNESDAY, publish


def test_the_plan_in_force_today_runs(store: Store) -> None:
    first = store.transact(publish)
    second = store.transact(lambda c: publish(c, day=WEDNESDAY + dt.timedelta(days=1)))
    with store.read() as connection:
        assert running_plan(connection, "town", NOON).plan_id == first
        assert running_plan(connection, None, NOON + 24 * HOUR_MS).plan_id == second


def test_the_day_begins_at_midnight_where_the_buses_drive(file_store: Store) -> None:
    """At the tests' noon it is past six on Wednesday morning in Shanghai, and still Tuesday in London."""
    first = file_store.transact(lambda c: publish(c, day=WEDNESDAY - dt.timedelta(days=9)))
    second = file_store.transact(publish)
    with file_store.read() as connection:
        assert running_plan(connection, "town", NOON).plan_id == second
        assert running_plan(connection, "town", NOON - 7 * HOUR_MS).plan_id == first


def test_a_plan_that_was_retired_runs_no_more(file_store: Store) -> None:
    plan_id = file_store.transact(publish)
    file_store.transact(lambda c: retire_plan(c, find_plan(c, plan_id, lock=True), DEED))
    with file_store.read() as connection, pytest.raises(ApiError) as refused:
        running_plan(connection, "town", NOON)
    assert refused.value.code == "nothing_published"


def test_nothing_runs_before_its_day(file_store: Store) -> None:
    file_store.transact(lambda c: publish(c, day=WEDNESDAY + dt.timedelta(days=1)))
    with file_store.read() as connection, pytest.raises(ApiError) as refused:
        running_plan(connection, None, NOON)
    assert refused.value.code == "nothing_published"


def test_one_of_several_services_must_be_named(file_store: Store) -> None:
    for service in ("town", "harbour"):
        file_store.transact(lambda c, s=service: publish(c, service=s))
    with file_store.read() as connection:
        with pytest.raises(ApiError) as refused:
            running_plan(connection, None, NOON)
        assert running_plan(connection, "harbour", NOON).service == "harbour"
    assert [fault.pointer for fault in refused.value.faults] == ["/scenario"]


def test_a_document_without_a_zone_is_read_in_the_usual_one(file_store: Store) -> None:
    def keep(connection: object) -> tuple[str, str]:
        scenario = kept_scenario(connection)  # type: ignore[arg-type]
        told = {name: value for name, value in document().items() if name != "timezone"}
        bare = insert_plan(
            connection,  # type: ignore[arg-type]
            service="town",
            scenario_id=scenario.scenario_id,
            document=told,
            deed=DEED,
        )
        there = kept_plan(connection, document("plan_x") | {"timezone": "Asia/Tokyo"})  # type: ignore[arg-type]
        return bare.plan_id, there.plan_id

    bare, there = file_store.transact(keep)
    with file_store.read() as connection:
        assert (zone_of(connection, bare), zone_of(connection, there)) == ("Asia/Shanghai", "Asia/Tokyo")

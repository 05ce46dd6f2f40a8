"""Which service a call is about."""

import pytest

from api.errors import ApiError
from api.service import service_of_call
from api.store import Store
from api.store.scenarios import insert_scenario
from tests.api.samples import DEED, SEALER, kept_scenario


def test_the_only_service_need_not_be_named(store: Store) -> None:
    with store.write() as connection:
        kept_scenario(connection)
        insert_scenario(connection, SEALER, "town", {"scenario.toml": b"newer"}, DEED)
        assert service_of_call(connection, None) == "town"
        assert service_of_call(connection, "town") == "town"


def test_of_several_one_must_be_named(store: Store) -> None:
    with store.write() as connection:
        kept_scenario(connection)
        insert_scenario(connection, SEALER, "village", {"scenario.toml": b"v"}, DEED)
        assert service_of_call(connection, "village") == "village"
        with pytest.raises(ApiError) as refused:
            service_of_call(connection, None)
    assert (refused.value.code, refused.value.faults[0].pointer) == ("invalid_request", "query:service")


@pytest.mark.parametrize("named", [None, "town"])
def test_where_there_is_none_none_is_found(store: Store, named: str | None) -> None:
    with store.read() as connection, pytest.raises(ApiError) as refused:
        service_of_call(connection, named)
    assert refused.value.code == "not_found"

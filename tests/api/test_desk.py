"""Opening a desk checks the database and the keys before the first request."""

from dataclasses import replace
from pathlib import Path

import pytest

from api.desk import open_desk
from api.errors import ApiError
from api.sealing import new_data_key
from api.settings import Settings
from api.store.migrate import downgrade


def test_a_desk_opens_on_a_database_of_the_newest_schema(settings: Settings) -> None:
    desk = open_desk(settings)
    assert desk.sealer.open(desk.sealer.seal(b"x", "y"), "y") == b"x"
    desk.store.close()


def test_a_database_of_an_older_schema_is_refused(settings: Settings, file: Path, tmp_path: Path) -> None:
    from api.store import open_store
    from tests.api.databases import copied

    url = copied(file, tmp_path)
    store = open_store(url)
    downgrade(store, "0001")
    store.close()
    with pytest.raises(ApiError) as refused:
        open_desk(replace(settings, db=url))
    assert refused.value.code == "schema_outdated"


def test_other_data_keys_than_those_that_sealed_the_homes_are_refused(settings: Settings) -> None:
    open_desk(settings).store.close()
    with pytest.raises(ApiError) as refused:
        open_desk(replace(settings, data_keys=new_data_key()))
    assert refused.value.code == "data_key_wrong"
    older = replace(settings, data_keys=f"{new_data_key()},{settings.data_keys}")
    open_desk(older).store.close()


def test_desks_share_nothing(settings: Settings) -> None:
    one, other = open_desk(settings), open_desk(settings)
    one.metrics.observe("GET", "/x", 200, 0.1)
    one.shelf["plan"] = 1
    assert other.shelf == {}
    assert b'path="/x"' not in other.metrics.text(iter(()))
    one.store.close()
    other.store.close()

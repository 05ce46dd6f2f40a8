"""What is sealed opens with the right key, for the right rider, and in no other way."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import ApiError
from api.sealing import Sealer, about_rider, check_data_keys, new_data_key, open_sealer
from api.settings import Settings
from api.store import Store

OLD, NEW = b"o" * 32, b"n" * 32
HOME = {"lon": 121.5, "lat": 38.9}


@given(st.binary(max_size=200), st.text(max_size=50))
def test_what_is_sealed_opens_again(plain: bytes, about: str) -> None:
    sealer = Sealer({"a": OLD})
    assert sealer.open(sealer.seal(plain, about), about) == plain


def test_a_sealed_home_shows_nothing_and_never_looks_the_same() -> None:
    sealer = Sealer({"a": OLD})
    first, second = (sealer.seal_json(HOME, "x") for _ in range(2))
    assert first != second
    assert b"121.5" not in first


def test_a_home_copied_to_another_rider_does_not_open() -> None:
    sealer = Sealer({"a": OLD})
    sealed = sealer.seal_json(HOME, about_rider("dalian", "r1"))
    with pytest.raises(ApiError) as refused:
        sealer.open_json(sealed, about_rider("dalian", "r2"))
    assert refused.value.code == "data_key_wrong"


def test_the_first_key_seals_and_older_ones_still_open() -> None:
    sealed = Sealer({"old": OLD}).seal_json(HOME, "x")
    both = Sealer({"new": NEW, "old": OLD})
    assert both.open_json(sealed, "x") == HOME
    assert both.seal(b"", "x").startswith(b"new ")
    with pytest.raises(ApiError):
        Sealer({"new": NEW}).open(sealed, "x")


def test_a_changed_byte_is_noticed() -> None:
    sealer = Sealer({"a": OLD})
    sealed = bytearray(sealer.seal(b"home", "x"))
    sealed[-1] ^= 1
    with pytest.raises(ApiError):
        sealer.open(bytes(sealed), "x")


@given(st.binary(max_size=40), st.data())
def test_a_value_cut_short_is_refused_by_name(plain: bytes, data: st.DataObject) -> None:
    """Wherever it ends: in the key's id, in the nonce, in the content or in the tag."""
    sealer = Sealer({"a": OLD})
    sealed = sealer.seal(plain, "x")
    with pytest.raises(ApiError) as refused:
        sealer.open(sealed[: data.draw(st.integers(0, len(sealed) - 1))], "x")
    assert refused.value.code == "data_key_wrong"


@given(st.binary(max_size=60))
def test_no_bytes_whatever_break_the_opening(sealed: bytes) -> None:
    for value in (sealed, b"a " + sealed):
        with pytest.raises(ApiError):
            Sealer({"a": OLD}).open(value, "x")


def test_a_key_file_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "data.keys"
    settings = Settings(data_key_file=str(path))
    first, second = open_sealer(settings), open_sealer(settings)
    assert first == second
    assert path.stat().st_mode & 0o777 == 0o600


def test_keys_come_from_the_setting_newest_first() -> None:
    one, other = new_data_key(), new_data_key()
    sealer = open_sealer(Settings(data_keys=f"{one}, {other}"))
    assert list(sealer.keys) == [one.split(":")[0], other.split(":")[0]]


@pytest.mark.parametrize("text", [" ", "a:short", "a:QUJD", "a b:" + "QUJD" * 10 + "QUI=", ","])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        open_sealer(Settings(data_keys=text))
    assert refused.value.code == "data_key_missing"


def test_a_key_file_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ApiError) as refused:
        open_sealer(Settings(data_key_file=str(tmp_path / "file" / "data.keys")))
    assert refused.value.code == "data_key_missing"


def test_a_database_remembers_which_keys_it_needs(store: Store) -> None:
    right, wrong = Sealer({"a": OLD}), Sealer({"a": NEW})
    store.transact(lambda connection: check_data_keys(connection, right))
    store.transact(lambda connection: check_data_keys(connection, right))
    with pytest.raises(ApiError) as refused:
        store.transact(lambda connection: check_data_keys(connection, wrong))
    assert refused.value.code == "data_key_wrong"
    changed = replace(right, keys={"b": NEW, "a": OLD})
    store.transact(lambda connection: check_data_keys(connection, changed))

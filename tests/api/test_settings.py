"""Settings come from the environment alone, checked as a whole."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from api.clock import now_ms
from api.errors import ApiError
from api.settings import PREFIX, SPANS, Settings, read_settings
from api.store import Store
from api.store.retention import forget_old

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


def test_nothing_set_is_the_embedded_database() -> None:
    settings = read_settings({"PATH": "/bin"})
    assert settings.db.startswith("sqlite:///")
    assert settings.data_key_file.endswith("data.keys")


def test_a_variable_is_read_and_an_option_goes_first() -> None:
    environment = {"BANCHE_DB": "postgresql://a/b", "BANCHE_TWO_PERSONS": "1", "BANCHE_HOLD_S": "30"}
    settings = read_settings(environment, db="sqlite:///x.db", hold_s=None)
    assert (settings.db, settings.two_persons, settings.hold_s) == ("sqlite:///x.db", True, 30)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BANCHE_COLOUR", "red"),
        ("BANCHE_HOLD_S", "soon"),
        ("BANCHE_HOLD_S", "-1"),
        ("BANCHE_HOLD_S", "0"),
        ("BANCHE_HOLD_S", "9" * 30),
        ("BANCHE_HOLD_S", "9" * 5_000),
        ("BANCHE_LEASE_S", "1"),
        ("BANCHE_ATTEMPTS", "0"),
        ("BANCHE_MAX_BODY_BYTES", "1023"),
        ("BANCHE_MAX_UPLOAD_BYTES", "0"),
        ("BANCHE_RETENTION_DAYS", "1000000000"),
        ("BANCHE_TWO_PERSONS", "maybe"),
        ("BANCHE_LOG", "xml"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(name: str, value: str) -> None:
    with pytest.raises(ApiError) as refused:
        read_settings({name: value})
    assert refused.value.code == "bad_setting"
    assert name in str(refused.value)


@pytest.mark.parametrize(("name", "span"), sorted(SPANS.items()))
def test_numbers_are_taken_within_their_span_and_refused_outside(name: str, span: tuple[int, int]) -> None:
    for value in span:
        assert getattr(Settings(**{name: value}), name) == value  # type: ignore[arg-type]
    for value in (span[0] - 1, span[1] + 1):
        with pytest.raises(ApiError) as refused:
            Settings(**{name: value})  # type: ignore[arg-type]
        assert f"from {span[0]} to {span[1]}" in refused.value.action


def test_the_longest_retention_reaches_back_to_a_date(store: Store) -> None:
    """Ten decades ago is a day that the store can be asked for; nothing is that old."""
    longest = SPANS["retention_days"][1]
    assert store.transact(lambda connection: forget_old(connection, days=longest, now=now_ms())) == 0


def test_every_setting_is_documented_with_its_default_and_no_other() -> None:
    rows = dict(re.findall(r"^\| `(BANCHE_\w+)` \| (.*?) \|", PAGE.read_text("utf-8"), re.MULTILINE))
    assert set(rows) == {f"{PREFIX}{field.name.upper()}" for field in fields(Settings)}
    for field in fields(Settings):
        if isinstance(field.default, bool):
            assert rows[f"{PREFIX}{field.name.upper()}"] == f"`{int(field.default)}`"
        elif isinstance(field.default, int):
            assert rows[f"{PREFIX}{field.name.upper()}"] == f"`{field.default}`"

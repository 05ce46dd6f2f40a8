"""Settings come from the environment alone, checked as a whole."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from api.errors import ApiError
from api.settings import PREFIX, Settings, read_settings

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
        ("BANCHE_TWO_PERSONS", "maybe"),
        ("BANCHE_LOG", "xml"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(name: str, value: str) -> None:
    with pytest.raises(ApiError) as refused:
        read_settings({name: value})
    assert refused.value.code == "bad_setting"
    assert name in str(refused.value)


def test_every_setting_is_documented_with_its_default_and_no_other() -> None:
    rows = dict(re.findall(r"^\| `(BANCHE_\w+)` \| (.*?) \|", PAGE.read_text("utf-8"), re.MULTILINE))
    assert set(rows) == {f"{PREFIX}{field.name.upper()}" for field in fields(Settings)}
    for field in fields(Settings):
        if isinstance(field.default, bool):
            assert rows[f"{PREFIX}{field.name.upper()}"] == f"`{int(field.default)}`"
        elif isinstance(field.default, int):
            assert rows[f"{PREFIX}{field.name.upper()}"] == f"`{field.default}`"

"""A scenario before and after a drift: who stays, leaves and joins, and nothing else differs."""

import csv
import filecmp
from pathlib import Path

import pytest

from routing.errors import InputError
from routing.synth.drift import DriftSummary, drift
from tests.town import write_town


def riders(folder: Path) -> set[str]:
    with (folder / "riders.csv").open(encoding="utf-8", newline="") as file:
        return {row["rider_id"] for row in csv.DictReader(file)}


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return write_town(tmp_path / "town")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_as_many_join_as_leave_and_the_others_stay(town: Path, tmp_path: Path, share: float) -> None:
    summary = drift(town, tmp_path / "before", tmp_path / "after", share=share)
    before, after = riders(tmp_path / "before"), riders(tmp_path / "after")
    moving = round(48 * share)
    assert summary == DriftSummary(stay=48 - 2 * moving, leave=moving, join=moving)
    assert (len(before & after), len(before - after), len(after - before)) == (48 - 2 * moving, moving, moving)
    assert before | after == riders(town)


def test_everything_else_is_the_same(town: Path, tmp_path: Path) -> None:
    drift(town, tmp_path / "before", tmp_path / "after")
    for folder in ("before", "after"):
        compared = filecmp.dircmp(town, tmp_path / folder)
        assert compared.left_only == compared.right_only == []
        assert compared.diff_files == ["riders.csv"]


def test_a_seed_decides_who(town: Path, tmp_path: Path) -> None:
    found = []
    for turn, seed in enumerate((1, 1, 2)):
        drift(town, tmp_path / f"b{turn}", tmp_path / f"a{turn}", seed=seed)
        found.append(riders(tmp_path / f"b{turn}"))
    assert found[0] == found[1] != found[2]


def test_real_riders_are_never_overwritten(town: Path, tmp_path: Path) -> None:
    mine = tmp_path / "before"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(InputError) as refused:
        drift(town, mine, tmp_path / "after")
    assert refused.value.code == "not_our_folder"


@pytest.mark.parametrize("share", [-0.1, 0.6])
def test_a_share_that_makes_no_sense_is_refused(town: Path, tmp_path: Path, share: float) -> None:
    with pytest.raises(ValueError, match="half"):
        drift(town, tmp_path / "before", tmp_path / "after", share=share)

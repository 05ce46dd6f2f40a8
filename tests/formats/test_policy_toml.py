"""policy.toml and the counts: what is read, and every fault of what is not."""

import re
from pathlib import Path

import pytest

from routing.errors import InputError
from routing.formats.policy_toml import read_counts, read_policy
from routing.lifecycle import PRESETS, DayCount, LineState, Threshold

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "files.md").read_text("utf-8")
LINES = frozenset({"L1", "L2"})


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_the_example_of_the_documentation_is_nanchang_s_preset(tmp_path: Path) -> None:
    (example,) = re.findall(r"```\n(name = .*?)```", PAGE, re.DOTALL)
    assert read_policy(write(tmp_path / "policy.toml", example)) == PRESETS["nanchang"]


def test_a_policy_without_a_name_is_called_like_its_file(tmp_path: Path) -> None:
    policy = read_policy(write(tmp_path / "mine.toml", "[[open]]\nshare = 0.5\n"))
    assert (policy.name, policy.open) == ("mine", (Threshold(share=0.5),))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[[open]\n", "unreadable_toml"),
        ("open = " + "[" * 20_000, "unreadable_toml"),
        ("open = [3]\n", "unknown_key"),
        ("[[open]]\nshare = nan\n", "out_of_range"),
        ("[[open]]\nshare = -0.1\n", "out_of_range"),
        ("[[open]]\npeople = 3\ndays = 0\n", "out_of_range"),
        ("[[open]]\n", "out_of_range"),
        ("[[opne]]\npeople = 3\n", "unknown_key"),
        ("[[open]]\nheads = 3\n", "unknown_key"),
        ("open = 3\n", "unknown_key"),
        ("[[open]]\npeople = -3\n", "out_of_range"),
        ('[[open]]\npeople = "3"\n', "out_of_range"),
        ("[[watch]]\npeople = 3\n", "out_of_range"),
    ],
)
def test_a_policy_that_cannot_be_read_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        read_policy(write(tmp_path / "policy.toml", text))
    assert refused.value.code == code
    assert refused.value.faults[0].file == "policy.toml"


def test_counts_are_read_by_line_in_the_order_of_the_days(tmp_path: Path) -> None:
    text = "date,line_id,booked,boarded,state\n2026-11-20,L1,9,,watch\n2026-11-19,L1,12,10,running\n2026-11-19,L2,3,,\n"
    counts, states = read_counts(write(tmp_path / "counts.csv", text), LINES)
    assert counts == {"L1": [DayCount(booked=12, boarded=10), DayCount(booked=9)], "L2": [DayCount(booked=3)]}
    assert states == {"L1": LineState.WATCH}


def test_every_fault_of_the_counts_is_told_with_its_row(tmp_path: Path) -> None:
    text = (
        "date,line_id,booked\n2026-11-20,L1,9\nyesterday,L1,9\n2026-11-20,L9,9\n2026-11-20,L1,many\n2026-11-20,L1,-2\n"
    )
    with pytest.raises(InputError) as refused:
        read_counts(write(tmp_path / "counts.csv", text), LINES)
    told = [(fault.row, fault.code) for fault in refused.value.faults]
    assert told == [(3, "bad_number"), (4, "unknown_id"), (5, "bad_number"), (6, "bad_number")]


HEADER = "date,line_id,booked,boarded,state\n"


def test_a_line_counted_twice_on_a_day_is_told(tmp_path: Path) -> None:
    """Read as two days, too few people would seem to come for too long."""
    text = f"{HEADER}2026-11-20,L1,9,,\n2026-11-20,L2,9,,\n2026-11-20, L1 ,4,,\n"
    with pytest.raises(InputError) as refused:
        read_counts(write(tmp_path / "counts.csv", text), LINES)
    assert [(f.row, f.value, f.code) for f in refused.value.faults] == [(4, "L1", "duplicate_id")]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("2026-11-20,L1", "bad_number"),
        ("2026-11-20,L1,", "bad_number"),
        ("2026-11-20,L1,1.5", "bad_number"),
        ("2026-11-20,L1,9,-1", "bad_number"),
        ("2026-11-20,L1,9,,sleeping", "bad_number"),
        ("2026-02-30,L1,9", "bad_number"),
        (",L1,9", "bad_number"),
        ("2026-11-20,L1," + "9" * 5_000, "bad_number"),
        ("2026-11-20,,9", "unknown_id"),
    ],
)
def test_a_row_that_makes_no_sense_is_told(tmp_path: Path, row: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        read_counts(write(tmp_path / "counts.csv", f"{HEADER}{row}\n"), LINES)
    assert [(f.row, f.code) for f in refused.value.faults] == [(2, code)]


def test_a_cell_beyond_all_measure_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read_counts(write(tmp_path / "counts.csv", f"{HEADER}2026-11-20,L1,{'9' * 200_000}\n"), LINES)
    assert (refused.value.code, refused.value.faults[0].file) == ("unreadable_csv", "counts.csv")


def test_a_header_alone_counts_nobody(tmp_path: Path) -> None:
    assert read_counts(write(tmp_path / "counts.csv", HEADER), LINES) == ({}, {})


def test_more_columns_and_very_many_people_are_welcome(tmp_path: Path) -> None:
    text = "note,state,booked,line_id,date\nx,running,1000000000000,L1,2026-11-20\n"
    counts, states = read_counts(write(tmp_path / "counts.csv", text), LINES)
    assert counts == {"L1": [DayCount(booked=10**12)]}
    assert states == {"L1": LineState.RUNNING}


def test_of_states_on_several_days_the_latest_holds_however_rows_are_ordered(tmp_path: Path) -> None:
    rows = ["2026-11-18,L1,1,,running", "2026-11-20,L1,1,,suspended", "2026-11-19,L1,1,,watch", "2026-11-21,L1,1,,"]
    for order in (rows, rows[::-1]):
        _, states = read_counts(write(tmp_path / "counts.csv", HEADER + "\n".join(order) + "\n"), LINES)
        assert states == {"L1": LineState.SUSPENDED}


def test_a_single_table_is_a_threshold_too(tmp_path: Path) -> None:
    one = read_policy(write(tmp_path / "a.toml", "[open]\npeople = 10\n"))
    assert one.open == (Threshold(people=10),)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    for read in (read_policy, lambda path: read_counts(path, LINES)):
        with pytest.raises(InputError) as refused:
            read(tmp_path / "nowhere")
        assert refused.value.code == "unreadable_file"

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


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    for read in (read_policy, lambda path: read_counts(path, LINES)):
        with pytest.raises(InputError) as refused:
            read(tmp_path / "nowhere")
        assert refused.value.code == "unreadable_file"

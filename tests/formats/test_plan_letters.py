"""Letters from plan documents alone: who gets one, and what it tells."""

from dataclasses import replace

import pytest

from routing.compare import RiderDiff, compare
from routing.evaluate import evaluate
from routing.formats.document import PlanDocument, describe_plan
from routing.formats.letters import Why
from routing.formats.plan_letters import diff_letters, plan_letters, why
from routing.model.plan import Plan
from routing.model.units import MINUTE_S
from tests.cases import IN, OUT, town, town_plan, with_seat, with_trip, without


def document(plan: Plan) -> PlanDocument:
    return describe_plan(town(), plan, evaluate(town(), plan))


def letters(before: Plan, after: Plan) -> dict[str, str]:
    """Return the letters by rider."""
    old, new = document(before), document(after)
    page = diff_letters(old, new, compare(old.plan, new.plan, old.departures(), new.departures())).decode()
    parts = page.split("<article><p>")[1:]
    return {part.split("</p>")[0]: part for part in parts}


def test_every_rider_of_a_plan_is_told_their_seat() -> None:
    page = plan_letters(document(town_plan())).decode()
    assert page.count("<article>") == 5
    assert "a Gate, stop Gate, 200 m on foot, 07:20 departure, 07:44 arrival" in page
    assert "fay" not in page


def test_nobody_is_written_to_where_nothing_changes() -> None:
    assert letters(town_plan(), town_plan()) == {}


def test_who_is_picked_up_elsewhere_is_told_both_stops() -> None:
    (told,) = letters(town_plan(), with_seat(town_plan(), "ann", IN, board_stop_id="market_in")).values()
    assert "Your stop changes." in told
    assert "stop Gate" in told
    assert "stop Market" in told
    assert "您的站点有变化" in told


def test_who_leaves_later_is_told_by_how_much() -> None:
    later = with_trip(town_plan(), "b_in", departure=7 * 3_600 + 48 * MINUTE_S)
    told = letters(town_plan(), later)
    assert sorted(told) == ["dan", "eve"]
    assert "You leave 8 min later." in told["dan"]
    assert "<h3>Home</h3>" not in told["dan"], "the way home is as it was"


def test_who_is_left_out_or_new_is_told_so() -> None:
    less = without(town_plan(), "cai")
    assert "no line can carry you" in letters(town_plan(), less)["cai"]
    assert "Welcome aboard" in letters(less, town_plan())["cai"]


def test_a_closed_line_is_given_as_the_reason() -> None:
    """Bob changes to line b, first while his own goes on, then because it closes."""
    moved = with_seat(town_plan(), "bob", OUT, trip_id="b_out", board_stop_id="south", alight_stop_id="quay")
    assert "You have a seat on another line." in letters(town_plan(), moved)["bob"]
    closed = replace(moved, lines=tuple(line for line in moved.lines if line.line_id != "a"))
    kept = replace(closed, assignments=tuple(a for a in closed.assignments if a.trip_id.startswith("b")))
    assert "Your line runs no more" in letters(town_plan(), kept)["bob"]


@pytest.mark.parametrize(
    ("change", "lines", "reason"),
    [
        ({"line_after": None}, {"a"}, Why.LEFT_OUT),
        ({"line_before": None}, {"a"}, Why.WELCOME),
        ({"line_after": "b"}, {"a", "b"}, Why.OTHER_LINE),
        ({"line_after": "b"}, {"b"}, Why.LINE_CLOSED),
        ({"stop_after": "t"}, {"a"}, Why.OTHER_STOP),
        ({"board_shift_s": 600}, {"a"}, Why.RETIMED),
    ],
)
def test_the_gravest_of_several_reasons_is_given(change: dict[str, object], lines: set[str], reason: Why) -> None:
    same = RiderDiff(
        rider_id="ann", direction=IN, line_before="a", line_after="a", stop_before="s", stop_after="s",
        board_shift_s=0, felt=True,
    )  # fmt: skip
    assert why(replace(same, **change), lines) is reason

"""Letters as a page: both languages, every fact, nothing that could be taken for markup."""

import pytest

from routing.formats.document import PlanDocument
from routing.formats.letters import Letter, SeatTold, WayTold, Why, letters_html
from routing.formats.plan_letters import plan_letters
from routing.model.demand import Direction

BEFORE = SeatTold(line_id="L1", line_name="海边 – 园区", stop="海边", walk_m=210, departs=27_000, arrives=29_400)
AFTER = SeatTold(line_id="L2", line_name="山上 – 园区", stop="山<上>", walk_m=430, departs=26_400, arrives=29_300)


def page(before: SeatTold | None = BEFORE, after: SeatTold | None = AFTER, why: Why = Why.OTHER_LINE) -> str:
    way = WayTold(direction=Direction.INBOUND, why=why, before=before, after=after)
    return letters_html([Letter(rider_id="r&1", ways=(way,))]).decode()


def test_a_letter_tells_old_and_new_seat_in_both_languages() -> None:
    told = page()
    for fact in (
        "L1 海边 – 园区",
        "stop 海边",
        "站点 海边",
        "210 m on foot",
        "步行 210 米",
        "07:30 departure",
        "07:30 发车",
    ):
        assert fact in told
    for fact in ("430 m on foot", "07:20 departure", "08:08 arrival", "08:08 到达"):
        assert fact in told
    assert "You leave 10 min earlier." in told
    assert "发车提前 10 分钟。" in told


def test_names_are_text_and_never_markup() -> None:
    told = page()
    assert "山&lt;上&gt;" in told
    assert "r&amp;1" in told


@pytest.mark.parametrize("why", Why)
def test_every_occasion_is_told_in_both_languages(why: Why) -> None:
    told = page(why=why)
    assert told != page(why=next(w for w in Why if w is not why))
    assert told.count("<p>") == 3


def test_a_side_without_a_seat_has_no_row() -> None:
    assert page(before=None, why=Why.WELCOME).count("<tr>") == 2
    assert page(after=None, why=Why.LEFT_OUT).count("<tr>") == 2
    assert page().count("<tr>") == 4


def test_a_shift_below_a_minute_is_not_told() -> None:
    same = SeatTold(line_id="L1", line_name="n", stop="s", walk_m=None, departs=27_020, arrives=None)
    assert "You leave" not in page(after=same)
    assert (
        "on foot"
        not in letters_html(
            [
                Letter(
                    rider_id="r",
                    ways=(WayTold(direction=Direction.OUTBOUND, why=Why.RETIMED, before=None, after=same),),
                )
            ]
        ).decode()
    )


def test_a_page_without_letters_says_so_and_made_up_people_are_labelled() -> None:
    assert "Nothing changes" in letters_html([]).decode()
    assert "Synthetic" in letters_html([], synthetic=True).decode()
    assert "Synthetic" not in letters_html([]).decode()


def test_it_loads_nothing_from_elsewhere() -> None:
    assert "http" not in page()
    assert "src=" not in page()


def test_a_plan_document_makes_a_letter_per_rider(document: PlanDocument) -> None:
    told = plan_letters(document).decode()
    riders = {seat.rider_id for seat in document.plan.assignments}
    assert told.count("<article>") == len(riders)
    assert all(rider_id in told for rider_id in riders)
    seat = document.plan.assignments[0]
    line = next(line for line, trip in document.plan.trips() if trip.trip_id == seat.trip_id)
    assert line.line_id in told
    assert "Welcome aboard" in told

"""Letters and driver sheets for any names, clocks and counts: one page, every fact, and no name ever markup."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.formats.document import DocumentCall, DocumentStop, PlanDocument
from routing.formats.driver_sheets import driver_sheets_html
from routing.formats.letters import Letter, SeatTold, WayTold, Why, letters_html
from routing.formats.plan_letters import plan_letters
from routing.model.demand import Direction
from routing.model.places import Location
from routing.model.units import format_clock
from tests.formats.documents import NAMES, documents
from tests.formats.unhurried import UNHURRIED

FEW = settings(UNHURRIED, max_examples=25)
CLOCKS = st.none() | st.integers(0, 40 * 3_600)
SEATS_TOLD = st.builds(
    SeatTold,
    line_id=NAMES,
    line_name=NAMES,
    stop=NAMES,
    walk_m=st.none() | st.integers(0, 3_000),
    departs=CLOCKS,
    arrives=CLOCKS,
)
WAYS = st.builds(
    WayTold,
    direction=st.sampled_from(Direction),
    why=st.sampled_from(Why),
    before=st.none() | SEATS_TOLD,
    after=st.none() | SEATS_TOLD,
)
LETTERS = st.lists(
    st.builds(Letter, rider_id=NAMES, ways=st.lists(WAYS, min_size=1, max_size=2).map(tuple)), max_size=3
)
TAGS = {"html", "meta", "title", "style", "p", "article", "h2", "h3", "table", "tr", "th", "td"}


class Page(HTMLParser):
    """Reads a page as a browser would: tags that are open, tags seen, and the text of cells."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: set[str] = set()
        self.cells: list[str] = []
        self.feed(content.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "td":
            self.cells[-1] += data


def seat(departs: int | None = None, **told: object) -> SeatTold:
    plain = SeatTold(line_id="L1", line_name="n", stop="s", walk_m=None, departs=departs, arrives=None)
    return replace(plain, **told)  # type: ignore[arg-type]


def one(before: SeatTold | None, after: SeatTold | None, why: Why = Why.RETIMED) -> str:
    way = WayTold(direction=Direction.INBOUND, why=why, before=before, after=after)
    return letters_html([Letter(rider_id="r", ways=(way,))]).decode()


@FEW
@given(letters=LETTERS)
def test_any_letters_are_one_well_formed_page_of_known_tags(letters: list[Letter]) -> None:
    page = Page(letters_html(letters))
    assert page.open == []
    assert set(page.seen) <= TAGS
    assert page.attributes == {"lang", "charset"}
    assert page.seen.count("article") == len(letters)
    assert page.seen.count("h3") == 2 * sum(len(letter.ways) for letter in letters)


@FEW
@given(letters=LETTERS)
def test_every_seat_is_told_with_its_names_as_they_are_in_two_languages(letters: list[Letter]) -> None:
    cells = Page(letters_html(letters)).cells
    seats = [s for letter in letters for _ in "ab" for way in letter.ways for s in (way.before, way.after) if s]
    assert len(cells) == len(seats)
    for cell, told in zip(cells, seats, strict=True):
        assert cell.startswith(f"{told.line_id} {told.line_name}")
        assert told.stop in cell
        assert (told.departs is None) or format_clock(told.departs)[:5] in cell
        assert ("on foot" in cell or "步行" in cell) or told.walk_m is None


@pytest.mark.parametrize(
    ("was", "becomes", "english", "chinese"),
    [
        (27_000, 27_060, "You leave 1 min later.", "发车推迟 1 分钟。"),
        (27_000, 26_400, "You leave 10 min earlier.", "发车提前 10 分钟。"),
        (27_000, 27_031, "You leave 1 min later.", "发车推迟 1 分钟。"),
        (86_000, 87_800, "You leave 30 min later.", "发车推迟 30 分钟。"),
    ],
)
def test_a_departure_that_moves_says_by_how_much_and_which_way(
    was: int, becomes: int, english: str, chinese: str
) -> None:
    told = one(seat(was), seat(becomes))
    assert english in told
    assert chinese in told


@pytest.mark.parametrize(
    ("before", "after"),
    [(seat(27_000), seat(27_029)), (seat(), seat(27_000)), (seat(27_000), seat()), (None, seat(27_000))],
)
def test_a_clock_that_is_unknown_or_stays_moves_nobody(before: SeatTold | None, after: SeatTold | None) -> None:
    told = one(before, after)
    assert "You leave" not in told
    assert "分钟" not in told


def test_what_is_not_known_is_not_told() -> None:
    cells = Page(one(None, seat()).encode()).cells
    assert cells == ["L1 n，站点 s", "L1 n, stop s"]
    full = seat(27_000, walk_m=0, arrives=90_000)
    assert Page(one(None, full).encode()).cells[1] == "L1 n, stop s, 0 m on foot, 07:30 departure, 25:00 arrival"


def test_old_and_new_seat_stand_in_this_order() -> None:
    told = one(seat(stop="old"), seat(stop="new"))
    for sides in (("原来", "现在"), ("before", "from now on")):
        assert told.index(f"<th>{sides[0]}</th>") < told.index(f"<th>{sides[1]}</th>")
    assert [("old" in cell, "new" in cell) for cell in Page(told.encode()).cells] == [(True, False), (False, True)] * 2


def test_both_directions_of_a_rider_are_in_one_letter() -> None:
    ways = tuple(WayTold(direction=d, why=Why.WELCOME, before=None, after=seat()) for d in Direction)
    told = letters_html([Letter(rider_id="r", ways=ways)]).decode()
    assert re.findall(r"<h3>(.*?)</h3>", told) == ["上班", "下班", "To work", "Home"]
    assert told.count("<article>") == 1


@FEW
@given(document=documents())
def test_a_plan_s_letters_go_to_everybody_with_a_seat_in_the_order_of_their_ids(document: PlanDocument) -> None:
    told = plan_letters(document).decode()
    riders = sorted({a.rider_id for a in document.plan.assignments})
    assert re.findall(r"<article><p>(.*?)</p>", told) == riders
    assert ("Nothing changes" in told) == (not riders)
    assert ("Synthetic:" in told) == document.origin.synthetic


def test_a_seat_on_a_trip_that_the_document_lacks_is_no_letter(document: PlanDocument) -> None:
    """Nobody is welcomed aboard what does not run."""
    gone = document.plan.assignments[0].rider_id
    lost = tuple(replace(a, trip_id="ghost") if a.rider_id == gone else a for a in document.plan.assignments)
    told = plan_letters(replace(document, plan=replace(document.plan, assignments=lost))).decode()
    assert f"<p>{gone}</p>" not in told
    assert told.count("<article>") == len({a.rider_id for a in lost}) - 1


def test_a_stop_without_a_name_is_told_by_its_id(document: PlanDocument) -> None:
    nameless = replace(document, stops=())
    assert "stop P1a" in plan_letters(nameless).decode()
    assert "<td>P1a</td>" in driver_sheets_html(nameless).decode()


@FEW
@given(document=documents())
def test_any_driver_sheets_are_one_well_formed_page_with_a_row_per_call(document: PlanDocument) -> None:
    page = Page(driver_sheets_html(document))
    calls = [call for trip in document.trips for call in trip.calls]
    assert page.open == []
    assert set(page.seen) <= TAGS
    assert page.seen.count("article") == len(document.plan.blocks)
    assert len(page.cells) == 6 * len(calls)
    names = {stop.stop_id: stop.name for stop in document.stops}
    # Blocks are drawn in the order of the trips.
    assert page.cells[::6] == [names[call.stop_id] for call in calls]
    assert page.cells[3::6] == [str(call.board) for call in calls]
    assert page.cells[5::6] == [str(call.load) for call in calls]


def test_what_a_document_does_not_say_is_an_empty_cell(document: PlanDocument) -> None:
    trip = document.trips[0]
    bare = replace(trip, calls=tuple(DocumentCall(stop_id=call.stop_id) for call in trip.calls))
    sheet = driver_sheets_html(replace(document, trips=(bare, *document.trips[1:]))).decode()
    assert sheet.count("<td></td>" * 5) == len(trip.calls)


def test_a_trip_of_a_block_that_the_plan_lacks_is_left_out(document: PlanDocument) -> None:
    block = document.plan.blocks[0]
    longer = replace(block, trip_ids=("ghost", *block.trip_ids))
    blocks = (longer, *document.plan.blocks[1:])
    spoilt = replace(document, plan=replace(document.plan, blocks=blocks))
    assert driver_sheets_html(spoilt) == driver_sheets_html(document)


def test_a_driver_is_told_names_as_text(document: PlanDocument) -> None:
    evil = "<script>alert('车')</script>"
    stop = DocumentStop(stop_id="P1a", place_id="P1", name=evil, location=Location(lon=121.0, lat=39.0))
    stops = tuple(stop if s.stop_id == "P1a" else s for s in document.stops)
    blocks = tuple(replace(b, depot_id=evil) for b in document.plan.blocks)
    spoilt = replace(document, stops=stops, plan=replace(document.plan, blocks=blocks))
    for content in (driver_sheets_html(spoilt), plan_letters(replace(document, stops=stops))):
        assert b"<script" not in content
        assert evil in unescape(content.decode())

"""What lines are called: the published names go on where the riders do, and new ones are really new."""

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.model.changes import ChangeCosts
from routing.model.rules import ServiceRules
from routing.solver import MaxIterations, solve
from routing.solver.naming import fresh_ids, match
from tests.drifting import drifted
from tests.solver.towns import RELAY_BOTH, Town

RULES = ServiceRules(min_load=1)
groups = st.lists(st.frozensets(st.integers(0, 12), max_size=6), max_size=5)


@settings(deadline=None)
@given(before=groups, after=groups)
def test_groups_are_matched_one_to_one_and_share_somebody(
    before: list[frozenset[int]], after: list[frozenset[int]]
) -> None:
    found = match(before, after)
    used = [x for x in found if x >= 0]
    assert len(found) == len(after)
    assert len(used) == len(set(used))
    assert all(before[x] & after[y] for y, x in enumerate(found) if x >= 0)


@settings(deadline=None)
@given(groups=groups)
def test_what_has_not_changed_is_matched_with_itself(groups: list[frozenset[int]]) -> None:
    """As far as its members tell."""
    found = match(groups, groups)
    assert all(groups[x] & group for group, x in zip(groups, found, strict=True) if group)
    kept = sum(len(groups[x] & group) for group, x in zip(groups, found, strict=True) if x >= 0)
    assert kept == sum(map(len, groups))


def test_most_members_decide_even_against_the_first_come() -> None:
    assert match([{1, 2, 3}, {4, 5}], [{1, 4, 5}, {2, 3}]) == [1, 0]


def test_heavy_members_outweigh_many() -> None:
    assert match([{1, 2, 3}, {4, 5}], [{1, 4, 5}, {2, 3}], {1: 9, 2: 1, 3: 1, 4: 1, 5: 1}.__getitem__) == [0, -1]


def test_new_ids_avoid_those_in_use() -> None:
    assert fresh_ids("L", {"L001", "L003"}, 3) == ["L002", "L004", "L005"]


def test_a_line_keeps_its_names_as_long_as_most_of_its_riders_stay() -> None:
    drift = drifted(Town(riders=60, depots=1, rules=RULES, seed=2))
    problem = drift.priced(ChangeCosts.flat(200))
    plan = solve(problem, stop=MaxIterations(iterations=1_500), incumbent=drift.running).plan
    old, new = ({line.line_id: line for line in p.lines} for p in (drift.running, plan))
    line_of = [{t.trip_id: line.line_id for line, t in p.trips()} for p in (drift.running, plan)]
    was, now = (
        {a.rider_id: names[a.trip_id] for a in p.assignments}
        for names, p in zip(line_of, (drift.running, plan), strict=True)
    )
    stayers = was.keys() & now.keys()
    for line_id, line in old.items():
        riders = {r for r in stayers if was[r] == line_id}
        if 2 * sum(now[r] == line_id for r in riders) > len(riders):
            assert new[line_id].name == line.name
            assert [t.trip_id for t in new[line_id].trips] == [t.trip_id for t in line.trips]
    for line_id in new.keys() - old.keys():
        riders = {r for r in stayers if now[r] == line_id}
        assert all(2 * sum(was[r] == was[s] for s in riders) <= 2 * len(riders) for r in riders)
    ids = [t.trip_id for _, t in plan.trips()]
    assert len(ids) == len(set(ids))


def test_directions_planned_apart_come_back_under_the_line_they_belong_to() -> None:
    rules = ServiceRules(min_load=1, same_line_both_ways=False, turnaround_s=120)
    drift = drifted(Town(riders=50, places=14, shifts=RELAY_BOTH, rules=rules, seed=1))
    problem = drift.priced(None)
    plan = solve(problem, stop=MaxIterations(iterations=200), incumbent=drift.running).plan
    ids = [line.line_id for line in plan.lines]
    assert len(ids) == len(set(ids))
    before = {t.trip_id: line.line_id for line, t in drift.running.trips()}
    after = {t.trip_id: line.line_id for line, t in plan.trips()}
    shared = before.keys() & after.keys()
    assert len(shared) > 0.8 * len(before)
    assert all(before[t] == after[t] for t in shared)


def test_a_pinned_riders_line_keeps_its_name_though_most_others_leave_it() -> None:
    before = [{"p", "a", "b", "c"}, {"d", "e"}]
    after = [{"a", "b", "c", "d"}, {"p", "e"}]
    assert match(before, after) == [0, 1]
    assert match(before, after, lambda member: 100 if member == "p" else 1) == [1, 0]

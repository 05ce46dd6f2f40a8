"""Plans' documents never change; their states go step by step, and dates decide what is in force."""

import datetime as dt
import itertools
import json
from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from api.errors import ApiError
from api.store import Store
from api.store.audit import Deed, read_audit
from api.store.plans import (
    STEPS,
    Publication,
    approve_plan,
    find_plan,
    in_force,
    insert_plan,
    list_plans,
    list_publications,
    move_plan,
    plan_bytes,
    publish_plan,
    retire_plan,
)
from api.store.schema import events
from api.store.states import PlanState
from tests.api.samples import DEED, document, kept_plan, kept_scenario

MONDAY = dt.date(2026, 11, 23)
OTHER = Deed(actor="key_other", at=DEED.at + 1)


def test_a_document_is_kept_under_an_id_of_ours(store: Store) -> None:
    with store.write() as connection:
        record = kept_plan(connection)
        kept = json.loads(plan_bytes(connection, record.plan_id))
    assert kept == document() | {"plan_id": record.plan_id, "digest": "plan_0123"}
    assert (record.state, record.version, record.summary["lines"]) == (PlanState.DRAFT, 1, 1)


def test_a_plan_that_is_not_there_is_told(store: Store) -> None:
    with store.read() as connection:
        for ask in (find_plan, plan_bytes):
            with pytest.raises(ApiError) as refused:
                ask(connection, "plan_none")
            assert refused.value.code == "not_found"


def test_a_plan_goes_from_draft_to_retired_and_back(store: Store) -> None:
    with store.write() as connection:
        plan = kept_plan(connection)
        plan = move_plan(connection, plan, PlanState.PROPOSED, DEED)
        plan = approve_plan(connection, plan, OTHER, two_persons=True)
        plan = publish_plan(connection, plan, MONDAY, OTHER)
        assert [p.plan_id for p in list_publications(connection)] == [plan.plan_id]
        plan = retire_plan(connection, plan, OTHER)
        assert list_publications(connection) == ()
        plan = publish_plan(connection, plan, MONDAY, OTHER)
        assert (plan.state, plan.version, plan.changed_at) == (PlanState.PUBLISHED, 6, OTHER.at)
        told = connection.execute(sa.select(events.c.type).order_by(events.c.event_id)).scalars().all()
        assert told == [f"plan.{word}" for word in ("proposed", "approved", "published", "retired", "published")]
        assert [e.action for e in read_audit(connection, subject=plan.plan_id)][-1] == "plan.create"


@pytest.mark.parametrize(("before", "after"), list(itertools.product(PlanState, PlanState)))
def test_a_step_that_is_not_allowed_is_refused_and_leaves_the_plan(
    file_store: Store, before: PlanState, after: PlanState
) -> None:
    with file_store.write() as connection:
        record = replace(kept_plan(connection), state=before)
        if before in STEPS[after]:
            assert move_plan(connection, record, after, DEED).state is after
            return
        with pytest.raises(ApiError) as refused:
            move_plan(connection, record, after, DEED)
        assert refused.value.code == "wrong_state"
        assert find_plan(connection, record.plan_id).version == 1


def test_whoever_made_a_plan_may_not_approve_it_where_two_are_needed(store: Store) -> None:
    with store.write() as connection:
        plan = kept_plan(connection)
        with pytest.raises(ApiError) as refused:
            approve_plan(connection, plan, DEED, two_persons=True)
        assert refused.value.code == "own_approval"
        assert approve_plan(connection, plan, DEED, two_persons=False).state is PlanState.APPROVED


def test_a_draft_that_was_given_up_cannot_be_published_past_the_approval(store: Store) -> None:
    with store.write() as connection:
        plan = retire_plan(connection, kept_plan(connection), DEED)
        with pytest.raises(ApiError) as refused:
            publish_plan(connection, plan, MONDAY, DEED)
    assert refused.value.code == "wrong_state"


def test_plans_are_listed_by_state_and_page(store: Store) -> None:
    with store.write() as connection:
        made = [kept_plan(connection, document(f"plan_{n}")) for n in range(4)]
        move_plan(connection, made[1], PlanState.PROPOSED, DEED)
        assert [p.plan_id for p in list_plans(connection, state=PlanState.PROPOSED)] == [made[1].plan_id]
        page = list_plans(connection, service="town", limit=3)
        rest = list_plans(connection, service="town", limit=3, after=page[-1].plan_id)
        assert [p.plan_id for p in page + rest] == [p.plan_id for p in reversed(made)]
        assert list_plans(connection, service="village") == ()


def test_a_plan_needs_a_scenario_that_exists(store: Store) -> None:
    def work(connection: Connection) -> None:
        kept_scenario(connection)
        insert_plan(connection, service="town", scenario_id="scn_none", document=document(), deed=DEED)

    with pytest.raises(IntegrityError):
        store.transact(work)


def published(number: int, start: int, *, withdrawn: bool = False) -> Publication:
    return Publication(
        publication=number,
        service="town",
        plan_id=f"plan_{number}",
        effective_from=MONDAY + dt.timedelta(days=start),
        published_at=0,
        published_by="k",
        withdrawn_at=0 if withdrawn else None,
    )


def test_a_fix_until_spring_does_not_undo_the_plan_for_spring() -> None:
    """Plan 2 is meant from day 60 on; plan 3, published later, from day 30."""
    all_ = [published(1, 0), published(2, 60), published(3, 30)]
    found = [in_force(all_, "town", MONDAY + dt.timedelta(days=day)) for day in (-1, 0, 29, 30, 59, 60, 99)]
    assert [p and p.publication for p in found] == [None, 1, 1, 3, 3, 2, 2]


def test_rolling_back_on_the_same_day_wins() -> None:
    all_ = [published(1, 0), published(2, 30), replace(published(3, 30), plan_id="plan_1")]
    found = in_force(all_, "town", MONDAY + dt.timedelta(days=30))
    assert found is not None
    assert found.plan_id == "plan_1"


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=8), st.integers(-1, 10))
def test_what_is_in_force_has_begun_and_nothing_has_begun_later(given_: list[tuple[int, bool]], day: int) -> None:
    all_ = [published(n, start, withdrawn=withdrawn) for n, (start, withdrawn) in enumerate(given_)]
    date = MONDAY + dt.timedelta(days=day)
    found = in_force(all_, "town", date)
    begun = [p for p in all_ if p.effective_from <= date and p.withdrawn_at is None]
    if found is None:
        assert begun == []
        return
    assert found in begun
    assert all(p.effective_from < found.effective_from or p.publication <= found.publication for p in begun)
    assert all(p.effective_from <= found.effective_from for p in begun)
    assert in_force(all_, "village", date) is None

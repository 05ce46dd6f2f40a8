"""Any order of steps by anybody: states, versions, publications and the audit log agree at every moment."""

import datetime as dt

import pytest
from hypothesis import settings as profile
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from api.errors import ApiError
from api.store import open_store
from api.store.audit import Deed, read_audit
from api.store.migrate import upgrade
from api.store.plans import (
    PlanRecord,
    approve_plan,
    find_plan,
    in_force,
    list_publications,
    move_plan,
    plan_bytes,
    publish_plan,
    retire_plan,
)
from api.store.states import PlanState
from tests.api.samples import DEED, document, kept_plan

MONDAY = dt.date(2026, 11, 23)
DAYS = st.integers(0, 20)


class Life(RuleBasedStateMachine):
    """Plans of one service, and a model of them that knows nothing of a database."""

    folder: str

    @initialize()
    def begin(self) -> None:
        self.store = open_store(f"sqlite:///{self.folder}/{id(self)}.db")
        upgrade(self.store)
        self.states: dict[str, PlanState] = {}
        self.approved: set[str] = set()
        self.published: list[tuple[str, int, bool]] = []
        self.documents: dict[str, bytes] = {}
        self.steps = 0

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    @rule()
    def draw_up(self) -> None:
        with self.store.write() as connection:
            plan = kept_plan(connection, document(f"plan_{len(self.states)}"))
            self.documents[plan.plan_id] = plan_bytes(connection, plan.plan_id)
        self.states[plan.plan_id] = plan.state

    def take(self, plan_id: str, to: PlanState, day: int = 0) -> bool:
        """Try a step, and tell whether it was allowed."""
        deed = Deed(actor="key_other", at=DEED.at)
        with self.store.write() as connection:
            record: PlanRecord = find_plan(connection, plan_id, lock=True)
            try:
                if to is PlanState.APPROVED:
                    approve_plan(connection, record, deed, two_persons=True)
                elif to is PlanState.PUBLISHED:
                    publish_plan(connection, record, MONDAY + dt.timedelta(days=day), deed)
                elif to is PlanState.RETIRED:
                    retire_plan(connection, record, deed)
                else:
                    move_plan(connection, record, to, deed)
            except ApiError as refused:
                assert refused.code == "wrong_state"  # noqa: PT017 - both ways are looked at
                return False
        self.states[plan_id] = to
        self.steps += 1
        return True

    @precondition(lambda self: self.states)
    @rule(data=st.data())
    def propose(self, data: st.DataObject) -> None:
        plan_id = data.draw(st.sampled_from(sorted(self.states)))
        before = self.states[plan_id]
        assert self.take(plan_id, PlanState.PROPOSED) is (before is PlanState.DRAFT)

    @precondition(lambda self: self.states)
    @rule(data=st.data())
    def approve(self, data: st.DataObject) -> None:
        plan_id = data.draw(st.sampled_from(sorted(self.states)))
        before = self.states[plan_id]
        done = self.take(plan_id, PlanState.APPROVED)
        assert done is (before in {PlanState.DRAFT, PlanState.PROPOSED})
        if done:
            self.approved.add(plan_id)

    @precondition(lambda self: self.states)
    @rule(data=st.data(), day=DAYS)
    def publish(self, data: st.DataObject, day: int) -> None:
        plan_id = data.draw(st.sampled_from(sorted(self.states)))
        assert self.take(plan_id, PlanState.PUBLISHED, day) is (plan_id in self.approved)
        if plan_id in self.approved:
            self.published.append((plan_id, day, True))

    @precondition(lambda self: self.states)
    @rule(data=st.data())
    def retire(self, data: st.DataObject) -> None:
        plan_id = data.draw(st.sampled_from(sorted(self.states)))
        before = self.states[plan_id]
        assert self.take(plan_id, PlanState.RETIRED) is (before is not PlanState.RETIRED)
        self.published = [(name, day, stands and name != plan_id) for name, day, stands in self.published]

    @invariant()
    def nothing_unapproved_is_in_force_and_what_is_is_what_was_decided(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.read() as connection:
            all_ = list_publications(connection, "town")
            for day in range(0, 22, 7):
                found = in_force(all_, "town", MONDAY + dt.timedelta(days=day))
                begun = [
                    (start, place, name)
                    for place, (name, start, stands) in enumerate(self.published)
                    if stands and start <= day
                ]
                assert (found and found.plan_id) == (max(begun)[2] if begun else None)
                assert found is None or found.plan_id in self.approved

    @invariant()
    def states_documents_and_log_agree(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.read() as connection:
            for plan_id, state in self.states.items():
                assert find_plan(connection, plan_id).state is state
                assert plan_bytes(connection, plan_id) == self.documents[plan_id]
            entries = [entry for entry in read_audit(connection, limit=500) if entry.actor == "key_other"]
        assert len(entries) == self.steps


def test_plans_keep_their_promises_in_any_order(tmp_path_factory: pytest.TempPathFactory) -> None:
    Life.folder = str(tmp_path_factory.mktemp("life"))
    run_state_machine_as_test(Life, settings=profile(max_examples=6, stateful_step_count=25, deadline=None))

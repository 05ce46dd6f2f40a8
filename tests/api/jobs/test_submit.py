"""From a request to a job whose inputs cannot change, and back to files."""

import stat
from pathlib import Path

import pytest

from api.errors import ApiError
from api.jobs.comparing import CompareParams
from api.jobs.planning import EvaluateParams, PlanParams
from api.jobs.submit import fetch_inputs, submit, write_files
from api.store import Store
from api.store.jobs import JobRecord
from tests.api.samples import DEED, FILES, SEALER, document, kept_plan, kept_scenario


def submitted(store: Store, params: PlanParams | EvaluateParams | CompareParams) -> JobRecord:
    return store.transact(lambda c: submit(c, SEALER, params, DEED))


def test_a_service_becomes_its_newest_scenario_for_good(file_store: Store) -> None:
    first = file_store.transact(kept_scenario)
    job = submitted(file_store, PlanParams(scenario="town"))
    assert job.params["scenario"] == first.scenario_id
    file_store.transact(lambda c: kept_scenario(c, FILES | {"stops.csv": b"x"}))
    assert submitted(file_store, PlanParams(scenario="town")).params["scenario"] != first.scenario_id


def test_the_digest_tells_whether_two_jobs_are_the_same_work(file_store: Store) -> None:
    file_store.transact(kept_scenario)
    base = PlanParams(scenario="town", seed=1)
    same = [base, base.model_copy(update={"workers": 8})]
    other = [base.model_copy(update=change) for change in ({"seed": 2}, {"bound": True}, {"iterations": 5})]
    digests = [submitted(file_store, params).input_digest for params in same + other]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_other_riders_are_other_input(file_store: Store) -> None:
    file_store.transact(kept_scenario)
    before = submitted(file_store, PlanParams(scenario="town")).input_digest
    file_store.transact(lambda c: kept_scenario(c, FILES | {"riders.csv": b"rider_id\n"}))
    assert submitted(file_store, PlanParams(scenario="town")).input_digest != before


def test_the_same_decisions_under_another_id_are_the_same_input(file_store: Store) -> None:
    plans = [file_store.transact(kept_plan).plan_id for _ in range(2)]
    other = file_store.transact(lambda c: kept_plan(c, document("plan_9"))).plan_id
    digests = [submitted(file_store, EvaluateParams(plan=plan)).input_digest for plan in (*plans, other)]
    assert digests[0] == digests[1] != digests[2]


def test_the_order_of_two_plans_matters(file_store: Store) -> None:
    before, after = (file_store.transact(lambda c, n=n: kept_plan(c, document(f"plan_{n}"))).plan_id for n in (1, 2))
    one = submitted(file_store, CompareParams(before=before, after=after))
    other = submitted(file_store, CompareParams(before=after, after=before))
    assert one.input_digest != other.input_digest


def test_inputs_become_files_of_the_task(file_store: Store, tmp_path: Path) -> None:
    plan = file_store.transact(kept_plan)
    job = submitted(file_store, EvaluateParams(plan=plan.plan_id))
    fetch_inputs(file_store, SEALER, job, tmp_path)
    assert {p.name: p.read_bytes() for p in (tmp_path / "scenario").iterdir()} == FILES
    assert plan.plan_id.encode() in (tmp_path / "plan.json").read_bytes()


def test_a_comparison_needs_no_scenario(file_store: Store, tmp_path: Path) -> None:
    plan = file_store.transact(kept_plan).plan_id
    job = submitted(file_store, CompareParams(before=plan, after=plan))
    assert job.params["scenario"] is None
    (tmp_path / "task").mkdir()
    fetch_inputs(file_store, SEALER, job, tmp_path / "task")
    assert sorted(p.name for p in (tmp_path / "task").iterdir()) == ["after.json", "before.json"]


@pytest.mark.parametrize("name", ["../riders.csv", "a/b.csv", "/etc/passwd"])
def test_no_file_is_written_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(ApiError) as refused:
        write_files(tmp_path / "scenario", {name: b"x"})
    assert refused.value.code == "invalid_request"
    assert list((tmp_path / "scenario").iterdir()) == []


def test_a_temporary_folder_is_the_owners_alone() -> None:
    """Homes stand in it while a job is worked on."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="banche-job-") as folder:
        assert stat.S_IMODE(Path(folder).stat().st_mode) == 0o700

"""Jobs: one lease at a time, ends written once, events without a gap."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import settings as profile
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from api.errors import ApiError
from api.store import Store, jobs, open_store
from api.store.jobs import JobRecord
from api.store.migrate import upgrade
from api.store.states import JobState
from tests.api.samples import DEED, NOW

LEASE_S = 10


def queued(store: Store, kind: str = "plan") -> JobRecord:
    return store.transact(lambda c: jobs.insert_job(c, kind=kind, params={"n": 1}, input_digest="d", deed=DEED))


def leased(store: Store, now: int = NOW, attempts: int = 3) -> JobRecord | None:
    return store.transact(lambda c: jobs.lease_job(c, lease_s=LEASE_S, attempts=attempts, now=now))


def seen(store: Store, job: JobRecord) -> JobRecord:
    with store.read() as connection:
        return jobs.find_job(connection, job.job_id)


def told(store: Store, job: JobRecord) -> list[tuple[int, str, object]]:
    with store.read() as connection:
        events = jobs.events_after(connection, job.job_id, 0)
    return [(event.number, event.type, event.data.get("state")) for event in events]


def test_jobs_are_leased_in_the_order_in_which_they_came(store: Store) -> None:
    first, second = queued(store), queued(store)
    found = [leased(store), leased(store), leased(store)]
    assert [job and job.job_id for job in found] == [first.job_id, second.job_id, None]
    assert found[0] is not None
    assert (found[0].state, found[0].attempts, found[0].lease_until) == (JobState.RUNNING, 1, NOW + 10_000)


def test_many_workers_never_lease_the_same_job(store: Store) -> None:
    made = {queued(store).job_id for _ in range(20)}
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: leased(store), range(24)))
    got = [job.job_id for job in found if job is not None]
    assert len(got) == len(set(got))
    rest = []
    while (job := leased(store)) is not None:  # a row locked by another is skipped, and may be left over
        rest.append(job.job_id)
    assert set(got) | set(rest) == made


def test_a_silent_worker_loses_its_job_and_cannot_end_it(store: Store) -> None:
    queued(store)
    first = leased(store)
    assert first is not None
    assert leased(store, NOW + 10_000) is None
    second = leased(store, NOW + 10_001)
    assert second is not None
    assert (second.job_id, second.attempts) == (first.job_id, 2)
    with store.write() as connection:
        assert not jobs.still_mine(connection, first)
        assert jobs.still_mine(connection, second)
        assert not jobs.note_progress(connection, first, {"done": 1}, NOW)
        assert jobs.renew_lease(connection, first, lease_s=LEASE_S, now=NOW) is None
        jobs.give_back(connection, first, counted=True, now=NOW)
    assert seen(store, first).lease == second.lease


def test_a_lease_that_is_renewed_lasts(store: Store) -> None:
    queued(store)
    job = leased(store)
    assert job is not None
    with store.write() as connection:
        kept = jobs.renew_lease(connection, job, lease_s=LEASE_S, now=NOW + 9_000)
    assert kept is not None
    assert kept.lease_until == NOW + 19_000
    assert leased(store, NOW + 19_000) is None


def test_a_job_that_kills_its_workers_fails_in_the_end(store: Store) -> None:
    job = queued(store)
    for attempt in range(3):
        assert leased(store, NOW + attempt * 20_000) is not None
    assert leased(store, NOW + 60_000) is None
    ended = seen(store, job)
    assert ended.state is JobState.FAILED
    assert ended.error is not None
    assert ended.error["code"] == "worker_lost"


def test_a_job_that_was_given_back_by_a_leaving_worker_does_not_count(store: Store) -> None:
    job = queued(store)
    for counted, attempts in ((False, 1), (True, 1), (False, 2)):
        mine = leased(store)
        assert mine is not None
        assert mine.attempts == attempts
        with store.write() as connection:
            jobs.give_back(connection, mine, counted=counted, now=NOW)
    assert seen(store, job).state is JobState.QUEUED


def test_progress_counts_versions_and_events(store: Store) -> None:
    queued(store)
    job = leased(store)
    assert job is not None
    with store.write() as connection:
        for done in (0.1, 0.2):
            assert jobs.note_progress(connection, job, {"phase": "search", "done": done}, NOW)
    after = seen(store, job)
    assert (after.version, after.progress) == (job.version + 2, {"phase": "search", "done": 0.2})
    assert told(store, job) == [
        (1, "state", "queued"),
        (2, "state", "running"),
        (3, "progress", None),
        (4, "progress", None),
    ]
    with store.read() as connection:
        assert [e.number for e in jobs.events_after(connection, job.job_id, 3)] == [4]


def test_files_of_a_job_come_back(store: Store) -> None:
    queued(store)
    job = leased(store)
    assert job is not None
    with store.write() as connection:
        jobs.end_job(connection, job, JobState.SUCCEEDED, now=NOW, result={"x": 1}, files={"diff.json": b"{}" * 999})
        assert jobs.job_file(connection, job.job_id, "diff.json") == b"{}" * 999
        with pytest.raises(ApiError) as refused:
            jobs.job_file(connection, job.job_id, "letters.zip")
    assert refused.value.code == "not_found"
    ended = seen(store, job)
    assert (ended.state, ended.result, ended.lease, ended.ended_at) == (JobState.SUCCEEDED, {"x": 1}, None, NOW)


def test_jobs_are_listed_by_state_and_page(store: Store) -> None:
    made = [queued(store).job_id for _ in range(3)]
    leased(store)
    with store.read() as connection:
        assert [job.job_id for job in jobs.list_jobs(connection, limit=2)] == made[:0:-1]
        assert [job.job_id for job in jobs.list_jobs(connection, after=made[1])] == made[:1]
        assert [job.job_id for job in jobs.list_jobs(connection, state=JobState.RUNNING)] == made[:1]


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_when_heard(store: Store) -> None:
    waiting = queued(store)
    with store.write() as connection:
        assert jobs.ask_to_cancel(connection, waiting, DEED).state is JobState.CANCELLED
    queued(store)
    running = leased(store)
    assert running is not None
    with store.write() as connection:
        asked = jobs.ask_to_cancel(connection, running, DEED)
    assert (asked.state, asked.cancel_asked) == (JobState.RUNNING, True)
    assert leased(store, NOW + 60_000) is None  # its worker died before it heard: nobody begins it again
    assert seen(store, running).state is JobState.CANCELLED


@pytest.mark.parametrize(
    ("end", "stop", "cancel"),
    [
        (JobState.SUCCEEDED, None, "wrong_state"),
        (JobState.STOPPED, None, "wrong_state"),
        (JobState.FAILED, "wrong_state", "wrong_state"),
        (JobState.CANCELLED, "wrong_state", None),
    ],
)
def test_what_has_ended_can_be_asked_for_no_other_end(
    file_store: Store, end: JobState, stop: str | None, cancel: str | None
) -> None:
    job = queued(file_store)
    with file_store.write() as connection:
        jobs.end_job(connection, job, end, now=NOW)
        ended = jobs.find_job(connection, job.job_id)
        for ask, code in ((jobs.ask_to_stop, stop), (jobs.ask_to_cancel, cancel)):
            if code is None:
                assert ask(connection, ended, DEED) == ended
                continue
            with pytest.raises(ApiError) as refused:
                ask(connection, ended, DEED)
            assert refused.value.code == code


class Leases(RuleBasedStateMachine):
    """Workers lease, renew, tell, die and end in any order: no job ends twice, none is worked on by two."""

    folder: str

    @initialize()
    def begin(self) -> None:
        self.store, self.now, self.held, self.ends = open_store(f"sqlite:///{self.folder}/{id(self)}.db"), NOW, [], {}
        upgrade(self.store)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    @rule()
    def submit(self) -> None:
        queued(self.store)

    @rule()
    def lease(self) -> None:
        job = leased(self.store, self.now, attempts=99)
        if job is not None:
            self.held.append(job)

    @rule(seconds=st.integers(1, 15))
    def wait(self, seconds: int) -> None:
        self.now += seconds * 1_000

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.held))
        with self.store.write() as connection:
            jobs.renew_lease(connection, job, lease_s=LEASE_S, now=self.now)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.held))
        with self.store.write() as connection:
            if jobs.still_mine(connection, job):
                jobs.end_job(connection, job, JobState.SUCCEEDED, now=self.now)
                self.ends[job.job_id] = self.ends.get(job.job_id, 0) + 1

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.held))
        with self.store.write() as connection:
            jobs.give_back(connection, job, counted=False, now=self.now)

    @invariant()
    def nothing_ends_twice_and_no_two_hold_a_job(self) -> None:
        assert all(number == 1 for number in getattr(self, "ends", {}).values())
        holders: dict[str, int] = {}
        for job in getattr(self, "held", []):
            with self.store.read() as connection:
                holders[job.job_id] = holders.get(job.job_id, 0) + jobs.still_mine(connection, job)
        assert all(number <= 1 for number in holders.values())


def test_leases_keep_their_promise_in_any_order(tmp_path_factory: pytest.TempPathFactory) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    Leases.folder = str(tmp_path_factory.mktemp("leases"))
    run_state_machine_as_test(Leases, settings=profile(max_examples=8, stateful_step_count=25, deadline=None))

"""Housekeeping that every worker does."""

from api.desk import Desk
from api.jobs.chores import CHORES
from api.store.answers import KeptAnswer, find_answer, keep_answer
from tests.api.conftest import Watch


def chore(name: str, desk: Desk) -> int:
    (found,) = [chore for chore in CHORES if chore.name == name]
    return found.do(desk)


def test_old_answers_are_forgotten(desk: Desk, watch: Watch) -> None:
    kept = KeptAnswer(request_digest="d", status=200, headers={}, body=b"{}")
    with desk.store.write() as connection:
        keep_answer(connection, "key", "old", kept, watch.now - 86_400_000)
        keep_answer(connection, "key", "young", kept, watch.now)
    assert chore("forget_answers", desk) == 1
    with desk.store.read() as connection:
        assert find_answer(connection, "key", "young", watch.now) == kept


def test_every_chore_has_a_name_of_its_own_and_rests_between() -> None:
    assert len({chore.name for chore in CHORES}) == len(CHORES)
    assert all(chore.every_ms >= 100 for chore in CHORES)

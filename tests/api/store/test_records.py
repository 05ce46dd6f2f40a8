"""Keys, audit log, answers and events, as they are written and read."""

import pytest
import sqlalchemy as sa

from api.clock import DAY_MS
from api.errors import ApiError
from api.store import Store
from api.store.answers import KeptAnswer, find_answer, forget_answers, keep_answer
from api.store.audit import Deed, note, read_audit
from api.store.keys import create_key, find_key, list_keys, revoke_key
from api.store.outbox import emit
from api.store.schema import api_keys, events

NOW = 1_700_000_000_000


def test_a_key_is_found_by_itself_and_kept_as_a_digest_alone(store: Store) -> None:
    with store.write() as connection:
        made, secret = create_key(connection, name="booking", scopes=["booking", "plan:read"], now=NOW)
    with store.read() as connection:
        assert find_key(connection, secret) == made
        assert find_key(connection, secret + "x") is None
        row = connection.execute(sa.select(api_keys)).one()
    assert secret not in "".join(map(str, row))
    assert secret.startswith("banche_")
    assert len(secret) == 39


def test_a_key_ends_when_it_expires_or_is_revoked(store: Store) -> None:
    with store.write() as connection:
        short, _ = create_key(connection, name="", scopes=["booking"], now=NOW, expires_at=NOW + 10)
        assert (short.valid(NOW + 9), short.valid(NOW + 10)) == (True, False)
        long, _ = create_key(connection, name="", scopes=["booking"], now=NOW)
        assert long.valid(NOW + 10**12)
        revoke_key(connection, long.key_id, NOW)
        revoke_key(connection, long.key_id, NOW + 5)
        assert [key.revoked_at for key in list_keys(connection)] == [None, NOW]
        with pytest.raises(ApiError) as refused:
            revoke_key(connection, "key_none", NOW)
    assert refused.value.code == "not_found"


def test_the_audit_log_is_read_backwards_and_by_subject(store: Store) -> None:
    deed = Deed(actor="key_1", at=NOW, trace_id="t")
    with store.write() as connection:
        for number in range(3):
            note(connection, deed, "plan.publish", f"plan_{number % 2}", number=number)
        entries = read_audit(connection)
        assert [entry.details["number"] for entry in entries] == [2, 1, 0]
        assert [e.details["number"] for e in read_audit(connection, subject="plan_0")] == [2, 0]
        assert [e.details["number"] for e in read_audit(connection, before=entries[0].entry, limit=1)] == [1]
    assert (entries[0].actor, entries[0].trace_id, entries[0].action) == ("key_1", "t", "plan.publish")


def test_an_answer_is_kept_for_a_day(store: Store) -> None:
    kept = KeptAnswer(request_digest="d", status=201, headers={"ETag": '"1"'}, body=b"{}")
    with store.write() as connection:
        keep_answer(connection, "key", "once", kept, NOW)
        assert find_answer(connection, "key", "once", NOW + DAY_MS - 1) == kept
        assert find_answer(connection, "other", "once", NOW) is None
        assert find_answer(connection, "key", "once", NOW + DAY_MS) is None
        keep_answer(connection, "key", "once", kept, NOW + DAY_MS)
        assert forget_answers(connection, NOW + DAY_MS) == 0
        assert forget_answers(connection, NOW + 2 * DAY_MS) == 1


def test_an_event_goes_with_its_transaction(store: Store) -> None:
    def work(connection: sa.engine.Connection) -> None:
        emit(connection, "plan.published", "plan_1", {}, NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.transact(work)
    with store.write() as connection:
        event_id = emit(connection, "plan.published", "plan_1", {"lines": 3}, NOW)
    with store.read() as connection:
        row = connection.execute(sa.select(events)).one()
    assert (row.event_id, row.type, row.data, row.fanned_out_at) == (event_id, "plan.published", {"lines": 3}, None)

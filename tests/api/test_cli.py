"""The commands around the API."""

import json
from pathlib import Path

import pytest

from api.cli import main
from api.store import open_store
from api.store.audit import read_audit
from api.store.keys import find_key


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv("BANCHE_DB", raising=False)
    return f"sqlite:///{tmp_path / 'new' / 'banche.db'}"


def banche(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return int(left.value.code or 0)


def test_a_key_is_printed_once_and_alone_and_works(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert banche("keys", "create", "--scope", "booking", "--scope", "plan:read", "--name", "app", "--db", db) == 0
    secret = capsys.readouterr().out.strip()
    store = open_store(db)
    with store.read() as connection:
        key = find_key(connection, secret)
        entries = read_audit(connection)
    store.close()
    assert key is not None
    assert (key.name, sorted(key.scopes)) == ("app", ["booking", "plan:read"])
    assert [(e.actor, e.action, e.subject) for e in entries] == [("cli", "key.create", key.key_id)]


def test_keys_are_listed_without_the_keys_and_can_be_revoked(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    banche("keys", "create", "--scope", "booking", "--days", "3", "--db", db)
    secret = capsys.readouterr().out.strip()
    banche("keys", "list", "--db", db, "--json")
    text = capsys.readouterr().out
    (row,) = json.loads(text)["keys"]
    assert secret not in text
    assert (row["scopes"], row["revoked_at"]) == (["booking"], None)
    assert banche("keys", "revoke", row["key_id"], "--db", db) == 0
    capsys.readouterr()
    banche("keys", "list", "--db", db)
    assert " revoked " in capsys.readouterr().out


def test_a_key_that_is_not_there_cannot_be_revoked(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert banche("keys", "revoke", "key_none", "--db", db) == 2
    assert "[not_found]" in capsys.readouterr().err


def test_a_scope_that_does_not_exist_is_refused(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert banche("keys", "create", "--scope", "everything", "--db", db) == 2
    assert "plan:read" in capsys.readouterr().err


def test_a_database_is_brought_up_to_date_twice(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert banche("db", "upgrade", "--db", db) == 0
    assert banche("db", "upgrade", "--db", db) == 0
    assert "up to date" in capsys.readouterr().out


def test_a_setting_that_is_misspelt_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BANCHE_DATABASE", "x")
    assert banche("keys", "list") == 2
    assert "[bad_setting]" in capsys.readouterr().err

"""The commands around the API."""

import json
from pathlib import Path
from typing import Any

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


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--days", "0"),
        ("--days", "-3"),
        ("--days", "1.5"),
        ("--days", "10000000000000"),
        ("--name", ""),
        ("--name", "x" * 201),
        ("--name", "two\nlines"),
    ],
)
def test_a_key_that_could_not_be_kept_or_listed_is_refused(
    db: str, capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    assert banche("keys", "create", "--scope", "booking", option, value, "--db", db) == 2
    assert option in capsys.readouterr().err


def test_a_key_of_a_century_and_a_long_name_is_kept(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    name = "工会" * 100
    assert banche("keys", "create", "--scope", "booking", "--days", "36500", "--name", name, "--db", db) == 0
    capsys.readouterr()
    banche("keys", "list", "--db", db, "--json")
    (row,) = json.loads(capsys.readouterr().out)["keys"]
    assert (row["name"], row["state"]) == (name, "valid")
    assert int(row["expires_at"][:4]) - int(row["created_at"][:4]) in {99, 100}


def test_a_scope_is_needed(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert banche("keys", "create", "--db", db) == 2
    assert "--scope" in capsys.readouterr().err


def test_without_keys_the_list_is_empty(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert banche("keys", "list", "--db", db) == 0
    assert capsys.readouterr().out == ""
    assert banche("keys", "list", "--db", db, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"keys": []}


def test_a_database_is_backed_up_and_restored_elsewhere(
    db: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    banche("keys", "create", "--scope", "booking", "--name", "kept", "--db", db)
    fresh = f"sqlite:///{tmp_path / 'fresh.db'}"
    assert banche("db", "backup", str(tmp_path / "backup.gz"), "--db", db) == 0
    assert banche("db", "restore", str(tmp_path / "backup.gz"), "--db", fresh) == 0
    told = capsys.readouterr().out
    assert "wrote 2 rows" in told, "the key and what the log says of it"
    assert "restored 2 rows" in told
    banche("keys", "list", "--db", fresh)
    assert capsys.readouterr().out.strip().endswith("kept")


def test_what_is_no_backup_leaves_the_database_empty(
    db: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    assert banche("db", "restore", str(tmp_path / "notes.txt"), "--db", db) == 2
    assert banche("db", "restore", str(tmp_path / "nowhere"), "--db", db) == 2
    assert capsys.readouterr().err.count("[bad_backup]") == 2
    banche("keys", "list", "--db", db)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", [("keys", "list"), ("db", "upgrade"), ("worker",), ("serve",)])
def test_a_database_that_is_none_is_bad_input(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert banche(*command, "--db", "oracle://somewhere") == 2
    assert "[bad_database_url]" in capsys.readouterr().err


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Note what would be started instead of starting it."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr("api.serving.serve", lambda **given: calls.append(given) or 0)
    monkeypatch.setattr("api.serving.work", lambda db: calls.append({"db": db}) or 0)
    return calls


def test_a_server_is_started_as_asked(started: list[dict[str, Any]]) -> None:
    assert banche("serve") == 0
    assert banche("serve", "--host", "::", "--port", "0", "--workers", "0", "--demo", "--db", "sqlite:///x.db") == 0
    assert started == [
        {"host": "127.0.0.1", "port": 8_000, "db": None, "workers": 1, "demo": False},
        {"host": "::", "port": 0, "db": "sqlite:///x.db", "workers": 0, "demo": True},
    ]


def test_a_worker_is_started_as_asked(started: list[dict[str, Any]]) -> None:
    assert banche("worker") == banche("worker", "--db", "sqlite:///x.db") == 0
    assert started == [{"db": None}, {"db": "sqlite:///x.db"}]


@pytest.mark.parametrize("option", [("--port", "65536"), ("--port", "-1"), ("--workers", "-1"), ("--port", "http")])
def test_a_server_that_makes_no_sense_is_not_started(
    started: list[dict[str, Any]], option: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert banche("serve", *option) == 2
    assert option[0] in capsys.readouterr().err
    assert started == []


@pytest.mark.parametrize("group", ["keys", "db"])
def test_a_group_alone_tells_its_commands(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    banche(group)
    told = capsys.readouterr()
    commands = {"keys": ("create", "list", "revoke"), "db": ("upgrade", "backup", "restore")}[group]
    assert all(command in told.out + told.err for command in commands)

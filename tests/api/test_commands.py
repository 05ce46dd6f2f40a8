"""What the commands around the store do to it."""

import base64
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from api import commands
from api.clock import now_ms, rfc3339
from api.errors import ApiError
from api.store import Store, open_store
from api.store.audit import read_audit
from api.store.keys import find_key
from api.store.migrate import check_schema, downgrade, revision_of
from tests.api.samples import document, kept_plan


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BANCHE_DB", "BANCHE_DATA_KEYS", "BANCHE_DATA_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def db(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'banche.db'}"


def opened(db: str) -> Store:
    return open_store(db)


def test_a_database_is_made_when_it_is_first_needed(url: str) -> None:
    commands.make_key(url, name="k", scopes=["booking"], days=None)
    store = opened(url)
    check_schema(store)
    store.close()


def test_a_key_works_until_its_days_are_over(db: str) -> None:
    secret = commands.make_key(db, name="k", scopes=["booking"], days=2)
    store = opened(db)
    with store.read() as connection:
        key = find_key(connection, secret)
    store.close()
    assert key is not None
    assert key.expires_at is not None
    assert key.expires_at - key.created_at == 2 * 86_400_000
    assert key.valid(now_ms())


def test_keys_are_described_with_their_state(db: str) -> None:
    for name in ("one", "two"):
        commands.make_key(db, name=name, scopes=["plan:read", "booking"], days=None)
    ids = {row["name"]: row["key_id"] for row in commands.describe_keys(db)}
    commands.end_key(db, ids["one"])
    states = {row["name"]: row["state"] for row in commands.describe_keys(db)}
    assert states == {"one": "revoked", "two": "valid"}
    row = commands.describe_keys(db)[0]
    assert set(row) == {"key_id", "name", "state", "scopes", "created_at", "expires_at", "revoked_at"}
    assert row["scopes"] == ["booking", "plan:read"]
    assert row["created_at"] <= rfc3339(now_ms())


def test_an_expired_key_is_called_so(db: str) -> None:
    commands.make_key(db, name="k", scopes=["booking"], days=1)
    store = opened(db)
    with store.write() as connection:
        connection.execute(sa.text("UPDATE api_keys SET expires_at = 1"))
    store.close()
    assert commands.describe_keys(db)[0]["state"] == "expired"


def test_whatever_is_done_to_keys_is_noted(db: str) -> None:
    commands.make_key(db, name="k", scopes=["booking"], days=None)
    (row,) = commands.describe_keys(db)
    commands.end_key(db, row["key_id"])
    store = opened(db)
    with store.read() as connection:
        noted = [(entry.action, entry.subject, entry.actor) for entry in read_audit(connection)]
    store.close()
    assert noted == [("key.revoke", row["key_id"], "cli"), ("key.create", row["key_id"], "cli")]


def test_an_older_sqlite_is_brought_up_to_date_and_an_older_postgresql_is_not(url: str) -> None:
    store = opened(url)
    downgrade(store, "0001")
    if store.dialect == "postgresql":
        with pytest.raises(ApiError) as refused:
            commands.open_ready(url)
        assert (refused.value.code, "db upgrade" in refused.value.action) == ("schema_outdated", True)
        commands.upgrade_database(url)
    commands.open_ready(url).close()
    with store.read() as connection:
        assert revision_of(connection) is not None
    check_schema(store)
    store.close()


def test_a_backup_is_restored_by_command(db: str, tmp_path: Path) -> None:
    commands.upgrade_database(db)
    store = opened(db)
    store.transact(kept_plan)
    store.close()
    number = commands.back_up(db, tmp_path / "backup.gz")
    fresh = f"sqlite:///{tmp_path / 'fresh.db'}"
    assert commands.restore(fresh, tmp_path / "backup.gz") == number
    with pytest.raises(ApiError) as refused:
        commands.restore(fresh, tmp_path / "backup.gz")
    assert refused.value.code == "bad_backup"


def test_what_the_door_never_needs_is_not_imported_by_it() -> None:
    """A server that imports the search starts seconds later, and a planner's command must not wait for a database."""
    import subprocess
    import sys

    def imported(module: str) -> set[str]:
        program = f"import sys, json, {module}; print(json.dumps(sorted(sys.modules)))"
        told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        return set(json.loads(told))

    door = imported("api.app")
    assert not door & {"numba", "ortools", "osmium", "osmnx", "geopandas", "routing.solver", "routing.planner.run"}
    command = imported("api.cli")
    assert not command & {"sqlalchemy", "alembic", "fastapi", "uvicorn", "cryptography"}


def test_data_keys_are_made_as_the_how_to_says() -> None:
    """The line of docs/how-to/run-in-production.md, run."""
    import contextlib
    import io

    page = (Path(__file__).parents[2] / "docs" / "how-to" / "run-in-production.md").read_text("utf-8")
    line = next(line for line in page.splitlines() if line.endswith("> secrets/data_keys"))
    program = line.split('"', 1)[1].rsplit('"', 1)[0]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "how-to", "exec"), {})  # noqa: S102 - our own page
    name, _, encoded = out.getvalue().strip().partition(":")
    assert (name, len(base64.b64decode(encoded))) == ("k1", 32)


def test_the_sample_plan_is_one_that_a_reader_takes() -> None:
    from routing.formats.plan_reader import read_plan

    assert read_plan(document()).plan.lines[0].line_id == "L1"

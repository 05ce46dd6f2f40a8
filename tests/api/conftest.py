"""A store on each database, a desk at it with a clock of its own, and a client that knows keys of every scope."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from api.app import create_app
from api.desk import Desk
from api.sealing import Sealer
from api.settings import Settings
from api.store import Store, open_store
from api.store.keys import SCOPES, create_key
from tests.api.calls import Http, serving
from tests.api.databases import KINDS, cloned, copied, emptied, migrated, started_postgres

NOON = 1_700_000_000_000
DATA_KEY = "test:" + "QUJD" * 10 + "QUI="


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep every test that needs PostgreSQL in one process, which starts it once."""
    for item in items:
        if "server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("postgresql"))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with started_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def shared(server: str) -> str:
    """Return the URL of the PostgreSQL database that tests use one after the other."""
    return cloned(server)


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, file: Path, shared: str, tmp_path: Path) -> str:
    """Return the URL of an empty database with the newest schema, on each of the two."""
    return copied(file, tmp_path) if request.param == "sqlite" else emptied(shared)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def file_store(file: Path, tmp_path: Path) -> Iterator[Store]:
    """Yield a store on SQLite alone, for tests that do not depend on the database."""
    opened = open_store(copied(file, tmp_path))
    yield opened
    opened.close()


@dataclass
class Watch:
    """A clock that stands still until it is moved."""

    now: int = NOON

    def __call__(self) -> int:
        return self.now


@pytest.fixture(autouse=True)
def nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let boards be put up by tests alone: what watches publications would make editions of documents that are none."""
    monkeypatch.setattr("api.app.BACKGROUND", ())


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def settings(url: str) -> Settings:
    return Settings(db=url, data_keys=DATA_KEY)


@pytest.fixture
def desk(settings: Settings, store: Store, watch: Watch) -> Desk:
    return Desk(
        settings=settings,
        store=store,
        sealer=Sealer({"test": b"0" * 32}),
        log=structlog.wrap_logger(structlog.testing.CapturingLogger(), processors=[]),
        clock=watch,
    )


def key(store: Store, *scopes: str) -> dict[str, str]:
    """Return the header of a new key."""
    with store.write() as connection:
        _, secret = create_key(connection, name="test", scopes=scopes, now=NOON)
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def http(desk: Desk) -> Iterator[Http]:
    """Yield a client whose key has every scope."""
    with serving(create_app(desk), key(desk.store, *SCOPES)) as client:
        yield client

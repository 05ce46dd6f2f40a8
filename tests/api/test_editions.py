"""Editions on disk: what is kept is found, by its name, its key and its code alone."""

import os
import pickle
from pathlib import Path

import pytest

from api import editions
from api.editions import code_digest, edition_folder, edition_name, find_edition, keep_edition
from api.sealing import Sealer
from api.store.seats import SegmentCount
from tests.api.town_service import edition
from tests.offers.asking import query

OURS, THEIRS = Sealer({"a": b"a" * 32}), Sealer({"b": b"b" * 32})
THING = SegmentCount(segment=1, seats=2, kept=0, taken=1)


def test_what_was_kept_is_found(tmp_path: Path) -> None:
    keep_edition(tmp_path / "deep" / "er", "name", OURS, THING)
    assert find_edition(tmp_path / "deep" / "er", "name", OURS) == THING


def test_what_was_not_kept_is_not_found(tmp_path: Path) -> None:
    assert find_edition(tmp_path, "name", OURS) is None


def test_a_file_under_another_name_does_not_open(tmp_path: Path) -> None:
    """The seal is bound to the name: nobody can put one plan's edition in another's place."""
    keep_edition(tmp_path, "one", OURS, THING)
    (tmp_path / "one").rename(tmp_path / "other")
    assert find_edition(tmp_path, "other", OURS) is None


def test_a_file_that_somebody_else_wrote_is_never_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "sprung"),)

    for content in (pickle.dumps(Trap()), THEIRS.seal(pickle.dumps(Trap()), "edition/name"), b"", b"a "):
        (tmp_path / "name").write_bytes(content)
        assert find_edition(tmp_path, "name", OURS) is None
    assert not (tmp_path / "sprung").exists()


def test_an_older_key_still_opens(tmp_path: Path) -> None:
    keep_edition(tmp_path, "name", OURS, THING)
    assert find_edition(tmp_path, "name", Sealer({"b": b"b" * 32, "a": b"a" * 32})) == THING


def test_keeping_again_replaces_and_leaves_no_parts(tmp_path: Path) -> None:
    for taken in (1, 2):
        keep_edition(tmp_path, "name", OURS, SegmentCount(segment=0, seats=2, kept=0, taken=taken))
    assert [path.name for path in tmp_path.iterdir()] == ["name"]
    found = find_edition(tmp_path, "name", OURS)
    assert isinstance(found, SegmentCount)
    assert found.taken == 2


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    keep_edition(tmp_path / "offers", "name", OURS, THING)
    assert (tmp_path / "offers").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "offers" / "name").stat().st_mode & 0o777 == 0o600


def test_a_name_tells_plan_scenario_and_code_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    before = edition_name(b"plan", "scenario")
    assert before == edition_name(b"plan", "scenario")
    assert len({before, edition_name(b"plans", "cenario"), edition_name(b"", "planscenario")}) == 3
    monkeypatch.setattr(editions, "code_digest", lambda: "another version")
    assert edition_name(b"plan", "scenario") != before
    assert len(code_digest()) == 64


def test_the_folder_is_in_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert edition_folder().is_relative_to(tmp_path)


def test_an_edition_answers_the_same_after_a_restart(tmp_path: Path) -> None:
    from routing.offers.search import find_offers

    made = edition("plan_1")
    keep_edition(tmp_path, "name", OURS, made)
    found = find_edition(tmp_path, "name", OURS)
    assert isinstance(found, type(made))
    assert (found.plan_id, found.seated) == (made.plan_id, made.seated)
    assert find_offers(found.index, query(1)) == find_offers(made.index, query(1))

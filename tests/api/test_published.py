"""The board of published plans: what is put up, taken down, made once and found again after a restart."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.desk import Desk
from api.editions import edition_folder, edition_name, find_edition, keep_edition
from api.errors import ApiError
from api.published import Board, Bundle, Edition, board_of, choose_service, edition_on, make_edition, refresh
from api.sealing import Sealer
from api.store.keys import SCOPES
from api.store.plans import find_plan, retire_plan
from routing.errors import Fault, InputError
from routing.formats.plan_json import plan_json
from routing.model.places import Location
from routing.offers import Query
from routing.offers.search import find_offers
from routing.planner.deliver import describe
from routing.planner.prepare import prepare
from routing.planner.run import plan_study
from routing.solver import MaxIterations
from tests.api.calls import serving
from tests.api.conftest import key
from tests.api.databases import without_settings
from tests.api.samples import DEED
from tests.api.town_service import FRIDAY, QUAY, THURSDAY, WEDNESDAY, edition, iso, publish
from tests.town import position, write_town


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@dataclass
class Maker:
    """Stands for the making of an edition, and remembers what was made."""

    made: list[str] = field(default_factory=list)
    broken: bool = False

    def __call__(self, bundle: Bundle) -> Edition:
        self.made.append(bundle.plan_id)
        if self.broken:
            raise InputError(Fault(file="riders.csv", code="missing_file", cause="It is gone.", action="Add it."))
        return edition(bundle.plan_id)


def look(desk: Desk, maker: Maker, failed: set[str] | None = None) -> None:
    asyncio.run(refresh(desk, None, set() if failed is None else failed, maker))


def test_a_published_plan_is_put_up_once(desk: Desk) -> None:
    plan_id, maker = desk.store.transact(publish), Maker()
    for _ in range(2):
        look(desk, maker)
    board = board_of(desk)
    assert (board.services, maker.made) == (("town",), [plan_id])
    assert edition_on(board, "town", WEDNESDAY).plan_id == plan_id


def test_a_later_plan_takes_over_on_its_day_and_a_retired_one_gives_way(desk: Desk) -> None:
    first = desk.store.transact(publish)
    second = desk.store.transact(lambda connection: publish(connection, day=FRIDAY))
    look(desk, Maker())
    board = board_of(desk)
    assert [edition_on(board, "town", day).plan_id for day in (THURSDAY, FRIDAY)] == [first, second]
    desk.store.transact(lambda c: retire_plan(c, find_plan(c, second, lock=True), DEED))
    look(desk, Maker())
    assert edition_on(board_of(desk), "town", FRIDAY).plan_id == first


def test_the_board_is_replaced_and_never_changed(desk: Desk) -> None:
    """A request that began before a publication keeps the board that it began with."""
    desk.store.transact(publish)
    look(desk, Maker())
    before = board_of(desk)
    desk.store.transact(lambda connection: publish(connection, service="harbour"))
    look(desk, Maker())
    assert before.services == ("town",)
    assert board_of(desk).services == ("harbour", "town")


def test_a_plan_that_cannot_be_used_is_told_once_and_the_old_one_stays(desk: Desk) -> None:
    first = desk.store.transact(publish)
    look(desk, Maker())
    broken, failed = Maker(broken=True), set[str]()
    desk.store.transact(lambda connection: publish(connection, day=THURSDAY))
    for _ in range(2):
        look(desk, broken, failed)
    assert edition_on(board_of(desk), "town", THURSDAY).plan_id == first
    assert len(broken.made) == 1
    assert [call.kwargs["code"] for call in desk.log._logger.calls] == ["missing_file"]


def test_an_edition_is_found_again_after_a_restart(desk: Desk) -> None:
    desk.store.transact(publish)
    look(desk, Maker())
    desk.shelf.clear()
    again = Maker()
    look(desk, again)
    assert again.made == []
    assert board_of(desk).services == ("town",)


def test_editions_on_disk_are_sealed_and_the_owners_alone(desk: Desk, cache: Path) -> None:
    desk.store.transact(publish)
    look(desk, Maker())
    (file,) = [path for path in cache.rglob("*") if path.is_file()]
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"gate_in" not in file.read_bytes()
    assert find_edition(file.parent, file.name, desk.sealer) is not None
    assert find_edition(file.parent, file.name, Sealer({"other": b"x" * 32})) is None
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert find_edition(file.parent, file.name, desk.sealer) is None


def test_a_plan_switches_over_under_load_without_one_failed_request(desk: Desk) -> None:
    """Offers and holds go on while five plans are published one after the other; each is answered from one plan."""
    desk.store.transact(publish)
    look(desk, Maker())
    rides = {"legs": [QUAY], "dates": iso(THURSDAY)}
    stop, statuses, plans = threading.Event(), Counter[int](), set[str]()

    with serving(create_app(desk), key(desk.store, *SCOPES)) as http:

        def ask(path: str, body: dict[str, Any]) -> None:
            while not stop.is_set():
                answer = http.post(path, json=body)
                statuses[answer.status_code] += 1
                plans.add(answer.json().get("plan_id", ""))

        offers = {"stop_id": "quay", "worksite_id": "south", "shift_id": "late", "dates": iso(THURSDAY)}
        asking = [threading.Thread(target=ask, args=pair) for pair in (("/v1/offers", offers), ("/v1/holds", rides))]
        for thread in asking:
            thread.start()
        for _ in range(5):
            desk.store.transact(publish)
            look(desk, Maker())
            seen = sum(statuses.values())
            while sum(statuses.values()) < seen + 6:
                stop.wait(0.005)
        stop.set()
        for thread in asking:
            thread.join()
    assert set(statuses) <= {200, 201, 409}  # 409: five seats of each plan's trip are gone before long
    assert statuses[200] > 10
    assert len(plans - {""}) >= 5


def test_other_plans_and_scenarios_have_other_names() -> None:
    assert len({edition_name(b"a", "s"), edition_name(b"b", "s"), edition_name(b"a", "t")}) == 3


def test_a_disk_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keep_edition(tmp_path / "file", "name", Sealer({"a": b"x" * 32}), object())
    assert find_edition(tmp_path / "file", "name", Sealer({"a": b"x" * 32})) is None
    assert edition_folder().name == "offers"


def test_without_a_plan_in_force_nothing_is_chosen(desk: Desk) -> None:
    look(desk, Maker())
    with pytest.raises(ApiError) as refused:
        choose_service(board_of(desk), None)
    assert refused.value.code == "nothing_published"


def test_before_the_first_look_and_until_all_is_made_nothing_is_ready(desk: Desk) -> None:
    """While one service is made ready, the other answers."""
    with pytest.raises(ApiError) as refused:
        choose_service(board_of(desk), None)
    assert refused.value.code == "not_ready"
    ready = Board(publications=(), editions={}, complete=False)
    with pytest.raises(ApiError) as refused:
        choose_service(ready, "harbour")
    assert (refused.value.code, refused.value.status, refused.value.headers) == ("not_ready", 503, {"Retry-After": "2"})


def test_an_edition_is_made_from_what_the_store_has(tmp_path: Path) -> None:
    """The real way: a scenario's files and a plan document become an index that answers."""
    folder = write_town(tmp_path / "town")
    study = prepare(folder, cache_dir=tmp_path / "roads")
    outcome = plan_study(study, stop=MaxIterations(iterations=800), seed=5, workers=1)
    bundle = Bundle(
        plan_id="plan_1",
        service="town",
        document=plan_json(describe(study, outcome)),
        scenario_digest="",
        files={path.name: path.read_bytes() for path in folder.iterdir()},
    )
    made = make_edition(bundle)
    assert (made.plan_id, made.timezone, made.crs) == ("plan_1", "Asia/Shanghai", "wgs84")
    assert len(made.seated) == len(outcome.plan.assignments)
    lon, lat = position(2.3, 3.4)
    asked = Query(home=Location(lon=lon, lat=lat), worksite_id="park", shift_id="day")
    assert find_offers(made.index, asked).offers


ORPHAN = """
import multiprocessing, os, sys, time
from concurrent.futures import ProcessPoolExecutor
from api.published import leave_with_parent

if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=leave_with_parent)
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(600)
"""


def test_who_makes_editions_does_not_outlive_a_server_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(ORPHAN)
    root = str(Path(__file__).parents[2])
    environment = without_settings() | {"PYTHONPATH": root}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        maker = int(server.stdout.readline())
        os.kill(maker, 0)
        server.kill()
    assert any(_gone(maker) for _ in range(600))


def _gone(process: int) -> bool:
    time.sleep(0.05)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False

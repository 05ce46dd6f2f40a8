"""Variants change what they name, for as long as they run, and every shipped one can be run."""

import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from benchmarks import ablation
from benchmarks.ablation import AS_SHIPPED, VARIANTS, changed, compare
from routing.solver import MaxIterations
from tests.solver.towns import Town, draw


@pytest.fixture
def switches(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("switches_of_a_test")
    module.HEAT, module.OPTIONS = 3, np.array([1.0, 2.0])  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ablation, "MaxRuntime", lambda **_: MaxIterations(iterations=200))


def test_values_are_changed_for_a_while(switches: ModuleType) -> None:
    with changed({"switches_of_a_test:HEAT": 5, "switches_of_a_test:OPTIONS[1]": 9.0}):
        assert switches.HEAT == 5
        assert switches.OPTIONS.tolist() == [1.0, 9.0]
    assert switches.HEAT == 3
    assert switches.OPTIONS.tolist() == [1.0, 2.0]


def test_values_come_back_after_an_error_and_in_the_right_order(switches: ModuleType) -> None:
    def fail() -> None:
        with changed({"switches_of_a_test:HEAT": 5}):
            with changed({"switches_of_a_test:HEAT": 6}):
                assert switches.HEAT == 6
            assert switches.HEAT == 5
            raise RuntimeError("the search failed")

    with pytest.raises(RuntimeError, match="the search failed"):
        fail()
    assert switches.HEAT == 3


def test_a_place_that_is_not_there_is_told_and_nothing_stays_changed(switches: ModuleType) -> None:
    changes = {"switches_of_a_test:HEAT": 5, "switches_of_a_test:COLOUR": "red"}
    with pytest.raises(AttributeError, match="COLOUR"), changed(changes):
        pytest.fail("a variant of something else was measured")
    assert switches.HEAT == 3


@pytest.mark.parametrize("name", VARIANTS)
def test_every_shipped_variant_names_what_is_there(name: str) -> None:
    with changed(VARIANTS[name]):
        pass


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.usefixtures("brief")
def test_every_shipped_variant_solves(name: str) -> None:
    found = compare(draw(Town(riders=12)), {AS_SHIPPED: {}, name: VARIANTS[name]}, [1_001], 1.0, 1)
    assert found[AS_SHIPPED]["difference_percent"] == 0
    assert found[name]["mean_cost_fen"] > 0  # type: ignore[operator]


@pytest.mark.usefixtures("brief")
def test_differences_are_to_the_first_variant() -> None:
    # With fewer stops to choose from, nobody can be served cheaper; with one, nobody walks to share a stop.
    variants = {AS_SHIPPED: {}, "one stop each": {"routing.solver.choices:MOST_OPTIONS": 1}}
    found = compare(draw(Town(riders=30, places=6)), variants, [1_001, 1_002], 1.0, 1)
    costs = {name: facts["cost_fen"] for name, facts in found.items()}
    base, other = (sum(c) for c in costs.values())  # type: ignore[arg-type, var-annotated]
    assert found["one stop each"]["difference_percent"] == pytest.approx(100 * (other / base - 1), abs=0.001)
    assert other > base


@pytest.mark.usefixtures("brief")
def test_a_table_is_kept_and_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ablation, "read_instance", lambda _: draw(Town(riders=12)))
    out = tmp_path / "out.json"
    chosen = ["--variants", "hotter start", "--seeds", "2", "-o", str(out)]
    assert ablation.main(["S.npz", *chosen]) == 0
    record = json.loads(out.read_text("utf-8"))
    assert record["seeds"] == [1_001, 1_002]
    assert list(record["variants"]) == [AS_SHIPPED, "hotter start"]
    assert record["instance"] == "S"
    assert json.loads(capsys.readouterr().out)["variants"] == record["variants"]

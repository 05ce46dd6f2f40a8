"""Built networks on disk: found again, never stale, never half-written."""

from pathlib import Path

import numpy as np
import pytest

import routing.geo.roadcache as module
from routing.geo.network import RoadNetwork, load_network
from routing.geo.profile import VehicleProfile
from routing.geo.roadcache import RoadCache
from tests.geo.sketch import grid


class Told(list[str]):
    """What a build said about itself."""

    def builds(self) -> int:
        """Count the builds from the extract."""
        return sum("Cutting" in line for line in self)

    def contractions(self) -> int:
        """Count the hierarchies that were made."""
        return sum("Preparing" in line for line in self)


def load(path: Path, cache: Path, told: Told, **options: object) -> RoadNetwork:
    network = load_network(path, cache_dir=cache, on_progress=told.append, **options)  # type: ignore[arg-type]
    network.prepare(1)
    return network


def answers(network: RoadNetwork) -> np.ndarray:
    points = [network.kerb_on_edge(edge, 20.0) for edge in range(network.graph.edge_count)]
    return np.stack(network.matrix(points, points, 1))


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    town = grid(4, 4)
    town.way(300, 1, 6, access_conditional="no @ (07:00-09:00)", name="斜街")
    return town.write(tmp_path)


def test_the_second_time_nothing_is_built(extract: Path, tmp_path: Path) -> None:
    """Pitfall 12: the slow step is cached, graph and hierarchy alike, and answers the same."""
    told = Told()
    first = load(extract, tmp_path / "cache", told)
    second = load(extract, tmp_path / "cache", told)
    assert (told.builds(), told.contractions()) == (1, 1)
    np.testing.assert_array_equal(answers(first), answers(second))
    assert second.warnings == first.warnings
    assert len(first.warnings) == 1
    names = [{network.edge_name(edge) for edge in range(network.graph.edge_count)} for network in (first, second)]
    assert names[0] == names[1]
    assert "斜街" in names[1]
    assert second.snap_site(*grid(1, 1).lonlat(40, 3)) == first.snap_site(*grid(1, 1).lonlat(40, 3))


def test_what_is_loaded_lies_in_memory_maps(extract: Path, tmp_path: Path) -> None:
    load(extract, tmp_path / "cache", Told())
    network = load(extract, tmp_path / "cache", Told())
    assert isinstance(network.graph.shape_lon.base, np.memmap)
    assert not network.graph.shape_lon.flags.writeable


def test_without_a_folder_nothing_is_kept(extract: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    load_network(extract).prepare(0)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("options", [{"drive_on": "left"}, {"vehicle": VehicleProfile(height_m=4.0)}])
def test_another_rule_is_another_network(extract: Path, tmp_path: Path, options: dict[str, object]) -> None:
    told = Told()
    load(extract, tmp_path / "cache", told)
    load(extract, tmp_path / "cache", told, **options)
    assert told.builds() == 2


def test_another_extract_is_another_network(extract: Path, tmp_path: Path) -> None:
    told = Told()
    load(extract, tmp_path / "cache", told)
    extract.write_text(grid(3, 3).text(), encoding="utf-8")
    assert load(extract, tmp_path / "cache", told).graph.node_count == 9
    assert told.builds() == 2


def test_another_calibration_reuses_the_graph_and_the_order(extract: Path, tmp_path: Path) -> None:
    told = Told()
    plain = load(extract, tmp_path / "cache", told)
    slow = load(extract, tmp_path / "cache", told, speed_factor=0.5)
    assert (told.builds(), told.contractions()) == (1, 2)
    np.testing.assert_allclose(slow.edge_milliseconds(1), 2 * plain.edge_milliseconds(1), atol=1)
    load(extract, tmp_path / "cache", told, speed_factor=0.5)
    assert told.contractions() == 2


def test_learned_speeds_are_kept_under_their_own_name(extract: Path, tmp_path: Path) -> None:
    told = Told()
    network = load(extract, tmp_path / "cache", told)
    speeds = np.full(network.graph.edge_count, 11.0)
    learned = network.with_speeds(1, speeds)
    learned.prepare(1)
    assert told.contractions() == 2
    again = load(extract, tmp_path / "cache", told).with_speeds(1, speeds)
    np.testing.assert_array_equal(answers(again), answers(learned))
    assert told.contractions() == 2


def test_another_version_of_the_code_is_another_network(
    extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    load(extract, tmp_path / "cache", told)
    monkeypatch.setattr(module, "code_digest", lambda: "another")
    load(extract, tmp_path / "cache", told)
    assert told.builds() == 2


def test_every_source_that_shapes_a_network_counts() -> None:
    folder = Path(module.__file__).parent
    assert all((folder / f"{name}.py").is_file() for name in module._SOURCES)
    assert len(module.code_digest()) == 64


@pytest.mark.parametrize("victim", ["graph/length_m.npy", "turns/target.npy", "warnings.json"])
@pytest.mark.parametrize("damage", ["missing", "cut", "junk"])
def test_a_damaged_graph_is_built_again(extract: Path, tmp_path: Path, victim: str, damage: str) -> None:
    told = Told()
    first = load(extract, tmp_path / "cache", told)
    expected = answers(first)
    del first
    (folder,) = (tmp_path / "cache").glob("roads-*")
    path = folder / victim
    whole = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(whole[:10] if damage == "cut" else b"[junk" * 50)
    again = load(extract, tmp_path / "cache", told)
    assert told.builds() == 2
    np.testing.assert_array_equal(answers(again), expected)
    load(extract, tmp_path / "cache", told)
    assert told.builds() == 2


def test_a_damaged_hierarchy_is_made_again(extract: Path, tmp_path: Path) -> None:
    told = Told()
    expected = answers(load(extract, tmp_path / "cache", told))
    (folder,) = (tmp_path / "cache").glob("roads-*/hierarchy-*")
    (folder / "up_to.npy").unlink()
    np.testing.assert_array_equal(answers(load(extract, tmp_path / "cache", told)), expected)
    assert (told.builds(), told.contractions()) == (1, 2)


def test_nothing_half_written_is_left(extract: Path, tmp_path: Path) -> None:
    load(extract, tmp_path / "cache", Told())
    assert not list((tmp_path / "cache").rglob(".*"))


def test_a_folder_in_the_way_is_replaced(tmp_path: Path) -> None:
    """Another process may have written the same network first."""
    told = Told()
    network = load(grid(3, 3).write(tmp_path), tmp_path / "cache", told)
    cache = RoadCache(tmp_path / "other", "key")
    for _ in range(2):
        cache.save_graph(network.graph, network.turns, ("a",))
    kept = cache.load_graph()
    assert kept is not None
    assert kept[2] == ("a",)
    np.testing.assert_array_equal(kept[0].length_m, network.graph.length_m)
    assert cache.any_hierarchy() is None

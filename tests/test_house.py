"""The architecture itself: sizes, names, arrows, and what may not be committed."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50
SOURCES = [p for room in ("routing", "api", "benchmarks", "data") for p in sorted((ROOT / room).rglob("*.py"))]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
NAMES_THAT_SAY_NOTHING = re.compile(r"utils?|helpers?|common|core|misc|stuff")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines without its docstring, which may be as long as its subject needs."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    documented = ast.get_docstring(function, clean=False) is not None
    return total - ((first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_fits_in_the_head(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES_OF_A_FILE


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_function_fits_on_a_screen(path: Path) -> None:
    assert {f.name: lines_of(f) for f in functions(path) if lines_of(f) > MOST_LINES_OF_A_FUNCTION} == {}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_name_says_what_it_holds(path: Path) -> None:
    assert not NAMES_THAT_SAY_NOTHING.fullmatch(path.stem)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_tells_its_purpose(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_tests_outweigh_the_source() -> None:
    def weigh(paths: list[Path]) -> int:
        return sum(len(p.read_text("utf-8").splitlines()) for p in paths)

    product = [p for p in SOURCES if p.relative_to(ROOT).parts[0] in {"routing", "api"}]
    assert weigh(TESTS) >= weigh(product)


def test_locks_hold_hashes_and_name_no_host() -> None:
    for lock in sorted((ROOT / "locks").glob("*.txt")):
        text = lock.read_text("utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert "index-url" not in text


def test_nothing_large_is_committed() -> None:
    assert {str(p.relative_to(ROOT)): p.stat().st_size for p in tracked() if p.stat().st_size > 5_000_000} == {}


def test_no_absolute_path_of_a_workplace_is_committed() -> None:
    pattern = re.compile(rb"(?<![\w.])/(?:work|root|home)/\w")
    offenders = [p for p in tracked() if p.suffix not in {".pbf", ".png", ".xlsx"} and pattern.search(p.read_bytes())]
    assert [str(p.relative_to(ROOT)) for p in offenders] == []


def test_the_contract_of_arrows_covers_every_module_of_the_package() -> None:
    contract = (ROOT / "pyproject.toml").read_text("utf-8")
    modules = {p.stem for p in (ROOT / "routing").iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    missing = {m for m in modules - {"__init__"} if f"routing.{m}" not in contract}
    assert missing == set()


def test_an_installed_package_carries_the_embedded_scenario() -> None:
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    files = [path.name for path in (ROOT / "data" / "dalian").iterdir() if path.is_file()]
    assert "roads.osm.pbf" in files
    assert [name for name in files if f'"data/dalian/{name}" = "routing/_embedded/dalian/{name}"' not in settings] == []

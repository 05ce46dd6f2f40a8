"""docs/ERRORS.md lists every code that the package can raise, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.errors import STATUS
from routing.evaluate.findings import Rule
from routing.formats.codes import Code

ROOT = Path(__file__).parents[2]
INDEX = (ROOT / "docs" / "ERRORS.md").read_text("utf-8")
ERRORS_BY_CODE = {"RoutingError", "RoadError", "NoPlanError", "ApiError"}


def listed() -> list[str]:
    """Return the first cell of every row of every table, without the judge's rules."""
    return re.findall(r"^\| `(\w+)` \|", INDEX.split("## What the judge may find")[0], re.MULTILINE)


def literal_codes(path: Path) -> Iterator[str]:
    """Yield every code that a module spells out in raising an error or making a fault."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        given = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        if node.func.id in ERRORS_BY_CODE:
            given += node.args[:1]
        elif node.func.id != "Fault":
            continue
        yield from (str(g.value) for g in given if isinstance(g, ast.Constant))


def used() -> set[str]:
    modules = [path for room in ("routing", "api") for path in (ROOT / room).rglob("*.py")]
    return {code.value for code in Code} | set(STATUS) | {code for path in modules for code in literal_codes(path)}


def test_every_code_is_documented() -> None:
    assert used() - set(listed()) == set()


def test_every_documented_code_exists() -> None:
    assert set(listed()) - used() == set()


def test_every_code_is_documented_once() -> None:
    assert len(listed()) == len(set(listed()))


def test_every_row_has_a_meaning_and_an_action() -> None:
    for row in re.findall(r"^\| `\w+` \|.*$", INDEX.split("## What the judge may find")[0], re.MULTILINE):
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert len(cells) == 3, row
        assert all(cells), row


def test_every_rule_of_the_judge_is_documented() -> None:
    rules = re.findall(r"^\| `(\w+)` \|", INDEX.split("## What the judge may find")[1], re.MULTILINE)
    assert rules == [rule.value for rule in Rule]


@pytest.mark.parametrize("code", Code, ids=str)
def test_every_code_of_the_letterbox_is_in_use(code: Code) -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "routing").rglob("*.py")]
    assert any(f"Code.{code.name}" in source for source in sources)

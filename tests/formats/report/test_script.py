"""The page's script and style do nothing that a mailed file must not do, and fit the content they are given."""

import json
import re
from importlib.resources import files

import pytest

from routing.formats.document import PlanDocument
from routing.formats.report.map_data import map_json

PARTS = {name: (files("routing.formats.report") / name).read_text("utf-8") for name in ("page.js", "page.css")}
SCRIPT = PARTS["page.js"]
TEMPLATE = (files("routing.formats.report") / "page.html.tmpl").read_text("utf-8")


@pytest.mark.parametrize(
    "word",
    ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "fetch(", "import "],
)
def test_names_are_never_read_as_html_or_code(word: str) -> None:
    """Names of stops and lines come from other people's tables."""
    assert word not in SCRIPT


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_named_that_lies_elsewhere(part: str) -> None:
    assert not re.search(r"https?:|//[a-z]+\.[a-z]|url\(|@import|@font-face", PARTS[part])


@pytest.mark.parametrize("part", PARTS)
def test_no_part_could_end_the_element_it_stands_in(part: str) -> None:
    assert "</" not in PARTS[part]


def test_the_script_knows_every_class_of_roads(document: PlanDocument) -> None:
    styles = re.search(r"const ROADS = \[(.*)\];", SCRIPT)
    assert styles
    assert len(re.findall(r'\["#', styles.group(1))) == len(json.loads(map_json(document, []))["roads"])


def test_every_element_that_the_script_asks_for_is_on_the_page() -> None:
    wanted = set(re.findall(r'getElementById\("(\w+)"\)', SCRIPT))
    wanted |= set(re.findall(r'querySelector(?:All)?\("#(\w+)', SCRIPT))
    assert wanted
    assert wanted <= set(re.findall(r'id="(\w+)"', TEMPLATE))


def test_every_field_that_the_script_reads_is_in_the_content(document: PlanDocument) -> None:
    content = json.loads(map_json(document, []))
    assert set(re.findall(r"\bcontent\.(\w+)", SCRIPT)) <= set(content)
    line, stop = content["lines"][0], content["stops"][0]
    trip_fields = set(re.findall(r"\b(?:trip|t)\.(\w+)", SCRIPT)) - {"points"}
    assert trip_fields <= set(line["trips"][0])
    own = {"x", "y"}
    assert set(re.findall(r"\b(?:stop|found\.stop)\.(\w+)", SCRIPT)) - own <= set(stop)


def test_brackets_of_script_and_style_match() -> None:
    for part in PARTS.values():
        bare = re.sub(r'"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|//[^\n]*', "", part)
        for opening, closing in ("()", "[]", "{}"):
            assert bare.count(opening) == bare.count(closing)

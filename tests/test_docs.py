"""The documents are true where a program can tell: commands, options, rules, reasons, words, links."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer
from PIL import Image

from api.cli import app
from routing.cli.planning import INTERRUPTED
from routing.compare import LineChange
from routing.errors import InputError, NoPlanError, RoadError, RoutingError
from routing.evaluate import CostParts, Kpis, Rule
from routing.explain.finding import UNITS
from routing.formats.scenario_toml import SECTIONS
from routing.formats.tables import TABLES
from routing.model.demand import Need
from routing.model.places import StopStatus
from routing.model.plan import Reason

Command = Any  # typer carries a click of its own
ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LARGEST_PICTURE = 400_000
COMMANDS_PAGE = (DOCS / "reference" / "commands.md").read_text("utf-8")
NOT_THERE_YET = "## Not there yet"
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^()\s]+)\)")
OUR_PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "data").rglob("*.md")), *sorted(DOCS.rglob("*.md"))]
PLAIN_PAGES = [page for page in OUR_PAGES if page.parent.name != "adr"]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def without_fences(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def fences(text: str, language: str) -> Iterator[str]:
    yield from re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def slug(heading: str) -> str:
    """Return the anchor that code hosts give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    return {
        slug(heading) for heading in re.findall(r"^#+ (.+)$", without_fences(path.read_text("utf-8")), re.MULTILINE)
    }


@lru_cache(maxsize=1)
def whole() -> Command:
    return typer.main.get_command(app)


@lru_cache(maxsize=1)
def commands() -> dict[str, Command]:
    """Return every command by what a user types."""

    def walk(name: str, command: Command) -> Iterator[tuple[str, Command]]:
        inner = getattr(command, "commands", {})
        if not inner:
            yield name, command
        for word, child in inner.items():
            yield from walk(f"{name} {word}", child)

    return dict(walk("banche", whole()))


def options(command: Command) -> dict[str, Any]:
    """Return the options of a command by every spelling."""
    found = [p for p in command.params if p.param_type_name == "option" and "--help" not in p.opts]
    return {spelling: option for option in found for spelling in (*option.opts, *option.secondary_opts)}


def command_section(name: str) -> str:
    return COMMANDS_PAGE.split(f"## {name}\n", 1)[1].split("\n## ", 1)[0]


def option_rows(name: str) -> dict[str, str]:
    """Return spelling → default as the page tells them."""
    rows = re.findall(r"^\| (`-.+?`) \| (.*?) \|", command_section(name), re.MULTILINE)
    return {spelling: default for spellings, default in rows for spelling in re.findall(r"`(-[\w-]+)`", spellings)}


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    assert set(re.findall(r"^## (banche .+)$", COMMANDS_PAGE, re.MULTILINE)) == set(commands())


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_option_of_a_command_is_documented_and_no_other(name: str) -> None:
    assert set(option_rows(name)) == set(options(commands()[name]))


@pytest.mark.parametrize("name", sorted(commands()))
def test_a_documented_default_is_the_one_that_is_used(name: str) -> None:
    documented = option_rows(name)
    for spelling, option in options(commands()[name]).items():
        if option.required:
            assert documented[spelling] == "required", spelling
        elif option.default is not None and not isinstance(option.default, bool):
            assert documented[spelling] == f"`{option.default}`", spelling


@pytest.mark.parametrize("name", sorted(commands()))
def test_a_command_that_takes_arguments_is_shown_with_them(name: str) -> None:
    for argument in commands()[name].params:
        if argument.param_type_name == "argument":
            metavar = str(argument.metavar).strip("[]")
            assert metavar in command_section(name)


def test_what_is_said_to_be_missing_is_missing() -> None:
    """A page that calls a command missing must be mended on the day it comes."""
    missing = (
        set(re.findall(r"`(\w+)`", COMMANDS_PAGE.split(NOT_THERE_YET)[1])) if NOT_THERE_YET in COMMANDS_PAGE else set()
    )
    assert missing & {name.split()[1] for name in commands()} == set()


def test_every_kind_of_line_change_is_documented() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", command_section("banche compare"), re.MULTILINE)
    assert set(rows) == {change.value for change in LineChange}


def test_every_rule_of_the_judge_has_a_section_and_every_section_a_rule() -> None:
    page = (DOCS / "reference" / "rules.md").read_text("utf-8")
    sections = re.findall(r"^### (\w+)\n+(.+)$", page, re.MULTILINE)
    assert sorted(name for name, _ in sections) == sorted(rule.value for rule in Rule)
    assert all(len(text.split()) >= 6 for _, text in sections)


def test_the_keys_that_the_rules_name_exist() -> None:
    page = (DOCS / "reference" / "rules.md").read_text("utf-8")
    named = set(re.findall(r"`((?:max|min|arrive|leave|dwell|short|turnaround|run_time)_\w+)`", page))
    assert named <= set(SECTIONS["rules"]) | set(SECTIONS["budget"]) | {rule.value for rule in Rule} | {
        Need.SHORT_WALK.value
    }
    assert len(named) >= 12


@pytest.mark.parametrize("page", ["reference/plan-document.md", "how-to/unserved-riders.md"])
def test_every_reason_and_relaxation_is_documented(page: str) -> None:
    named = set(re.findall(r"`(\w+)`", (DOCS / page).read_text("utf-8")))
    assert {reason.value for reason in Reason} <= named
    assert set(UNITS) <= named


def test_the_unit_of_every_relaxation_is_told() -> None:
    page = (DOCS / "how-to" / "unserved-riders.md").read_text("utf-8").split("## Relaxations")[1]
    assert dict(re.findall(r"^\| `(\w+)` \| .* \| (\w+) \|$", page, re.MULTILINE)) == UNITS


def test_every_key_figure_is_documented() -> None:
    page = (DOCS / "reference" / "plan-document.md").read_text("utf-8")
    named = set(re.findall(r"`(\w+)`", page.split("## summary")[1].split("\n## ")[0]))
    assert set(Kpis.__dataclass_fields__) | set(CostParts.__dataclass_fields__) <= named


def test_every_status_of_a_stop_is_documented() -> None:
    page = (DOCS / "how-to" / "pinned-and-forbidden-stops.md").read_text("utf-8")
    assert {status.value for status in StopStatus} <= set(re.findall(r"`(\w+)`", page))


def test_every_table_of_a_scenario_is_named_in_the_how_to_for_spreadsheets() -> None:
    page = (DOCS / "how-to" / "scenario-from-a-spreadsheet.md").read_text("utf-8")
    assert set(TABLES) <= set(re.findall(r"`(\w+)`", page))


def scenario_keys(page: Path) -> Iterator[tuple[str, str]]:
    """Yield section and key of every line of the TOML examples on a page."""
    for block in fences(page.read_text("utf-8"), "toml"):
        section = ""
        for line in block.splitlines():
            if head := re.match(r"\[(\w+)\]", line):
                section = head.group(1)
            elif key := re.match(r"(\w+)\s*=", line):
                yield section, key.group(1)


def test_every_key_of_a_toml_example_is_one_that_is_read() -> None:
    keys = [(page, *pair) for page in OUR_PAGES for pair in scenario_keys(page)]
    assert keys
    assert [(name_of(page), section, key) for page, section, key in keys if key not in SECTIONS.get(section, ())] == []


def shell_lines() -> list[tuple[str, str]]:
    pages = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    return [
        (name_of(page), line.partition(" #")[0].strip())
        for page in pages
        for block in fences(page.read_text("utf-8"), "sh")
        for line in block.splitlines()
        if line.startswith("banche ")
    ]


@pytest.mark.parametrize(("page", "line"), shell_lines())
def test_a_command_line_that_is_shown_can_be_parsed(page: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsed as a user types it, with every command's work replaced by nothing."""
    for command in commands().values():
        monkeypatch.setattr(command, "callback", lambda **_: None)
    assert not whole().main(shlex.split(line)[1:], standalone_mode=False), page


def test_the_readme_shows_commands_of_ours() -> None:
    assert sum(page == "README.md" for page, _ in shell_lines()) >= 3


@pytest.mark.parametrize("page", OUR_PAGES, ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    dead = []
    for _, target in LINK.findall(without_fences(page.read_text("utf-8"))):
        if re.match(r"https?:|mailto:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.exists() or (anchor and found.suffix == ".md" and anchor not in anchors(found)):
            dead.append(target)
    assert dead == []


def test_every_page_can_be_reached_from_the_index() -> None:
    seen, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in seen:
            continue
        seen.add(page)
        for _, target in LINK.findall(page.read_text("utf-8")):
            path = (page.parent / target.partition("#")[0]).resolve()
            if path.suffix == ".md" and path.is_file():
                ahead.append(path)
    assert {name_of(page) for page in DOCS.rglob("*.md")} <= {name_of(page) for page in seen}


def test_the_readme_opens_with_what_it_is_a_picture_and_two_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    picture, demo, test = text.index("!["), text.index("make demo"), text.index("make test")
    assert text.startswith("# banche")
    assert text.index("shuttle") < picture < demo < test < text.index("\n## ")


def test_pictures_are_small_and_can_be_seen() -> None:
    shown = [
        (page.parent / target).resolve()
        for page in OUR_PAGES
        for mark, target in LINK.findall(page.read_text("utf-8"))
        if mark
    ]
    assert ROOT / "docs" / "images" / "demo.png" in shown
    for path in shown:
        assert path.stat().st_size <= LARGEST_PICTURE
        with Image.open(path) as picture:
            assert min(picture.size) >= 400


def test_every_folder_is_explained_in_the_readme() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    folders = {name.split("/")[0] for name in listed.stdout.splitlines() if "/" in name}
    told = set(re.findall(r"^\| \[`([\w.]+)/`\]", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE))
    assert folders == told


def test_data_and_licence_are_credited() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert all(word in text for word in ("OpenStreetMap contributors", "ODbL 1.0", "Apache License 2.0", "synthetic"))


def glossary_code() -> list[str]:
    """Return the words of the code column, the part after the point for members."""
    text = (DOCS / "GLOSSARY.md").read_text("utf-8").split("## Words of the field without code")[0]
    cells = re.findall(r"^\| [^|]+ \| ([^|]+) \| [^|]+ \| [^|]+ \|$", text, re.MULTILINE)
    return [word for cell in cells for word in re.findall(r"`(?:\w+\.)?(\w+)`", cell)]


def test_every_code_name_of_the_glossary_is_in_the_sources() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "routing").rglob("*.py"))
    known = set(re.findall(r"\w+", sources))
    assert len(glossary_code()) >= 35
    assert set(glossary_code()) - known == set()


def test_every_word_of_the_glossary_has_its_chinese() -> None:
    rows = re.findall(r"^\| .+ \|$", (DOCS / "GLOSSARY.md").read_text("utf-8"), re.MULTILINE)
    words = [row for row in rows if not row.startswith(("| word", "|---"))]
    assert [row for row in words if not re.search(r"[\u4e00-\u9fff]", row)] == []


@pytest.mark.parametrize("page", PLAIN_PAGES, ids=name_of)
def test_a_line_is_never_called_a_route(page: Path) -> None:
    """The word is GTFS's, and may stand only where GTFS or the word itself is spoken of."""
    lines = without_fences(page.read_text("utf-8")).splitlines()
    assert [
        line
        for line in lines
        if re.search(r"\broutes?\b", line, re.IGNORECASE) and "GTFS" not in line and "`routes`" not in line
    ] == []


def test_the_changelog_keeps_its_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    headings = re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)
    assert headings[0] == "Unreleased"
    kinds = set(re.findall(r"^### (\w+)", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_every_command_is_told_in_the_changelog() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert [name for name in commands() if f"`{name.removeprefix('banche ')}`" not in text] == []


def test_the_tutorial_leads_through_every_part_of_the_report() -> None:
    template = (ROOT / "routing" / "formats" / "report" / "page.html.tmpl").read_text("utf-8")
    parts = re.findall(r"<h2>([^<$]+)</h2>", template)
    tutorial = (DOCS / "tutorial.md").read_text("utf-8")
    assert len(parts) >= 4
    assert [part for part in parts if f"**{part}.**" not in tutorial] == []


def test_every_exit_status_is_documented() -> None:
    told = {
        int(status) for status in re.findall(r"(\d+) [a-z]", COMMANDS_PAGE.split("**Exit status.**")[1].split("\n")[0])
    }
    assert told == {
        0,
        INTERRUPTED,
        *(error.exit_status for error in (RoutingError, InputError, RoadError, NoPlanError)),
    }

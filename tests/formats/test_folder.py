"""An output folder is the old one or the new one, never a mixture."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from routing.errors import InputError
from routing.formats.folder import PLAN, Output, check_target, replace_file, replace_folder


def writer(**files: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "plan.json").write_text("{}")
        for name, text in files.items():
            (folder / name).write_text(text)

    return write


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a target that holds an earlier output."""
    replace_folder(tmp_path / "out", writer(old="1"))
    return tmp_path / "out"


def test_a_new_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    replace_folder(tmp_path / "a" / "b", writer(x="1"))
    assert names(tmp_path / "a" / "b") == ["plan.json", "x"]
    assert names(tmp_path / "a") == ["b"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    replace_folder(tmp_path / "out", writer())
    assert names(tmp_path / "out") == ["plan.json"]


def test_an_earlier_output_is_replaced_as_a_whole(out: Path) -> None:
    replace_folder(out, writer(new="2"))
    assert names(out) == ["new", "plan.json"]
    assert names(out.parent) == ["out"]


@pytest.mark.parametrize("error", [RuntimeError("bug"), KeyboardInterrupt(), MemoryError()])
def test_a_failing_writer_leaves_everything_as_it_was(out: Path, error: BaseException) -> None:
    def write(folder: Path) -> None:
        writer(half="x")(folder)
        raise error

    with pytest.raises(type(error)):
        replace_folder(out, write)
    assert names(out) == ["old", "plan.json"]
    assert names(out.parent) == ["out"]


def test_a_full_disk_is_bad_input_not_a_bug(out: Path) -> None:
    def write(_: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError) as caught:
        replace_folder(out, write)
    assert caught.value.code == "cannot_write"
    assert "No space left" in caught.value.cause
    assert names(out) == ["old", "plan.json"]


def test_a_failing_first_writer_leaves_nothing(tmp_path: Path) -> None:
    def write(_: Path) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        replace_folder(tmp_path / "out", write)
    assert names(tmp_path) == []


def test_the_target_shows_nothing_while_the_writer_works(out: Path) -> None:
    seen: list[list[str]] = []

    def write(folder: Path) -> None:
        writer(new="2")(folder)
        seen.append(names(out))

    replace_folder(out, write)
    assert seen == [["old", "plan.json"]]


def test_a_failing_rename_puts_the_old_folder_back(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def fail_for_the_new(self: Path, target: Path) -> Path:
        if self.name.endswith(".new"):
            raise OSError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_for_the_new)
    with pytest.raises(InputError) as caught:
        replace_folder(out, writer(new="2"))
    assert caught.value.code == "cannot_write"
    assert names(out) == ["old", "plan.json"]
    assert names(out.parent) == ["out"]


def test_a_process_that_died_between_two_renames_has_lost_nothing(out: Path) -> None:
    """The old folder waits beside the target and is put back, even when the next writer fails."""
    out.rename(out.with_name(".out.old"))

    def write(_: Path) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        replace_folder(out, write)
    assert names(out) == ["old", "plan.json"]


def test_a_process_that_died_before_tidying_up_is_tidied_up_after(out: Path) -> None:
    (out.with_name(".out.old")).mkdir()
    replace_folder(out, writer(new="2"))
    assert names(out.parent) == ["out"]
    assert names(out) == ["new", "plan.json"]


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(InputError) as caught:
        replace_folder(tmp_path, writer())
    assert caught.value.code == "not_our_folder"
    assert names(tmp_path) == ["thesis.docx"]


def test_a_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("x")
    with pytest.raises(InputError) as caught:
        check_target(path)
    assert caught.value.code == "not_our_folder"
    with pytest.raises(InputError):
        replace_folder(path, writer())
    assert path.read_text() == "x"


@pytest.mark.parametrize("prepare", [lambda _: None, Path.mkdir])
def test_targets_that_may_be_written_are_accepted(tmp_path: Path, prepare: Callable[[Path], None]) -> None:
    prepare(tmp_path / "out")
    check_target(tmp_path / "out")


def test_a_link_is_followed_and_kept(out: Path) -> None:
    link = out.with_name("latest")
    link.symlink_to(out)
    replace_folder(link, writer(new="2"))
    assert link.is_symlink()
    assert names(out) == ["new", "plan.json"]


def test_a_parent_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    with pytest.raises(InputError) as caught:
        replace_folder(tmp_path / "a" / "out", writer())
    assert caught.value.code == "cannot_write"


def test_the_folder_is_as_open_as_any_new_one(tmp_path: Path) -> None:
    replace_folder(tmp_path / "out", writer())
    (tmp_path / "plain").mkdir()
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


BOOK = Output("book", lambda folder: any(path.suffix == ".epub" for path in folder.iterdir()))


def test_each_kind_of_output_replaces_its_own_alone(out: Path) -> None:
    """A plan does not give way to a book, nor a book to a plan; the message says what was looked for."""
    shelf = out.with_name("shelf")
    replace_folder(shelf, lambda folder: (folder / "one.epub").touch(), kind=BOOK)
    replace_folder(shelf, lambda folder: (folder / "two.epub").touch(), kind=BOOK)
    assert names(shelf) == ["two.epub"]
    for target, kind in ((out, BOOK), (shelf, PLAN)):
        with pytest.raises(InputError) as caught:
            replace_folder(target, writer(), kind=kind)
        assert caught.value.code == "not_our_folder"
        assert f"no earlier {kind.noun}" in caught.value.cause
        assert caught.value.action.endswith(f"an earlier {kind.noun}.")
    assert (names(out), names(shelf)) == (["old", "plan.json"], ["two.epub"])


def test_a_folder_called_like_the_plan_is_no_plan(tmp_path: Path) -> None:
    (tmp_path / "out" / "plan.json").mkdir(parents=True)
    with pytest.raises(InputError):
        check_target(tmp_path / "out")


def test_a_link_that_leads_nowhere_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to(tmp_path / "gone")
    with pytest.raises(InputError) as caught:
        check_target(tmp_path / "out")
    assert caught.value.code == "not_our_folder"


def test_a_relative_target_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    replace_folder(Path("out"), writer())
    replace_folder(Path("out"), writer(new="2"))
    assert names(tmp_path / "out") == ["new", "plan.json"]


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "plan.xlsx"
    replace_file(path, b"1")
    replace_file(path, b"2")
    assert path.read_bytes() == b"2"
    assert names(path.parent) == ["plan.xlsx"]


@pytest.mark.skipif(os.name != "posix", reason="other systems word it differently")
def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    for target in (tmp_path / "folder", tmp_path / "file" / "below"):
        with pytest.raises(InputError) as caught:
            replace_file(target, b"1")
        assert caught.value.code == "cannot_write"
    assert names(tmp_path) == ["file", "folder"]

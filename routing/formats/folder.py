"""Replaces an output folder, or one file, as a whole or not at all."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from routing.errors import Fault, InputError
from routing.formats.codes import Code

MARKER = "plan.json"


@dataclass(frozen=True, slots=True)
class Output:
    """What kind of folder may be replaced.

    Attributes
    ----------
    noun : str
        What such a folder holds, for messages.
    is_ours : callable
        Tells whether a folder is an earlier output; any other that is not empty is left alone.
    """

    noun: str
    is_ours: Callable[[Path], bool]


PLAN = Output("plan", lambda folder: (folder / MARKER).is_file())


def replace_folder(target: Path, write: Callable[[Path], None], *, kind: Output = PLAN) -> None:
    """Fill a new folder and put it in the place of the old one.

    The files are written into a hidden folder beside the target, which then takes the target's name by renaming.
    When writing fails, or the process dies, the target is what it was before; a process that dies between the two
    renames leaves the old folder beside it, under a name that begins with ``.`` and ends in ``.old``, and the next
    call puts it back before anything else.

    Parameters
    ----------
    target : Path
        Absent, empty, or an earlier output of that kind.
    write : callable
        Writes every file into the folder it is given.

    Raises
    ------
    InputError
        When the target is a file, holds something else, or cannot be written.
    """
    target = target.resolve()
    old = target.with_name(f".{target.name}.old")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _restore(target, old)
        check_target(target, kind)
        fresh = target.with_name(f".{target.name}.{uuid4().hex}.new")
        fresh.mkdir()
    except OSError as error:
        raise _refusal(target, Code.CANNOT_WRITE, _reason(error), "Choose a folder that you may write.") from error
    try:
        write(fresh)
        _swap(fresh, target, old)
    except OSError as error:
        raise _refusal(target, Code.CANNOT_WRITE, _reason(error), "Make room, or choose another folder.") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def replace_file(target: Path, content: bytes) -> None:
    """Write a file so that at any moment it is the old one or the new one.

    Raises
    ------
    InputError
        When the target is a folder or cannot be written.
    """
    target = target.resolve()
    fresh = target.with_name(f".{target.name}.{uuid4().hex}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(content)
        fresh.replace(target)
    except OSError as error:
        raise _refusal(target, Code.CANNOT_WRITE, _reason(error), "Choose a file that you may write.") from error
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def check_target(target: Path, kind: Output = PLAN) -> None:
    """Refuse a target that is neither absent, nor empty, nor an earlier output of a kind.

    Worth asking before long work.

    Raises
    ------
    InputError
        With the code ``not_our_folder``.
    """
    if not target.exists() and not target.is_symlink():
        return
    action = f"Choose a new or empty folder, or one that holds an earlier {kind.noun}."
    if not target.is_dir():
        raise _refusal(target, Code.NOT_OUR_FOLDER, "the output folder is a file", action)
    if any(target.iterdir()) and not kind.is_ours(target):
        cause = f"the output folder holds other files, and no earlier {kind.noun}"
        raise _refusal(target, Code.NOT_OUR_FOLDER, cause, action)


def _restore(target: Path, old: Path) -> None:
    """Finish what a process that died between two renames began."""
    if old.is_dir():
        if target.exists():
            shutil.rmtree(old)
        else:
            old.rename(target)


def _swap(fresh: Path, target: Path, old: Path) -> None:
    if not target.exists():
        fresh.rename(target)
        return
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _reason(error: OSError) -> str:
    return f"the output cannot be written: {error.strerror or error}"


def _refusal(target: Path, code: Code, cause: str, action: str) -> InputError:
    return InputError(Fault(file=str(target), code=code.value, cause=cause, action=action))

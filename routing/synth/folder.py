"""Puts a made-up scenario in the place of an earlier one, as a whole or not at all."""

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from routing.errors import Fault, InputError
from routing.formats.codes import Code


def replace_scenario(target: Path, write: Callable[[Path], None]) -> None:
    """Fill a new folder beside the target and give it the target's name.

    Parameters
    ----------
    target : Path
        Absent, empty, or an earlier made-up scenario, which is told by ``synthetic = true`` in its scenario.toml:
        real riders are never overwritten.
    write : callable
        Writes every file into the folder it is given.

    Raises
    ------
    InputError
        ``not_our_folder`` when the target holds anything else, ``cannot_write`` when it cannot be written.
    """
    target = target.resolve()
    check_target(target)
    mark = uuid4().hex
    fresh, old = (target.with_name(f".{target.name}.{mark}.{end}") for end in ("new", "old"))
    try:
        fresh.mkdir(parents=True)
        write(fresh)
        if target.exists():
            target.rename(old)
        try:
            fresh.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise
    except OSError as error:
        cause = f"The scenario folder cannot be written: {error.strerror or error}."
        raise _refusal(target, Code.CANNOT_WRITE, cause, "Make room, or choose a folder that you may write.") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)


def check_target(target: Path) -> None:
    """Refuse a folder that holds anything but an earlier made-up scenario; raises as `replace_scenario` does."""
    action = "Choose a new or empty folder, or one that holds an earlier made-up scenario."
    if target.exists() and not target.is_dir():
        raise _refusal(target, Code.NOT_OUR_FOLDER, "The scenario folder is a file.", action)
    if target.is_dir() and any(target.iterdir()) and not _is_synthetic(target / "scenario.toml"):
        raise _refusal(
            target, Code.NOT_OUR_FOLDER, "The folder holds files that are not of a made-up scenario.", action
        )


def _is_synthetic(path: Path) -> bool:
    try:
        scenario = tomllib.loads(path.read_text(encoding="utf-8")).get("scenario", {})
    except (OSError, ValueError):
        return False
    return isinstance(scenario, dict) and scenario.get("synthetic") is True


def _refusal(target: Path, code: Code, cause: str, action: str) -> InputError:
    return InputError(Fault(file=str(target), code=code.value, cause=cause, action=action))

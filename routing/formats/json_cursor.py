"""Walks through parsed JSON and notes a fault, with its JSON pointer (RFC 6901), for whatever is not as expected."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from routing.formats.codes import Code
from routing.formats.faults import FaultList
from routing.model.units import parse_clock

_Value = TypeVar("_Value")


class Cursor:
    """One JSON object within a document."""

    def __init__(self, content: Mapping[str, Any], pointer: str, file: str, faults: FaultList) -> None:
        self._content = content
        self._pointer = pointer
        self._file = file
        self._faults = faults

    def fault(self, code: Code, cause: str, action: str, key: str, value: object = None) -> None:
        """Note a fault of one member."""
        self._faults.add(code, cause, action, file=self._file, column=f"{self._pointer}/{key}", value=value)

    def get(self, key: str) -> object:
        """Return a member as it is; None where it is absent."""
        return self._content.get(key)

    @property
    def content(self) -> Mapping[str, Any]:
        """The object as parsed."""
        return self._content

    def inner(self, key: str) -> "Cursor":
        """Return an object within this one; an empty one after a fault."""
        found = self._content.get(key)
        if not isinstance(found, dict):
            self.fault(Code.WRONG_TYPE, f"{key} must be an object", "Put it in curly brackets.", key, found)
            found = {}
        return Cursor(found, f"{self._pointer}/{key}", self._file, self._faults)

    def text(self, key: str) -> str:
        """Return a text that must be there; empty after a fault."""
        found = self._content.get(key)
        if isinstance(found, str) and found:
            return found
        if found is None or found == "":
            self.fault(Code.MISSING_VALUE, f"{key} is missing", f"Give {key} as a text.", key)
        else:
            self.fault(Code.WRONG_TYPE, f"{key} must be a text", "Put it in quotation marks.", key, found)
        return ""

    def text_or(self, key: str, default: str) -> str:
        """Return a text, or a default where it is absent, null or empty."""
        return self.text(key) if self._content.get(key) else default

    def one_of(self, key: str, choices: Callable[[str], _Value], words: tuple[str, ...]) -> _Value | None:
        """Return a member of an enumeration that must be there."""
        found = self.text(key)
        if found in words:
            return choices(found)
        if found:
            self.fault(Code.BAD_CHOICE, f"{key} is unknown", f"Use one of {', '.join(words)}.", key, found)
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; an absent one is empty."""
        found = self._content.get(key)
        if found is None:
            return ()
        if isinstance(found, list) and all(isinstance(item, str) for item in found):
            return tuple(found)
        self.fault(Code.WRONG_TYPE, f"{key} must be a list of texts", "Correct the list.", key, found)
        return ()

    def whole(self, key: str) -> int | None:
        """Return a whole number, or None where it is absent or null; whole floats are accepted."""
        found = self._content.get(key)
        if found is None:
            return None
        if not isinstance(found, bool) and isinstance(found, int | float) and found == found // 1:
            return int(found)
        self.fault(Code.WRONG_TYPE, f"{key} must be a whole number", "Round it to a whole number.", key, found)
        return None

    def degrees(self, key: str, most: float) -> float:
        """Return a coordinate that must be there; 0 after a fault."""
        found = self._content.get(key)
        if isinstance(found, bool) or not isinstance(found, int | float):
            self.fault(Code.WRONG_TYPE, f"{key} must be a number of degrees", "Correct the coordinate.", key, found)
        elif not abs(found) <= most:
            cause = f"{key} is not between -{most:g} and {most:g}"
            self.fault(Code.COORDINATE_OUT_OF_RANGE, cause, "Write WGS-84 degrees.", key, found)
        else:
            return float(found)
        return 0.0

    def clock(self, key: str) -> int | None:
        """Return a clock time [s], or None where it is absent or null."""
        found = self._content.get(key)
        if found is None:
            return None
        try:
            return parse_clock(found if isinstance(found, str) else "")
        except ValueError:
            action = "Write HH:MM:SS in quotation marks; it may pass 24:00:00."
            self.fault(Code.BAD_CLOCK, f"{key} is no clock time", action, key, found)
            return None

    def objects(self, key: str) -> Iterator["Cursor"]:
        """Yield the objects of a list; an absent list is empty."""
        found = self._content.get(key)
        if found is None:
            return
        if not isinstance(found, list):
            self.fault(Code.WRONG_TYPE, f"{key} must be a list", "Put it in square brackets.", key, found)
            return
        for position, item in enumerate(found):
            pointer = f"{self._pointer}/{key}/{position}"
            if isinstance(item, dict):
                yield Cursor(item, pointer, self._file, self._faults)
            else:
                self.fault(Code.WRONG_TYPE, "every item must be an object", "Correct it.", f"{key}/{position}", item)

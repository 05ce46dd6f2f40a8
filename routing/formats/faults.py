"""Collects the faults of one input, so that all of them are reported at once."""

from difflib import get_close_matches

from routing.errors import Fault, InputError
from routing.formats.codes import Code


class FaultList:
    """Faults found so far, in the order in which they were found."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(
        self,
        code: Code,
        cause: str,
        action: str,
        *,
        file: str,
        row: int | None = None,
        column: str | None = None,
        value: object = None,
    ) -> None:
        """Note one fault; a value that is no text is kept as Python writes it."""
        text = value if isinstance(value, str) or value is None else repr(value)
        fault = Fault(file=file, row=row, column=column, value=text, code=code.value, cause=cause, action=action)
        self._faults.append(fault)

    def found(self) -> tuple[Fault, ...]:
        """Return every fault: by file in the order of discovery, whole-file faults first, then by row."""
        files = list(dict.fromkeys(fault.file for fault in self._faults))
        return tuple(sorted(self._faults, key=lambda fault: (files.index(fault.file), fault.row or 0)))

    def raise_if_any(self) -> None:
        """Raise an `InputError` with every fault, where there is one."""
        if self._faults:
            raise InputError(*self.found())

    def touch(self, file: str) -> bool:
        """Tell whether a file has a fault."""
        return any(fault.file == file for fault in self._faults)

    def __len__(self) -> int:
        return len(self._faults)


def nearest(word: str, known: tuple[str, ...]) -> str:
    """Return a hint such as `` Did you mean 'max_walk_m'?``, or nothing where no known word is near."""
    matches = get_close_matches(word.strip().lower(), known, n=1, cutoff=0.6)
    return f" Did you mean {matches[0]!r}?" if matches else ""

"""Errors that tell what happened (code), why (cause) and what to do (action)."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of the input, at the place where a person can mend it.

    Attributes
    ----------
    file : str
        File name within the scenario folder, or the path as the user gave it.
    row : int or None
        Line number in the file, the header being line 1; None when the fault is the whole file's.
    column : str or None
        Column name, or dotted key in a TOML file.
    value : str or None
        The offending value as written.
    code : str
        Stable identifier, listed in docs/ERRORS.md.
    cause : str
        What is wrong, in one sentence.
    action : str
        What to do about it, in one sentence.
    """

    file: str
    code: str
    cause: str
    action: str
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def as_dict(self) -> dict[str, str | int | None]:
        """Return the fault as a JSON-ready mapping."""
        return asdict(self)

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f":{self.row}"
        if self.column is not None:
            place += f" [{self.column}]"
        value = "" if self.value is None else f" (found {self.value!r})"
        return f"{place}: {self.cause}{value} [{self.code}] {self.action}"


class RoutingError(Exception):
    """Base of every error that banche raises on purpose.

    Parameters
    ----------
    code : str
        Stable identifier, listed in docs/ERRORS.md.
    cause : str
        What happened, in one sentence.
    action : str
        What the reader can do about it, in one sentence.
    """

    exit_status = 1

    def __init__(self, code: str, cause: str, action: str) -> None:
        super().__init__(f"{cause} [{code}] {action}")
        self.code = code
        self.cause = cause
        self.action = action

    def __reduce__(self) -> tuple[type["RoutingError"], tuple[object, ...]]:
        """Let the error cross from a worker process."""
        return type(self), (self.code, self.cause, self.action)


class InputError(RoutingError):
    """The input cannot be used; carries every fault that was found.

    Parameters
    ----------
    faults : tuple of Fault
        At least one.
    """

    exit_status = 2

    def __init__(self, *faults: Fault) -> None:
        first = faults[0]
        super().__init__(first.code, first.cause, first.action)
        self.faults = faults

    def __reduce__(self) -> tuple[type["InputError"], tuple[object, ...]]:
        """Let the error cross from a worker process with all its faults."""
        return type(self), self.faults

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


class RoadError(RoutingError):
    """The roads cannot answer: no usable road, no way between two points, no network."""

    exit_status = 3


class NoPlanError(RoutingError):
    """No plan keeps the hard rules.

    Parameters
    ----------
    rule : str or None
        The rule that stands in the way, where one alone does.
    """

    exit_status = 4

    def __init__(self, code: str, cause: str, action: str, rule: str | None = None) -> None:
        super().__init__(code, cause, action)
        self.rule = rule

    def __reduce__(self) -> tuple[type["NoPlanError"], tuple[object, ...]]:
        """Let the error cross from a worker process with its rule."""
        return type(self), (self.code, self.cause, self.action, self.rule)

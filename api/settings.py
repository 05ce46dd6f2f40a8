"""How a process is configured: by environment variables, read once, checked, and then frozen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from api.errors import ApiError

PREFIX = "BANCHE_"
SPANS = {
    "rate_per_s": (0, 1_000_000),
    "failures_per_s": (0, 1_000_000),
    "max_body_bytes": (1_024, 2**31),
    "max_upload_bytes": (1_024, 2**40),
    "hold_s": (1, 7 * 86_400),
    "lease_s": (2, 86_400),
    "attempts": (1, 100),
    "retention_days": (0, 36_500),
}
"""Least and most of each number: beyond them clocks and columns would overflow, or nothing would work."""


def data_folder() -> Path:
    """Return the user's data folder, where the default database and its data key lie."""
    return Path(platformdirs.user_data_dir("banche"))


def default_database() -> str:
    """Return the URL of the embedded database."""
    return f"sqlite:///{data_folder() / 'banche.db'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set; ``db`` is read from ``BANCHE_DB``, and so on.

    Attributes
    ----------
    db : str
        Database URL.
    data_keys : str
        Keys that seal homes: ``id:base64`` of 32 bytes, the first one seals, separated by commas. Where it is
        empty they are read from `data_key_file`, which is made at the first start.
    data_key_file : str
        Path of that file.
    two_persons : bool
        Whether a plan needs the approval of another key than the one that proposed it.
    rate_per_s : int
        Requests that one key may make each second, in the mean; 0 for no limit.
    failures_per_s : int
        Requests with a wrong key that one address may make each second; 0 for no limit.
    max_body_bytes, max_upload_bytes : int
        Largest body of a request, and of a scenario's upload.
    hold_s : int
        How long a hold lasts [s].
    lease_s : int
        How long a worker may be silent before its job is given to another [s].
    attempts : int
        How often a job is begun before it counts as failed.
    retention_days : int
        How long bookings, boardings and jobs that made no plan are kept [days]; 0 for ever.
    private_webhooks : bool
        Whether webhooks may go to private addresses; for tests and closed networks only.
    log : str
        ``json`` or ``text``.
    """

    db: str = ""
    data_keys: str = ""
    data_key_file: str = ""
    two_persons: bool = False
    rate_per_s: int = 2_000
    failures_per_s: int = 20
    max_body_bytes: int = 16 * 2**20
    max_upload_bytes: int = 512 * 2**20
    hold_s: int = 600
    lease_s: int = 30
    attempts: int = 3
    retention_days: int = 400
    private_webhooks: bool = False
    log: str = "json"

    def __post_init__(self) -> None:
        for name, (least, most) in SPANS.items():
            if not least <= getattr(self, name) <= most:
                raise _bad(name, str(getattr(self, name)), f"a whole number from {least} to {most}")
        if self.log not in {"json", "text"}:
            raise _bad("log", self.log, "json or text")

    def with_defaults(self) -> "Settings":
        """Return the settings with the user's data folder where no place is named."""
        return replace(
            self,
            db=self.db or default_database(),
            data_key_file=self.data_key_file or str(data_folder() / "data.keys"),
        )


def read_settings(environment: Mapping[str, str], **given: Any) -> Settings:
    """Return the settings of an environment; what is given otherwise than as None goes first.

    Raises
    ------
    ApiError
        ``bad_setting``, when a variable is unknown or its value cannot be read.
    """
    known = {f"{PREFIX}{field.name.upper()}": field for field in fields(Settings)}
    unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise ApiError("bad_setting", f"{unknown[0]} is no setting.", f"Settings are {', '.join(sorted(known))}.")
    read: dict[str, Any] = {}
    for name, field in known.items():
        if name in environment:
            parse = _PARSERS[type(field.default)]
            try:
                read[field.name] = parse(environment[name])
            except ValueError as error:
                raise _bad(field.name, environment[name], str(error)) from error
    return Settings(**(read | {name: value for name, value in given.items() if value is not None})).with_defaults()


def _yes_or_no(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}
    if text.lower() not in words:
        raise ValueError("1 or 0")
    return words[text.lower()]


def _whole(text: str) -> int:
    if not text.isdigit():
        raise ValueError("a whole number, not below zero")
    return int(text)


_PARSERS: dict[type, Callable[[str], Any]] = {bool: _yes_or_no, int: _whole, str: str}


def _bad(name: str, value: str, wanted: str) -> ApiError:
    return ApiError("bad_setting", f"{PREFIX}{name.upper()} is {value!r}.", f"Write {wanted}.")

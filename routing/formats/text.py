"""Reads text files as UTF-8, and tells which other encoding a file seems to be in; parses TOML."""

import codecs
import tomllib
from pathlib import Path
from typing import Any

from routing.formats.codes import Code
from routing.formats.faults import FaultList

_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def read_text(path: Path, faults: FaultList) -> str | None:
    """Return the text of a UTF-8 file without its byte order mark, or None with a fault."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        faults.add(
            Code.UNREADABLE_FILE,
            f"the file cannot be read: {error.strerror}",
            "Check that it is a file that you may read.",
            file=path.name,
        )
        return None
    if not raw.strip():
        faults.add(Code.EMPTY_FILE, "the file is empty", "Fill it, or restore it from its source.", file=path.name)
        return None
    guess = _marked(raw)
    row = None
    if guess is None:
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            row = raw.count(b"\n", 0, error.start) + 1
            guess = _guess(raw)
    faults.add(
        Code.WRONG_ENCODING,
        f"the text is not UTF-8; it seems to be {guess}",
        "Save it as UTF-8 (in a spreadsheet program: 'CSV UTF-8').",
        file=path.name,
        row=row,
        value=guess,
    )
    return None


def parse_toml(text: str) -> dict[str, Any]:
    """Return the content of a TOML document.

    Raises
    ------
    TOMLDecodeError
        When it is none, or nested deeper than any of ours.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError("nested too deeply") from None


def _marked(raw: bytes) -> str | None:
    """Return the encoding that a byte order mark or zero bytes give away, where it is not UTF-8."""
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return name
    return "UTF-16" if b"\0" in raw[:4096] else None


def _guess(raw: bytes) -> str:
    """Return the likeliest encoding of bytes that are not UTF-8."""
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return "Latin-1 or Windows-1252"
    # GB 18030 decodes most bytes to something: believe it only where that is mostly common Chinese.
    foreign = [letter for letter in text if ord(letter) > 0x7F]
    chinese = sum("\u4e00" <= letter <= "\u9fff" or "\u3000" <= letter <= "\u303f" for letter in foreign)
    return "GBK (GB 18030)" if 2 * chinese >= len(foreign) else "Latin-1 or Windows-1252"

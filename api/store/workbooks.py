"""Riders taken out of workbooks, whichever of their sheets tell of them."""

import io
import warnings
import zipfile
import zlib

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from routing.formats.sheets import cell_text

BROKEN = (zipfile.BadZipFile, zlib.error, InvalidFileException, EOFError, OSError, SyntaxError, KeyError, ValueError,
          TypeError, AttributeError)  # fmt: skip
"""What reading a workbook that is none raises; nobody plans with such a one."""
COLUMN = "rider_id"


def workbook_without_rider(workbook: bytes, rider_id: str) -> bytes:
    """Return a workbook without the rows of a rider, in every sheet with a column of riders' ids.

    One that does not name the rider, or cannot be read, is returned as it was. Formulas become the values that they
    had: a scenario reads nothing else of them.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles it drops; only values count here
            book = openpyxl.load_workbook(io.BytesIO(workbook), data_only=True)
        gone = sum(_strike(sheet, rider_id) for sheet in book.worksheets)
        if not gone:
            return workbook
        written = io.BytesIO()
        book.save(written)
    except BROKEN:
        return workbook
    return written.getvalue()


def _strike(sheet: Worksheet, rider_id: str) -> int:
    """Delete the rows of a rider from a sheet, and return how many there were."""
    head = [cell_text(cell.value).strip() for cell in sheet[1]] if sheet.max_row else []
    if COLUMN not in head:
        return 0
    column = head.index(COLUMN) + 1
    found = [row for row in range(2, sheet.max_row + 1) if cell_text(sheet.cell(row, column).value).strip() == rider_id]
    for row in reversed(found):
        sheet.delete_rows(row)
    return len(found)

"""The two kinds of file that a list goes out as, written row by row: memory stays flat, however long the list.

What a spreadsheet would run as a formula is text in both. In CSV an apostrophe in front makes it so, which is part of
the text for any other program; numbers and phone numbers with a sign cannot do harm and stay as they are. In Excel the
cell itself says that it is text.
"""

import csv
import json
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol, Self

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

# The signs by which spreadsheets know a formula, their full-width forms too (Excel in East Asia takes them).
_FORMULA_START = re.compile(r"[\s'\"]*[=+\-@＝＋－＠]|[\t\r\n]")
_SIGNED_NUMBER = re.compile(r"[+-]\d[\d ]*(\.\d+)?", re.ASCII)
# Where lists are parted by semicolons or tabs, a spreadsheet parts a text there as well, and looks at what follows.
_FORMULA_WITHIN = re.compile(r"([;\t|\r\n][\s\"]*)(?=[=+\-@＝＋－＠])")
_SHEET_ROWS = 1_048_575  # Excel's limit, less the line of headings


class ListWriter(Protocol):
    """Writes one list; `close` completes the file."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None: ...

    def write(self, row: Sequence[object]) -> None: ...

    def close(self) -> None: ...


class CsvWriter:
    """UTF-8, commas, headings in the first line."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._file = path.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file)
        self.write(columns)

    def write(self, row: Sequence[object]) -> None:
        self._writer.writerow([neutralise(_plain(value, is_typed=False)) for value in row])

    def close(self) -> None:
        self._file.close()


class ExcelWriter:
    """One sheet, and another where it is full; numbers stay numbers."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._path, self._columns = path, columns
        self._book = Workbook(write_only=True)
        self._open_sheet()

    def write(self, row: Sequence[object]) -> None:
        if self._rows == _SHEET_ROWS:
            self._open_sheet()
        self._rows += 1
        self._append(row)

    def close(self) -> None:
        self._book.save(self._path)

    def _open_sheet(self) -> None:
        number = len(self._book.worksheets) + 1
        self._sheet = self._book.create_sheet("members" if number == 1 else f"members {number}")
        self._sheet.freeze_panes = "A2"
        self._append(self._columns)
        self._rows = 0

    def _append(self, row: Sequence[object]) -> None:
        self._sheet.append([self._cell(_plain(value, is_typed=True)) for value in row])

    def _cell(self, value: object) -> object:
        if not isinstance(value, str):
            return value
        text = ILLEGAL_CHARACTERS_RE.sub("", value)
        if not is_formula(text) and not text.startswith("#"):
            return text
        cell = WriteOnlyCell(self._sheet, text)
        cell.data_type = "s"
        cell.quotePrefix = True  # stays text when somebody edits it
        return cell


FORMATS: dict[str, type[ListWriter]] = {"csv": CsvWriter, "xlsx": ExcelWriter}


class Writers:
    """The same rows into several files; closed as one, whatever happens."""

    def __init__(self, paths: Sequence[Path], columns: Sequence[str]) -> None:
        self._writers = [FORMATS[path.suffix.removeprefix(".")](path, columns) for path in paths]
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def write(self, row: Sequence[object]) -> None:
        for writer in self._writers:
            writer.write(row)
        self.rows += 1

    def __exit__(self, *_: object) -> None:
        for writer in self._writers:
            writer.close()


def is_formula(text: str) -> bool:
    """Would a spreadsheet take this text for a formula that does something?"""
    return bool(_FORMULA_START.match(text)) and not _SIGNED_NUMBER.fullmatch(text)


def neutralise(value: object) -> object:
    """Texts that a spreadsheet would run as a formula, made plain; everything else as it is."""
    if not isinstance(value, str):
        return value
    text = _FORMULA_WITHIN.sub(r"\1'", value)
    return "'" + text if is_formula(text) else text


def _plain(value: Any, is_typed: bool) -> object:
    """A value as one cell: what is nested in it becomes JSON."""
    if isinstance(value, bool):
        return value if is_typed else str(value).lower()
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, Decimal) and not value.is_finite():
        return None
    return value

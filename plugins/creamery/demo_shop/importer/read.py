"""Records from delimited text, Parquet or Excel, one at a time: memory stays flat for the first two."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zipfile import BadZipFile

from creamery.demo_shop.importer.options import SEPARATORS, ImportOptions
from creamery.errors import InputError

_TEXT_SUFFIXES = {".csv", ".tsv", ".txt"}
_PARQUET_BATCH_ROWS = 20_000


class Record(NamedTuple):
    """One row and its line number, counting a header line. `values` None: it cannot be taken apart."""

    line: int
    values: Sequence[Any] | None


class _Span(NamedTuple):
    """What one reader step consumed: lines `first` to `last` of the file."""

    first: int
    last: int
    values: Sequence[Any] | None


@dataclass(slots=True)
class Table:
    """A file's column names and records; `read` and `empty` count rows and empty lines as they go by."""

    name: str
    header: list[str]
    spans: Iterator[_Span]
    read: int = 0
    empty: int = 0

    def records(self) -> Iterator[Record]:
        """Every row once. A row of the wrong width, or with broken quotation marks, comes without values,
        once for each line that it covers. Raises InputError where the file turns out to be damaged."""
        width = len(self.header)
        while span := self._next_span():
            first, last, values = span
            if values is not None and not any(_is_filled(value) for value in values):
                self.empty += 1
            elif values is not None and len(values) == width:
                self.read += 1
                yield Record(first, values)
            else:
                for line in range(first, last + 1):
                    self.read += 1
                    yield Record(line, None)

    def _next_span(self) -> _Span | None:
        try:
            return next(self.spans, None)
        except (
            OSError,
            ValueError,
            BadZipFile,
            SyntaxError,
        ) as error:  # what the three formats' readers raise
            place = f"after row {self.read + self.empty}"
            raise InputError(
                f"{self.name} is damaged {place}: {error}. Export it again, or check --encoding."
            ) from error


@contextmanager
def open_table(path: Path, options: ImportOptions) -> Iterator[Table]:
    """The table in `path`, open while the context lasts. Raises InputError where there is none."""
    if not path.is_file():
        raise InputError(f"{path} is not a file. Give the path of the file of orders: FILE=orders.csv")
    suffix = path.suffix.lower()
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}. Check the file's permissions.") from error
    with file:
        if suffix in _TEXT_SUFFIXES:
            yield _text_table(file, path, options)
        elif suffix == ".parquet":
            yield _parquet_table(file, path)
        elif suffix == ".xlsx":
            yield _excel_table(file, path, options)
        else:
            raise InputError(f"{path.name}: only .csv, .tsv, .txt, .parquet and .xlsx files are read. Save it as one.")


def _encoding(options: ImportOptions) -> str:
    return "utf-8-sig" if options.encoding.lower() in {"utf-8", "utf8"} else options.encoding


def _is_filled(value: object) -> bool:
    return value is not None and value != "" and not (isinstance(value, str) and value.isspace())


def _with_header(spans: Iterator[_Span], path: Path, given: Sequence[str] | None) -> Table:
    """Take the header off: the names given, else the first row that is not empty."""
    if given:
        return Table(path.name, list(given), spans)
    for span in spans:
        if span.values is None:
            raise InputError(
                f"{path.name}: line {span.first}, the header, has quotation marks that do not close. Fix it."
            )
        if any(_is_filled(value) for value in span.values):
            names = ["" if name is None else str(name).strip() for name in span.values]
            return Table(path.name, names, spans)
    raise InputError(f"{path.name} is empty. Export it again, with a header line and at least one order.")


def _text_table(file: BinaryIO, path: Path, options: ImportOptions) -> Table:
    # What is not of this encoding becomes lone surrogates, by which the parser knows the bad rows.
    text = TextIOWrapper(file, encoding=_encoding(options), errors="surrogateescape", newline="")
    try:
        opening = _opening_lines(text)
    except UnicodeError as error:
        raise InputError(f"{path.name} is not {options.encoding} text: {error}. Give its --encoding.") from error
    separator = SEPARATORS[options.separator] if options.separator else _usual_separator(opening[-1])
    lines = chain(opening, text)
    spans = _blank_spans(lines) if separator is None else _delimited_spans(lines, separator)
    return _with_header(spans, path, options.header)


def _opening_lines(text: TextIOWrapper) -> list[str]:
    """Everything up to the first line that is not blank; [""] in an empty file."""
    lines = [text.readline()]
    while lines[-1].isspace():
        lines.append(text.readline())
    return lines


def _usual_separator(line: str) -> str | None:
    """The separator that `line` has most of; blanks where it has none of the others."""
    best = max((mark for mark in SEPARATORS.values() if mark), key=line.count)
    return best if best in line else None


def _blank_spans(lines: Iterable[str]) -> Iterator[_Span]:
    return (_Span(number, number, line.split()) for number, line in enumerate(lines, 1))


def _delimited_spans(lines: Iterator[str], separator: str) -> Iterator[_Span]:
    """Rows of CSV. After a quotation mark that does not close, reading resumes where the parser noticed."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            values: list[str] | None = next(reader)
        except StopIteration:
            return
        except csv.Error:
            values = None
        yield _Span(first, reader.line_num, values)


def _parquet_table(source: BinaryIO, path: Path) -> Table:
    import pyarrow as arrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(source)
    except arrow.ArrowException as error:
        raise InputError(f"{path.name} is not a readable Parquet file: {error}. Export it again.") from error
    return Table(path.name, list(file.schema_arrow.names), _parquet_spans(file))


def _parquet_spans(file: Any) -> Iterator[_Span]:
    line = 0
    for batch in file.iter_batches(batch_size=_PARQUET_BATCH_ROWS):
        for values in zip(*(_python_values(column) for column in batch.columns), strict=True):
            line += 1
            yield _Span(line, line, values)


def _python_values(column: Any) -> list[Any]:
    import pyarrow as arrow

    if arrow.types.is_timestamp(column.type):  # nanoseconds would come as pandas' own type, ten times slower
        column = column.cast(arrow.timestamp("us", column.type.tz), safe=False)
    if arrow.types.is_float32(column.type):  # 2.55 stays 2.55, not 2.549999952316284
        return [None if text is None else float(text) for text in column.cast(arrow.string()).to_pylist()]
    values: list[Any] = column.to_pylist()
    return values


def _excel_table(source: BinaryIO, path: Path, options: ImportOptions) -> Table:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        workbook = load_workbook(source, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise InputError(f"{path.name} is not a readable .xlsx workbook: {error}. Save it again from Excel.") from error
    titles = [worksheet.title for worksheet in workbook.worksheets]
    sheet = workbook[_chosen_sheet(titles, path, options)]
    sheet.reset_dimensions()  # some programs write wrong ones, and rows would be cut off there
    return _with_header(_excel_spans(sheet.iter_rows(values_only=True)), path, options.header)


def _chosen_sheet(names: Sequence[str], path: Path, options: ImportOptions) -> str:
    if options.sheet is not None and options.sheet in names:
        return options.sheet
    if options.sheet is None and len(names) == 1:
        return names[0]
    problem = f"has no sheet {options.sheet!r}" if options.sheet else f"has {len(names)} sheets"
    raise InputError(f"{path.name} {problem}. Choose one with --sheet: {', '.join(names)}.")


def _excel_spans(rows: Iterable[Sequence[Any]]) -> Iterator[_Span]:
    """Rows of a sheet, trailing empty cells cut off or added, as wide as its first filled row."""
    width = 0
    for number, row in enumerate(rows, 1):
        values = list(row)
        while len(values) > width and not _is_filled(values[-1]):
            values.pop()
        values += [None] * (width - len(values))
        width = width or len(values)
        yield _Span(number, number, values)

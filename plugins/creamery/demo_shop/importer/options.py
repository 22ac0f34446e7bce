"""What the user decides about one import."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from creamery.demo_shop.importer.columns import Column
from creamery.errors import InputError

SEPARATORS: Mapping[str, str | None] = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "pipe": "|",
    "whitespace": None,  # any run of blanks
}


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to read a file and what it means. Only `name` is always needed.

    `name` is the warehouse's; `columns` maps what the file calls its columns otherwise than usual;
    `header` names the columns of a text file that has no header line; `currency` None means the file's
    own most frequent one, or USD; `goods_pattern` is a regular expression for product codes of goods, all
    others being services.
    """

    name: str
    columns: Mapping[Column, str] = field(default_factory=dict)
    time_zone: str = "UTC"
    currency: str | None = None
    cancellation_prefix: str | None = None
    adjustment_prefix: str | None = None
    goods_pattern: str | None = None
    date_format: str | None = None
    is_decimal_comma: bool = False
    separator: str | None = None
    encoding: str = "utf-8"
    header: tuple[str, ...] | None = None
    sheet: str | None = None
    bad_rows_folder: Path = Path(".creamery/imports")

    def __post_init__(self) -> None:
        """Raise InputError for values that cannot be right whatever the file."""
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", self.name):
            raise InputError(f"{self.name!r} cannot name a warehouse. Use lower-case letters, digits and underscores.")
        if self.separator is not None and self.separator not in SEPARATORS:
            raise InputError(f"Unknown separator {self.separator!r}. Use one of: {', '.join(SEPARATORS)}.")
        _check_time_zone(self.time_zone)
        _check_encoding(self.encoding)
        if self.currency is not None:
            check_currency(self.currency)

    @property
    def bad_rows_file(self) -> Path:
        return self.bad_rows_folder / f"{self.name}-bad-rows.csv"


def check_currency(code: str) -> None:
    """Raise InputError unless `code` is an ISO 4217 code such as GBP."""
    from babel.numbers import list_currencies

    if code not in list_currencies():
        raise InputError(f"Unknown currency {code!r}. Use an ISO code such as GBP or USD with --currency.")


def _check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InputError(
            f"Unknown time zone {name!r}. Use a name such as Europe/London or Asia/Dhaka with --time-zone."
        ) from error


def _check_encoding(name: str) -> None:
    try:
        "".encode(name)
    except LookupError as error:
        raise InputError(f"Unknown encoding {name!r}. Use utf-8, latin-1 or cp1252 with --encoding.") from error

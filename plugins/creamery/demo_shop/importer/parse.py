"""From a record to a staged line: values as text that PostgreSQL takes, or the reason why the row is bad."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from creamery.demo_shop.importer.columns import Column
from creamery.demo_shop.importer.options import ImportOptions
from creamery.demo_shop.importer.read import Record

# The staging table's columns, in the order of LineParser.parse's tuples.
STAGED = (
    "line_number", "order_id", "ordered_at", "customer", "product", "description", "quantity", "unit_price",
    "value", "country", "currency", "is_cancelled", "reason", "detail", "source_row",
)  # fmt: skip

_MISSING = {"", "null", "nan", "none", "n/a", "#n/a"}
_YES = {"1", "true", "t", "yes", "y", "x", "c", "cancelled", "canceled", "cancellation", "refund", "return"}
_NO = {"0", "false", "f", "no", "n"}
_NUMBER = re.compile(r"[+-]?(?=\.?[0-9])[0-9]{0,12}(\.[0-9]{0,20})?")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_YEARS = range(1970, 2101)
_DETAIL_LENGTH = 200


class Reason(StrEnum):
    """Why a row cannot be imported, in words for the user."""

    SHAPE = "not as many values as the header, or quotation marks that do not close"
    ENCODING = "text that is not of the file's encoding (see --encoding)"
    NO_ORDER_ID = "no order id"
    NO_DATE = "no date"
    DATE = "date not understood (see --date-format)"
    YEAR = "date outside 1970 to 2100"
    NO_QUANTITY = "no quantity"
    QUANTITY = "quantity is not a number"
    ZERO_QUANTITY = "quantity is zero"
    NO_PRICE = "no price or value"
    PRICE = "price or value is not a number"
    BOTH_NEGATIVE = "quantity and price are both negative"
    CANCELLED = "cancellation mark is neither yes nor no"
    CURRENCY = "another currency than the company's"
    OTHER_CUSTOMER = "another customer than the order's first"


class BadValue(Exception):  # noqa: N818 (not an error, a finding about one row)
    """Carries a Reason and the offending value."""

    def __init__(self, reason: Reason, detail: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class LineParser:
    """Parses the records of one file. `positions` says which value of a record is which column."""

    def __init__(self, positions: Mapping[Column, int], options: ImportOptions) -> None:
        self._positions = positions
        self._date_format = options.date_format
        self._is_decimal_comma = options.is_decimal_comma

    def parse(self, record: Record) -> tuple[Any, ...]:
        """One value per name in STAGED. A bad row has its number, reason, detail and source row only."""
        if record.values is None:
            return self._bad(record, BadValue(Reason.SHAPE))
        try:
            return (record.line, *self._values(record.values), None, None, None)
        except BadValue as finding:
            return self._bad(record, finding)

    def _bad(self, record: Record, finding: BadValue) -> tuple[Any, ...]:
        detail = finding.detail[:_DETAIL_LENGTH] if finding.detail else None
        nothing = (None,) * (len(STAGED) - 5)
        return (
            record.line,
            *nothing,
            False,
            finding.reason.value,
            _storable(detail),
            _source_row(record.values),
        )

    def _values(self, values: Sequence[Any]) -> tuple[Any, ...]:
        order_id = self._text(values, Column.ORDER_ID)
        if order_id is None and Column.ORDER_ID in self._positions:
            raise BadValue(Reason.NO_ORDER_ID)
        moment = self._moment(values)
        quantity = self._quantity(values)
        unit_price, value = self._price(values, quantity)
        return (
            order_id,
            moment,
            self._text(values, Column.CUSTOMER),
            self._text(values, Column.PRODUCT),
            self._text(values, Column.DESCRIPTION),
            quantity,
            unit_price,
            value,
            self._text(values, Column.COUNTRY),
            self._text(values, Column.CURRENCY),
            self._is_cancelled(values),
        )

    def _text(self, values: Sequence[Any], column: Column) -> str | None:
        place = self._positions.get(column)
        return None if place is None else _cleaned(values[place])

    def _moment(self, values: Sequence[Any]) -> str:
        """Local time, or a time with its own offset, as ISO text."""
        value = values[self._positions[Column.DATE]]
        if isinstance(value, datetime | date):
            text, year = value.isoformat(), value.year
        else:
            cleaned = _cleaned(value)
            if cleaned is None:
                raise BadValue(Reason.NO_DATE)
            text, year = _parsed_moment(cleaned, self._date_format)
        if year not in _YEARS:
            raise BadValue(Reason.YEAR, text)
        return text

    def _quantity(self, values: Sequence[Any]) -> str:
        if Column.QUANTITY not in self._positions:
            return "1"
        quantity = self._number(values, Column.QUANTITY, Reason.NO_QUANTITY, Reason.QUANTITY)
        if float(quantity) == 0:
            raise BadValue(Reason.ZERO_QUANTITY)
        return quantity

    def _price(self, values: Sequence[Any], quantity: str) -> tuple[str | None, str | None]:
        """Unit price and value, of which a file gives one; their signs say whether the pair makes sense."""
        is_value = Column.VALUE in self._positions
        column = Column.VALUE if is_value else Column.UNIT_PRICE
        money = self._number(values, column, Reason.NO_PRICE, Reason.PRICE)
        is_price_negative = (float(money) < 0) != (is_value and float(quantity) < 0 and float(money) != 0)
        if float(quantity) < 0 and is_price_negative:
            raise BadValue(Reason.BOTH_NEGATIVE, f"{quantity} and {money}")
        return (None, money) if is_value else (money, None)

    def _number(self, values: Sequence[Any], column: Column, absent: Reason, wrong: Reason) -> str:
        value = values[self._positions[column]]
        text = _cleaned(value)
        if text is None:
            raise BadValue(absent)
        if self._is_decimal_comma and isinstance(value, str):
            text = text.replace(".", "").replace(",", ".")
        if not _NUMBER.fullmatch(text):
            raise BadValue(wrong, text)
        return text

    def _is_cancelled(self, values: Sequence[Any]) -> bool:
        mark = self._text(values, Column.CANCELLED)
        if mark is None or mark.casefold() in _NO:
            return False
        if mark.casefold() in _YES:
            return True
        raise BadValue(Reason.CANCELLED, mark)


def _cleaned(value: Any) -> str | None:
    """Text as it will be stored; None where it says nothing. Raises BadValue where it cannot be."""
    if value is None:
        return None
    if isinstance(value, float):
        value = int(value) if value.is_integer() else Decimal(repr(value))
    return _cleaned_text(format(value, "f") if isinstance(value, Decimal) else str(value))


@lru_cache(maxsize=100_000)  # customers, products and prices come again and again
def _cleaned_text(text: str) -> str | None:
    stripped = text.strip()
    if stripped.casefold() in _MISSING:
        return None
    if _UNSTORABLE.search(stripped):
        raise BadValue(Reason.ENCODING, stripped)
    return stripped


def _storable(text: str | None) -> str | None:
    """`text` with a replacement character for each NUL and each byte that was not of the file's encoding."""
    return None if text is None else _UNSTORABLE.sub("\ufffd", text)


def _source_row(values: Sequence[Any] | None) -> str | None:
    if values is None:
        return None
    row = io.StringIO()
    csv.writer(row, lineterminator="").writerow(["" if value is None else value for value in values])
    return _storable(row.getvalue())


@lru_cache(maxsize=100_000)
def _parsed_moment(text: str, date_format: str | None) -> tuple[str, int]:
    """ISO text and year. Without a format only ISO 8601 is understood: 03/04/2024 could be March or April."""
    try:
        moment = datetime.strptime(text, date_format) if date_format else datetime.fromisoformat(text)
    except ValueError:
        raise BadValue(Reason.DATE, text) from None
    return moment.isoformat(), moment.year

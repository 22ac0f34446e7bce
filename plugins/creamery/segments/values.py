"""Values of conditions: what a field of each type may be compared with."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from creamery.segments.catalogue import Field
from creamery.segments.document import Cursor, shown
from creamery.segments.vocabulary import Code, FieldType, Operator


class Unit(StrEnum):
    DAY = "d"
    WEEK = "w"
    MONTH = "m"  # of the calendar
    YEAR = "y"


_MEAN_DAYS = {Unit.DAY: 1.0, Unit.WEEK: 7.0, Unit.MONTH: 365.25 / 12, Unit.YEAR: 365.25}
_SPAN = re.compile(r"([0-9]{1,3}|[0-9]{4}(?=d))([dwmy])")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SPAN_EXAMPLES = ("30d", "2w", "3m", "1y")
_DAY_EXAMPLES = ("2026-11-19", *(f"-{span}" for span in _SPAN_EXAMPLES))


@dataclass(frozen=True, slots=True)
class Span:
    """So many days, weeks, months or years: back from D where it stands for a day."""

    count: int
    unit: Unit

    def before(self, day: date) -> date:
        """The day this much earlier; where that month is too short, its last day."""
        if self.unit in (Unit.DAY, Unit.WEEK):
            return day - timedelta(days=self.count * (7 if self.unit is Unit.WEEK else 1))
        months = day.year * 12 + day.month - 1 - self.count * (12 if self.unit is Unit.YEAR else 1)
        year, month = months // 12, months % 12 + 1
        return date(year, month, min(day.day, monthrange(year, month)[1]))

    @property
    def mean_days(self) -> float:
        return self.count * _MEAN_DAYS[self.unit]


Scalar = bool | int | Decimal | str | date | Span
Value = Scalar | tuple[Scalar, ...]


def parse_value(cursor: Cursor, field: Field, operator: Operator) -> Value:
    """The value of a condition in the type of its field: a tuple for lists and ranges, a Span for days that count
    back from D. Raises SegmentError."""
    match operator:
        case Operator.IS_NULL:
            return cursor.boolean()
        case Operator.WITHIN_LAST:
            return _span(cursor)
        case Operator.IN | Operator.NOT_IN:
            return _list(cursor, field)
        case Operator.BETWEEN:
            return _range(cursor, field)
        case _:
            return _scalar(cursor, field)


def _scalar(cursor: Cursor, field: Field) -> Scalar:
    match field.type:
        case FieldType.INTEGER:
            return cursor.integer()
        case FieldType.NUMBER | FieldType.MONEY:
            return cursor.number()
        case FieldType.BOOLEAN:
            return cursor.boolean()
        case FieldType.DATE:
            return _day(cursor)
        case FieldType.ENUMERATION:
            return cursor.choice(field.values, Code.NOT_AN_ENUMERATION_VALUE)
        case FieldType.TEXT:
            return cursor.text()


def _list(cursor: Cursor, field: Field) -> tuple[Scalar, ...]:
    values = tuple(_scalar(item, field) for item in cursor.items())
    if not values:
        raise cursor.refusal(Code.EMPTY_LIST, "the list is empty", ["at least one value"])
    return values


def _range(cursor: Cursor, field: Field) -> tuple[Scalar, Scalar]:
    ends = cursor.items()
    if len(ends) != 2:
        raise cursor.refusal(Code.WRONG_TYPE, f"a range has two ends, not {len(ends)}", ["[lowest, highest]"])
    lowest, highest = (_scalar(end, field) for end in ends)
    if _is_reversed(lowest, highest):
        raise cursor.refusal(Code.REVERSED_RANGE, f"{ends[0].raw} comes after {ends[1].raw}", ["[lowest, highest]"])
    return lowest, highest


def _is_reversed(lowest: Scalar, highest: Scalar) -> bool:
    """A date and a span cannot be told apart before D is known; such a range may be empty."""
    if isinstance(lowest, Span) and isinstance(highest, Span):
        return lowest.mean_days < highest.mean_days
    if isinstance(lowest, Span) or isinstance(highest, Span):
        return False
    return lowest > highest  # type: ignore[operator]  # both are of the field's type


def _day(cursor: Cursor) -> date | Span:
    text = cursor.text()
    if text.startswith("-") and (span := _span_of(text[1:])):
        return span
    try:
        # fromisoformat alone would also take 20261119 and week dates.
        return date.fromisoformat(text if _ISO_DAY.fullmatch(text) else "")
    except ValueError as error:
        raise cursor.refusal(Code.MALFORMED_DATE, f"{shown(text)} is no day", _DAY_EXAMPLES) from error


def _span(cursor: Cursor) -> Span:
    span = _span_of(cursor.text())
    if not span or span.count == 0:
        raise cursor.refusal(Code.MALFORMED_DATE, f"{shown(cursor.raw)} is no span of time", _SPAN_EXAMPLES)
    return span


def _span_of(text: str) -> Span | None:
    found = _SPAN.fullmatch(text)
    return Span(int(found[1]), Unit(found[2])) if found else None

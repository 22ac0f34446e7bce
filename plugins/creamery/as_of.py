"""As-of days: ranges of them, and which moment's rows stand for each (spec, section 1)."""

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import psycopg

from creamery.errors import InputError


class Every(StrEnum):
    """Which days of a range a back-fill builds."""

    DAY = "day"
    WEEK_END = "week-end"
    MONTH_END = "month-end"


@dataclass(frozen=True, slots=True)
class Moment:
    """Days that one set of rows stands for: those of `known_at`, or of now where it is None."""

    days: tuple[date, ...]
    known_at: datetime | None = None


def days_of_range(first: date, last: date, every: Every) -> list[date]:
    """The days from `first` to `last`, both included, that are ends of the period; weeks end on Sunday.

    Raises InputError where there is none.
    """
    if last < first:
        raise InputError(f"The range ends before it begins: {first} to {last}. Swap FROM and TO.")
    days = [day for day in _each_day(first, last) if _is_end(day, every)]
    if not days:
        raise InputError(f"No {every} lies from {first} to {last}. Widen the range, or say every day.")
    return days


def require_ended(connection: psycopg.Connection, days: Iterable[date]) -> None:
    """Raise InputError for days whose end no extraction has seen."""
    row = connection.execute(
        "select max((extraction.source_snapshot_at at time zone warehouse.business_time_zone)::date) - 1"
        " from ops.extraction cross join ops.warehouse where extraction.state = 'complete'"
    ).fetchone()
    newest = row[0] if row else None
    if newest is None:
        raise InputError("This warehouse has not been filled yet: run extract_odoo first.")
    if future := [day for day in days if day > newest]:
        raise InputError(
            f"Day {min(future)} had not ended when Odoo was last extracted; the newest that had is {newest}. "
            "Ask for days up to that one, or run extract_odoo first."
        )


def moments(connection: psycopg.Connection, days: Iterable[date]) -> list[Moment]:
    """The days grouped by the moment that stands for them, the present last."""
    rows = connection.execute(
        "select ops.past_moment(day), array_agg(day order by day) from unnest(%s::date[]) as day"
        " group by 1 order by 1 nulls last",
        (list(days),),
    ).fetchall()
    return [Moment(tuple(group), known_at) for known_at, group in rows]


def require_kept(connection: psycopg.Connection, moments: Iterable[Moment], history_days: int | None) -> None:
    """Raise InputError for days of which versions were dropped by the setting raw_history_days."""
    if history_days is None:
        return
    row = connection.execute(
        "select max(source_snapshot_at) - make_interval(days => %s) from ops.extraction where state = 'complete'",
        (history_days,),
    ).fetchone()
    for moment in moments:
        if row and moment.known_at and moment.known_at < row[0]:
            raise InputError(
                f"Day {moment.days[-1]} can no longer be built as it stood: versions that ended before "
                f"{row[0]:%Y-%m-%d} are dropped (raw_history_days: {history_days} in dbt_project.yml)."
                " Ask for later days."
            )


def _each_day(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _is_end(day: date, every: Every) -> bool:
    match every:
        case Every.WEEK_END:
            return day.isoweekday() == 7
        case Every.MONTH_END:
            return day.day == calendar.monthrange(day.year, day.month)[1]
        case Every.DAY:
            return True

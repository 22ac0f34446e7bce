"""What a weekly report says: the figures of the newest published day beside those of seven days before."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from importlib.resources import files
from typing import Any

import psycopg

from creamery.errors import RunError


class Unit(StrEnum):
    """How a figure is written."""

    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class Figure:
    """`before` is of the week before, or of the day seven days earlier; None where that is not known."""

    section: str
    label: str
    unit: Unit
    value: Decimal | None
    before: Decimal | None


@dataclass(frozen=True, slots=True)
class Report:
    as_of_date: date
    published_at: datetime
    currency: str
    figures: tuple[Figure, ...]

    def sections(self) -> list[str]:
        """Titles in their order."""
        return list(dict.fromkeys(figure.section for figure in self.figures))


def collect(connection: psycopg.Connection) -> Report:
    """The report of the newest published day. Raises RunError where nothing is published."""
    published = connection.execute(
        "select as_of_date, published_at, reporting_currency from reporting.vw_publication where is_latest"
    ).fetchone()
    if published is None:
        raise RunError("Nothing is published yet, so there is nothing to report. Run a night first (make nightly).")
    day, published_at, currency = published
    rows = connection.execute(_query(), {"day": day}).fetchall()
    return Report(day, published_at, currency, tuple(_figure(*row) for row in rows))


def _query() -> bytes:
    return (files(__package__) / "weekly.sql").read_bytes()


def _figure(section: str, label: str, unit: str, value: Any, before: Any) -> Figure:
    return Figure(section, label, Unit(unit), _decimal(value), _decimal(before))


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)

"""How long the days of the marts are kept (spec, section 1): daily ones for a while, ends of months for ever."""

from collections.abc import Iterable
from datetime import date, timedelta

import psycopg
from psycopg import sql

from creamery import publication
from creamery.as_of import Every, is_end
from creamery.errors import InputError
from creamery.settings import Settings


def days_to_drop(days: Iterable[date], newest: date, kept_days: int) -> list[date]:
    """Those of `days` that are not among the `kept_days` days that end with `newest`, and no end of a month."""
    first_kept = newest - timedelta(days=kept_days - 1)
    return sorted(day for day in days if day < first_kept and not is_end(day, Every.MONTH_END))


def drop_old_days(connection: psycopg.Connection, settings: Settings) -> list[date]:
    """Drop what is older than the settings allow, for readers all at once; returns the days."""
    newest = publication.newest_day(connection)
    if newest is None:
        return []
    with connection.transaction():
        published = [day for (day,) in connection.execute("select as_of_date from ops.published_day").fetchall()]
        days = days_to_drop(published, newest, kept_days(connection, settings))
        if days:
            for table in _snapshot_tables(connection):
                connection.execute(sql.SQL("delete from {} where as_of_date = any(%s)").format(table), (days,))
            connection.execute("delete from ops.published_day where as_of_date = any(%s)", (days,))
    return days


def require_kept(connection: psycopg.Connection, days: Iterable[date], settings: Settings) -> None:
    """Raise InputError for days that would be dropped as soon as they are published."""
    days = list(days)
    newest = max([*days, publication.newest_day(connection) or date.min])
    kept = kept_days(connection, settings)
    if dropped := days_to_drop(days, newest, kept):
        raise InputError(
            f"Day {dropped[0]} is not kept: of days before the last {kept} only ends of months are. Ask for "
            "month-ends, or raise daily_snapshot_days (of a large shop: daily_snapshot_days_of_large_shops) in "
            "dbt_project.yml."
        )


def kept_days(connection: psycopg.Connection, settings: Settings) -> int:
    """The setting that holds for a shop of this size."""
    if connection.execute("select to_regclass('star.dim_customer')").fetchone() == (None,):
        return settings.daily_snapshot_days
    row = connection.execute(
        "select count(distinct customer_sk) from star.dim_customer where generation_to is null"
    ).fetchone()
    is_large = row is not None and row[0] > settings.large_shop_customers
    return settings.daily_snapshot_days_of_large_shops if is_large else settings.daily_snapshot_days


def _snapshot_tables(connection: psycopg.Connection) -> list[sql.Identifier]:
    rows = connection.execute(
        "select table_name from information_schema.columns where table_schema = 'marts' and column_name = 'as_of_date'"
    ).fetchall()
    return [sql.Identifier("marts", table) for (table,) in rows]

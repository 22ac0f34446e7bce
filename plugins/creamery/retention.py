"""How long the days of the marts are kept (spec, section 1): daily ones for a while, ends of months for ever."""

from datetime import date

import psycopg
from psycopg import sql

from creamery.settings import Settings

# A day that somebody asked for later is kept as long, from when it was built.
_OLD_DAYS = """
    select published_day.as_of_date
    from ops.published_day cross join ops.publication
    where
        published_day.as_of_date <= publication.as_of_date - %(kept_days)s
        and published_day.published_at <= publication.published_at - make_interval(days => %(kept_days)s)
        and extract(day from published_day.as_of_date + 1) <> 1
    order by 1
"""
# A row tells what happened on the day, not how things stood: written once, kept for ever (spec, section 6).
_HISTORY = {"lifecycle_stage_history"}


def drop_old_days(connection: psycopg.Connection, settings: Settings) -> list[date]:
    """Drop what is older than the settings allow, for readers all at once; returns the days."""
    with connection.transaction():
        rows = connection.execute(_OLD_DAYS, {"kept_days": kept_days(connection, settings)}).fetchall()
        if days := [day for (day,) in rows]:
            for name in _tables_of_days(connection) - _HISTORY:
                connection.execute(
                    sql.SQL("delete from {} where as_of_date = any(%s)").format(sql.Identifier("marts", name)), (days,)
                )
            connection.execute("delete from ops.published_day where as_of_date = any(%s)", (days,))
    return days


def kept_days(connection: psycopg.Connection, settings: Settings) -> int:
    """The setting that holds for a shop of this size."""
    if connection.execute("select to_regclass('star.dim_customer')").fetchone() == (None,):
        return settings.daily_snapshot_days
    row = connection.execute(
        "select count(*) from star.dim_customer where generation_to is null and is_current"
    ).fetchone()
    is_large = row is not None and row[0] > settings.large_shop_customers
    return settings.daily_snapshot_days_of_large_shops if is_large else settings.daily_snapshot_days


def _tables_of_days(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute(
        "select table_name from information_schema.columns where table_schema = 'marts' and column_name = 'as_of_date'"
    ).fetchall()
    return {name for (name,) in rows}

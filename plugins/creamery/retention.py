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
# What prediction_outcome reads once windows of 90 days are over, each night those that closed within a week. Rows of a
# day that is not published any more wait for that alone.
_PREDICTIONS = {"fact_customer_ltv", "fact_customer_churn_risk"}
_PREDICTION_DAYS = 90 + 6 + 1
# Day by day along an index: ends of months, kept for ever, make these tables long.
_SPENT_DAYS = """
    select spans.day::date
    from
        generate_series(
            (select min(as_of_date) from {table} where generation_to is null),
            (select as_of_date from ops.publication) - %(prediction_days)s,
            interval '1 day'
        ) as spans (day)
        cross join lateral (
            select from {table} where as_of_date = spans.day::date and generation_to is null limit 1
        ) as found
    where not exists (select from ops.published_day where as_of_date = spans.day::date)
"""


def drop_old_days(connection: psycopg.Connection, settings: Settings) -> list[date]:
    """Drop what is older than the settings allow, for readers all at once; returns the days."""
    with connection.transaction():
        rows = connection.execute(_OLD_DAYS, {"kept_days": kept_days(connection, settings)}).fetchall()
        days, tables = [day for (day,) in rows], _tables_of_days(connection)
        if days:
            for name in tables - _HISTORY - _PREDICTIONS:
                connection.execute(
                    sql.SQL("delete from {} where as_of_date = any(%s)").format(sql.Identifier("marts", name)), (days,)
                )
            connection.execute("delete from ops.published_day where as_of_date = any(%s)", (days,))
        for name in tables & _PREDICTIONS:
            _drop_spent_predictions(connection, sql.Identifier("marts", name))
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


def _drop_spent_predictions(connection: psycopg.Connection, table: sql.Identifier) -> None:
    """Drop those of unpublished days whose outcomes have been computed for the last time."""
    spent = sql.SQL(_SPENT_DAYS).format(table=table)
    rows = connection.execute(spent, {"prediction_days": _PREDICTION_DAYS}).fetchall()
    # A day that is being built again is not published yet.
    connection.execute(
        sql.SQL(
            "delete from {} where as_of_date = any(%s) and generation_from <= (select generation from ops.publication)"
        ).format(table),
        ([day for (day,) in rows],),
    )


def _tables_of_days(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute(
        "select table_name from information_schema.columns where table_schema = 'marts' and column_name = 'as_of_date'"
    ).fetchall()
    return {name for (name,) in rows}

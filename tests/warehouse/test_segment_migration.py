"""Who moved between segments within 30 days, against the RFM of both days computed from the source with pandas."""

import csv
import datetime as dt
from collections import Counter

import pandas as pd
import psycopg

from creamery.settings import DBT_PROJECT_FOLDER
from tests.shops import Built
from tests.warehouse import independent_rfm

MART = """
    select from_segment, to_segment, customers_migrated from reporting.vw_segment_migration where as_of_date = %s
"""


def seed(name: str) -> list[dict[str, str]]:
    with (DBT_PROJECT_FOLDER / "seeds" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def segments(table: pd.DataFrame) -> dict[int, str]:
    """Segment by customer."""
    names = {row["segment_code"]: row["segment_name"] for row in seed("customer_segment")}
    codes = {
        (int(row["recency_score"]), int(row["frequency_score"]), int(row["monetary_score"])): row["segment_code"]
        for row in seed("rfm_segment_map")
    }
    return {
        customer: names[codes[row["r"], row["f"], row["m"]] if row["orders"] > 0 else "LOST"]
        for customer, row in table.iterrows()
    }


def assert_migration_agrees(built: Built) -> None:
    with psycopg.connect(built.warehouse_admin) as connection:
        ((zone,),) = connection.execute("select business_time_zone from ops.warehouse").fetchall()
        rows = connection.execute(MART, (built.as_of,)).fetchall()
    then, now = (
        segments(independent_rfm.compute(built.source, built.as_of - dt.timedelta(days=days), zone)) for days in (30, 0)
    )
    expected = Counter((then.get(customer, "New"), segment) for customer, segment in now.items())
    assert {(before, after): customers for before, after, customers in rows} == expected


def test_demo_shop(built: Built) -> None:
    assert_migration_agrees(built)


def test_real_odoo(real_odoo: Built) -> None:
    assert_migration_agrees(real_odoo)

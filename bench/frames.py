"""The source documents' way to move rows: a data frame out, a data frame in (customer-analytics.md, section on ETL)."""

import time

import pandas
from sqlalchemy import JSON, create_engine, text


def rows_per_second(source_dsn: str, target_dsn: str, rows: int) -> float:
    """Read `rows` order lines into a frame and write them by DataFrame.to_sql."""
    source, target = (create_engine(_with_driver(dsn)) for dsn in (source_dsn, target_dsn))
    started = time.monotonic()
    frame = pandas.read_sql(
        text("select * from sale_order_line order by id limit :rows"), source, params={"rows": rows}
    )
    frame.to_sql("sale_order_line", target, index=False, dtype={"analytic_distribution": JSON, "extra_tax_data": JSON})
    seconds = time.monotonic() - started
    source.dispose()
    target.dispose()
    return len(frame) / seconds


def _with_driver(dsn: str) -> str:
    return dsn.replace("postgresql:", "postgresql+psycopg:")

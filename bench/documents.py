"""The source documents' way to RFM: an aggregate in a data frame, quintiles in pandas, JSON from task to task, and an
insert for every row (customer-analytics.md, sections on scores and on the DAG)."""

import datetime as dt
import io
import time

import pandas as pd
import psycopg
from psycopg import sql

_ORDERS = """
    select
        partners.id as customer_id,
        max(orders.date_order) as last_order_at,
        count(distinct orders.id) as orders_365,
        count(distinct case when orders.date_order >= %(day)s - interval '180 days' then orders.id end) as orders_180,
        count(distinct case when orders.date_order >= %(day)s - interval '90 days' then orders.id end) as orders_90,
        sum(orders.amount_total)::float as spend_365,
        sum(case when orders.date_order >= %(day)s - interval '180 days' then orders.amount_total else 0 end)::float
            as spend_180,
        sum(case when orders.date_order >= %(day)s - interval '90 days' then orders.amount_total else 0 end)::float
            as spend_90,
        avg(orders.amount_total)::float as average_order
    from res_partner as partners
    join sale_order as orders on partners.id = orders.partner_id
    where
        orders.state in ('sale', 'done') and orders.date_order >= %(day)s - interval '365 days'
        and orders.date_order < %(day)s
    group by partners.id
"""
# Rules in the documents' order, the first that fits: the least recency, frequency and money of each.
_SEGMENTS = {
    "Champions": (4, 4, 4),
    "Loyal Customers": (3, 3, 4),
    "Recent Customers": (4, 1, 1),
    "Potential Loyalists": (3, 3, 3),
    "Promising": (3, 1, 3),
    "Needs Attention": (2, 2, 2),
    "About to Sleep": (2, 1, 1),
}
_ROWS_PER_COMMIT = 1000


def rfm_seconds(source: str, target: str, day: dt.date) -> tuple[float, int]:
    """Seconds for one day, and the number of customers."""
    started = time.monotonic()
    scored = _score(_read(source, day), day)
    handed_over = pd.read_json(io.StringIO(scored.to_json()))
    _insert(target, handed_over, day)
    return time.monotonic() - started, len(scored)


def _read(source: str, day: dt.date) -> pd.DataFrame:
    with psycopg.connect(source, cursor_factory=psycopg.ClientCursor) as connection:
        cursor = connection.execute(_ORDERS, {"day": day + dt.timedelta(days=1)})
        assert cursor.description is not None
        return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])


def _score(customers: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    customers["days"] = (pd.Timestamp(day) - customers["last_order_at"]).dt.days
    measures = {"recency": -customers["days"], "frequency": customers["orders_365"], "monetary": customers["spend_365"]}
    for name, values in measures.items():
        quintiles = pd.qcut(values.rank(method="first"), q=5, labels=[1, 2, 3, 4, 5])
        customers[f"{name}_score"] = quintiles.astype(int)
        customers[f"{name}_percentile"] = values.rank(pct=True) * 100
    scores = [customers[f"{name}_score"].astype(str) for name in measures]
    customers["rfm_score"] = scores[0] + scores[1] + scores[2]
    customers["rfm_segment"] = customers["rfm_score"].apply(_segment_of)
    return customers


def _segment_of(score: str) -> str:
    given = tuple(map(int, score))
    fitting = (name for name, least in _SEGMENTS.items() if all(g >= m for g, m in zip(given, least, strict=True)))
    return next(fitting, "Hibernating")


def _insert(target: str, customers: pd.DataFrame, day: dt.date) -> None:
    kinds = {"int64": "bigint", "float64": "numeric"}
    columns = {"as_of_date": "date"} | {name: kinds.get(str(kind), "text") for name, kind in customers.dtypes.items()}
    defined = sql.SQL(", ").join(sql.SQL(f"{{}} {kind}").format(sql.Identifier(name)) for name, kind in columns.items())
    insert = sql.SQL("insert into customer_rfm values ({})").format(
        sql.SQL(", ").join([sql.Placeholder()] * len(columns))
    )
    with psycopg.connect(target) as connection:
        connection.execute(sql.SQL("create table customer_rfm ({})").format(defined))
        for number, row in enumerate(customers.itertuples(index=False), 1):
            connection.execute(insert, (day, *row))
            if number % _ROWS_PER_COMMIT == 0:
                connection.commit()

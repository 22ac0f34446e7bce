"""What is dated after D changes no feature and no score of D."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import nights
from tests.shops import AS_OF, Built

DAY = AS_OF - dt.timedelta(days=60)
DATES = {"fact_order": "order_date", "fact_sales": "sale_date", "fact_customer_activity": "activity_date"}
KEYS = {"fact_order": "order_sk", "fact_sales": "sales_sk", "fact_customer_activity": "activity_sk"}
CORRUPTIONS = {
    "fact_order": "sold_net_amount = -1000 * sold_net_amount, customer_sk = (select min(customer_sk) from {table})",
    "fact_sales": "net_amount = -1000 * net_amount, margin_amount = 7, is_refund = not is_refund",
    "fact_customer_activity": "sentiment_score = -1, nps_score = 0, activity_subtype = 'complaint'",
}
COMPARED = (
    "intermediate.customer_features",
    *(f"scores.customer_{name}" for name in ("value", "churn", "propensity", "cluster")),
)


@dataclass(frozen=True)
class Past:
    """A warehouse with the features and scores of DAY; `kept` has the star tables as they were."""

    warehouse: str
    warehouse_admin: str
    expected: dict[str, pd.DataFrame]


def results(admin_uri: str) -> dict[str, pd.DataFrame]:
    frames = {}
    with psycopg.connect(admin_uri) as connection:
        for table in COMPARED:
            cursor = connection.execute(f"select * from {table} order by as_of_date, customer_sk".encode())
            assert cursor.description
            frames[table] = pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])
    return frames


@pytest.fixture(scope="module")
def past(built: Built, new_database: Callable[..., str]) -> Past:
    """Scored by models that were trained on DAY."""
    admin_uri = new_database("warehouse", template=built.warehouse_admin)
    target = nights.prepare_warehouse(admin_uri)
    with psycopg.connect(admin_uri) as connection:
        connection.execute("create schema kept")
        for table in DATES:
            connection.execute(f"create table kept.{table} as select * from star.{table}".encode())
    assert nights.train(target, DAY) == {}
    nights.score(target, DAY)
    expected = results(admin_uri)
    assert all(len(frame) > 100 for frame in expected.values())
    churn = expected["scores.customer_churn"]
    assert "untrained" not in set(churn.loc[churn["as_of_date"] == DAY, "model_version"])
    return Past(target, admin_uri, expected)


def disturb(connection: psycopg.Connection, table: str, action: str, share: int) -> int:
    """One of `share` rows that are dated after DAY is deleted, doubled or corrupted; how many."""
    chosen = f"{DATES[table]} > '{DAY}' and abs({KEYS[table]}) % {share} = 0"
    match action:
        case "delete":
            statement = f"delete from star.{table} where {chosen}"
        case "add":
            added = f"create temp table new_{table} on commit drop as select * from star.{table} where {chosen}"
            connection.execute(added.encode())
            connection.execute(f"update new_{table} set {KEYS[table]} = {KEYS[table]} # 1234567".encode())
            statement = f"insert into star.{table} select * from new_{table}"
        case _:
            statement = f"update star.{table} set {CORRUPTIONS[table].format(table=f'star.{table}')} where {chosen}"
    return connection.execute(statement.encode()).rowcount


@pytest.mark.slow  # a build of the features for each example
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    actions=st.fixed_dictionaries({table: st.sampled_from(["delete", "add", "corrupt"]) for table in DATES}),
    share=st.integers(1, 3),
)
def test_rows_dated_after_the_day_change_nothing(past: Past, actions: dict[str, str], share: int) -> None:
    with psycopg.connect(past.warehouse_admin) as connection:
        for table in DATES:
            connection.execute(f"truncate star.{table}".encode())
            connection.execute(f"insert into star.{table} select * from kept.{table}".encode())
        for table, action in actions.items():
            assert disturb(connection, table, action, share) > 0
    nights.score(past.warehouse, DAY)
    for table, frame in results(past.warehouse_admin).items():
        pd.testing.assert_frame_equal(frame, past.expected[table], check_exact=True, obj=table)

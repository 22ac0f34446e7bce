"""Snapshot facts lie in partitions by month, made while readers read; tables from before that go on as they are."""

import datetime as dt
from collections.abc import Callable

import psycopg
import pytest

from creamery import publication, warehouse
from creamery.as_of import Moment
from creamery.orchestration import dbt
from creamery.warehouse import Role
from tests import nights
from tests.shops import AS_OF, Built

ROWS = """
    select to_jsonb(facts) - 'generation_from' - 'created_at' from marts.{} as facts where as_of_date = %s order by 1
"""
# As it was made before there were partitions.
WITHOUT_PARTITIONS = """
    create table marts.plain (like marts.customer_rhythm including defaults);
    insert into marts.plain select * from marts.customer_rhythm;
    drop table marts.customer_rhythm cascade;
    alter table marts.plain rename to customer_rhythm;
    alter table marts.customer_rhythm owner to creamery_transformer;
    create unique index customer_rhythm__alive on marts.customer_rhythm (as_of_date, customer_sk)
    where generation_to is null
"""


@pytest.fixture
def own(built: Built, new_database: Callable[..., str]) -> Built:
    admin_uri = new_database("warehouse", template=built.warehouse_admin)
    with psycopg.connect(admin_uri, autocommit=True) as connection:
        connection.execute(WITHOUT_PARTITIONS.encode())
        # A build that has to wait for a reader fails.
        connection.execute(f"alter database {admin_uri.rpartition('/')[2]} set lock_timeout = '5s'".encode())
    return Built(built.source, nights.as_login(admin_uri, "creamery_pipeline"), admin_uri)


def rows(connection: psycopg.Connection, table: str, day: dt.date) -> list[object]:
    return [row for (row,) in connection.execute(ROWS.format(table).encode(), (day,))]


def months_of(connection: psycopg.Connection, table: str) -> list[str]:
    partitions = connection.execute(
        "select inhrelid::regclass::text from pg_inherits where inhparent = %s::regclass order by 1",
        (f"marts.{table}",),
    )
    return [partition for (partition,) in partitions]


def build_marts(own: Built, *days: dt.date) -> None:
    with warehouse.writer(own.warehouse, Role.TRANSFORMER, "test") as writer:
        generation = publication.open_generation(writer.connection, days)
    dbt.build_layer(own.warehouse, dbt.MARTS, Moment(days), generation)


@pytest.mark.slow
def test_a_month_is_made_beside_readers_and_a_table_without_months_stays_one(own: Built) -> None:
    earlier = dt.date(2026, 10, 31)
    with psycopg.connect(own.warehouse_admin) as reader:
        before = {table: rows(reader, table, AS_OF) for table in ("fact_customer_rfm", "customer_rhythm")}
        build_marts(own, earlier, AS_OF)
    with psycopg.connect(own.warehouse_admin) as connection:
        assert {table: rows(connection, table, AS_OF) for table in before} == before
        assert months_of(connection, "fact_customer_rfm") == [
            "snapshots.fact_customer_rfm_2026_10",
            "snapshots.fact_customer_rfm_2026_11",
        ]
        assert months_of(connection, "customer_rhythm") == []
        for table in before:
            assert rows(connection, table, earlier)


@pytest.mark.slow
def test_one_day_is_looked_for_in_its_month_alone(own: Built) -> None:
    build_marts(own, dt.date(2026, 10, 31))
    with psycopg.connect(own.warehouse_admin) as connection:
        plan = connection.execute(f"explain select * from marts.fact_customer_rfm where as_of_date = '{AS_OF}'")
        assert "fact_customer_rfm_2026_11" in (text := str(plan.fetchall()))
    assert "2026_10" not in text

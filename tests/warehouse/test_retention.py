"""Daily snapshots are kept for a while, ends of months for ever."""

from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from creamery import retention, settings, warehouse
from creamery.as_of import Moment
from creamery.orchestration import dbt
from creamery.warehouse import Role
from tests import nights
from tests.shops import AS_OF, Built

SETTINGS = replace(
    settings.load(), daily_snapshot_days=30, daily_snapshot_days_of_large_shops=7, large_shop_customers=1_000_000
)
# The day, how many days before the newest one it was built, and what becomes of it.
DAYS = [
    ("2026-10-20", 30, "dropped"),
    ("2026-10-21", 30, "kept"),  # its thirtieth day
    ("2026-10-19", 29, "kept"),  # built later, on request
    ("2026-09-30", 50, "kept"),
    ("2026-09-29", 50, "dropped"),
    ("2024-02-29", 600, "kept"),
    ("2024-02-28", 600, "dropped"),
    ("2024-02-27", 29, "kept"),
    ("2026-08-15", 96, "dropped"),  # its window closed six days ago
    ("2026-08-14", 97, "dropped"),
]
PREDICTIONS = ("marts.fact_customer_ltv", "marts.fact_customer_churn_risk")
HISTORY = "marts.lifecycle_stage_history"
# Rows of the newest day as if they were another day's.
ANOTHER_DAY = """
    insert into {table}
    select (jsonb_populate_record(facts, jsonb_build_object('as_of_date', %(day)s::text))).*
    from {table} as facts
    where as_of_date = %(newest)s and generation_to is null
"""
PUBLISHED = """
    insert into ops.published_day
    select %(day)s, generation, false, published_at - make_interval(days => %(days_ago)s) from ops.publication
"""
# As a night wrote them when the windows closed; no run would write them so.
OUTCOMES = """
    insert into marts.prediction_outcome (
        outcome_sk, task, prediction_date, decile, model_version, horizon_days, customer_count, predicted_mean,
        realised_mean, generation_from
    )
    select -number, task, day, 1, 'by hand', 90, 1, 1, 1, generation
    from ops.publication
    cross join unnest(%s::date[]) as day
    cross join unnest(array['lifetime_value', 'churn']) as task
    cross join lateral (select extract(doy from day) * 10 + length(task) as number) as numbered
"""
LEFT_OF_THEM = """
    select prediction_date::text, task from marts.prediction_outcome
    where generation_to is null and model_version = 'by hand' order by 1, 2
"""


@pytest.fixture
def own(built: Built, new_database: Callable[..., str]) -> Built:
    """A copy of the published warehouse with DAYS."""
    admin_uri = new_database("warehouse", template=built.warehouse_admin)
    with psycopg.connect(admin_uri, cursor_factory=psycopg.ClientCursor) as connection:
        for table in ("marts.fact_customer_rfm", *PREDICTIONS, HISTORY):
            other_months = f"snapshots.other_months_{table.removeprefix('marts.')}"
            connection.execute(f"create table {other_months} partition of {table} default".encode())
            for day, _, _ in DAYS:
                connection.execute(ANOTHER_DAY.format(table=table).encode(), {"day": day, "newest": AS_OF})
        for day, days_ago, _ in DAYS:
            connection.execute(PUBLISHED, {"day": day, "days_ago": days_ago})
    return Built(built.source, nights.as_login(admin_uri, "creamery_pipeline"), admin_uri)


def days_of(admin_uri: str, table: str) -> list[str]:
    query = f"select distinct as_of_date::text from {table} order by 1"
    with psycopg.connect(admin_uri) as connection:
        return [day for (day,) in connection.execute(query.encode())]


def those(fate: str) -> list[str]:
    return sorted(day for day, _, becomes in DAYS if becomes == fate)


def test_old_days_go_with_their_rows(own: Built) -> None:
    with warehouse.connect(own.warehouse, Role.TRANSFORMER) as connection:
        assert [str(day) for day in retention.drop_old_days(connection, SETTINGS)] == those("dropped")
        assert retention.drop_old_days(connection, SETTINGS) == []
    left = [*those("kept"), str(AS_OF)]
    assert days_of(own.warehouse_admin, "ops.published_day") == left
    assert days_of(own.warehouse_admin, "marts.fact_customer_rfm") == left
    assert days_of(own.warehouse_admin, "reporting.vw_customer_rfm") == left
    assert days_of(own.warehouse_admin, HISTORY) == sorted([*(day for day, _, _ in DAYS), str(AS_OF)])


def test_predictions_stay_until_their_windows_have_closed(own: Built) -> None:
    for is_large in (False, True):
        with warehouse.connect(own.warehouse, Role.TRANSFORMER) as connection:
            retention.drop_old_days(connection, replace(SETTINGS, large_shop_customers=0 if is_large else 1_000_000))
        published = days_of(own.warehouse_admin, "ops.published_day")
        awaited = {day for day, _, _ in DAYS if day >= "2026-08-15"} - set(published)
        assert {"2026-08-15", "2026-09-29", "2026-10-20"} <= awaited
        assert ("2026-10-21" in awaited) == is_large
        for table in PREDICTIONS:
            assert days_of(own.warehouse_admin, table) == sorted([*published, *awaited])


def test_predictions_go_on_the_night_after(own: Built) -> None:
    ltv, churn_risk = PREDICTIONS
    with warehouse.connect(own.warehouse, Role.TRANSFORMER) as connection:
        retention.drop_old_days(connection, SETTINGS)
    with psycopg.connect(own.warehouse_admin) as connection:
        connection.execute("update ops.publication set as_of_date = as_of_date + 1")
        # This one is being built again.
        connection.execute(ANOTHER_DAY.format(table=ltv).encode(), {"day": "2026-08-14", "newest": AS_OF})
        connection.execute(
            f"update {ltv} set generation_from = generation + 1 from ops.publication"
            " where fact_customer_ltv.as_of_date = '2026-08-14'".encode()
        )
    with warehouse.connect(own.warehouse, Role.TRANSFORMER) as connection:
        retention.drop_old_days(connection, SETTINGS)
    assert days_of(own.warehouse_admin, churn_risk)[:3] == ["2024-02-27", "2024-02-29", "2026-09-29"]
    assert days_of(own.warehouse_admin, ltv)[:4] == ["2024-02-27", "2024-02-29", "2026-08-14", "2026-09-29"]


@pytest.mark.slow
def test_outcomes_stay_when_their_predictions_are_gone(own: Built) -> None:
    with psycopg.connect(own.warehouse_admin) as connection:
        connection.execute(OUTCOMES, (["2026-08-15", "2026-08-16"],))
    with warehouse.connect(own.warehouse, Role.TRANSFORMER) as connection:
        retention.drop_old_days(connection, SETTINGS)
    generation, _ = nights.open_generation(own.warehouse, AS_OF)
    one_model = dbt.Layer("one model", ("prediction_outcome",))
    dbt.build_layer(own.warehouse, one_model, Moment((AS_OF,)), generation)
    with psycopg.connect(own.warehouse_admin) as connection:
        left = connection.execute(LEFT_OF_THEM).fetchall()
    # Those of the 15th are computed again: its predictions are there.
    assert left == [("2026-08-16", "churn"), ("2026-08-16", "lifetime_value")]


def test_a_large_shop_keeps_fewer_days_and_always_the_newest(own: Built) -> None:
    customers = "select count(*) from star.dim_customer where generation_to is null and is_current"
    with warehouse.connect(own.warehouse, Role.TRANSFORMER) as connection:
        row = connection.execute(customers).fetchone()
        assert row is not None
        assert retention.kept_days(connection, replace(SETTINGS, large_shop_customers=row[0])) == 30
        large = replace(SETTINGS, large_shop_customers=row[0] - 1)
        assert retention.kept_days(connection, large) == 7
        retention.drop_old_days(connection, replace(large, daily_snapshot_days_of_large_shops=1))
    assert days_of(own.warehouse_admin, "ops.published_day") == ["2024-02-29", "2026-09-30", str(AS_OF)]


def test_a_warehouse_without_days_drops_none(new_database: Callable[..., str]) -> None:
    target = nights.prepare_warehouse(new_database("warehouse"))
    with warehouse.connect(target, Role.TRANSFORMER) as connection:
        assert retention.drop_old_days(connection, SETTINGS) == []

"""Daily snapshots are kept for a while, ends of months for ever."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from creamery import retention, settings, warehouse
from creamery.errors import InputError
from creamery.warehouse import Role
from tests import nights
from tests.shops import AS_OF, Built

SETTINGS = replace(
    settings.load(), daily_snapshot_days=30, daily_snapshot_days_of_large_shops=7, large_shop_customers=1_000_000
)
# Rows of the newest day's snapshot as if they were another day's.
ANOTHER_DAY = """
    insert into marts.fact_customer_rfm
    select (jsonb_populate_record(facts, jsonb_build_object('as_of_date', %(day)s))).*
    from marts.fact_customer_rfm as facts
    where as_of_date = %(newest)s;
    insert into ops.published_day select %(day)s, generation, false, published_at from ops.publication
"""


def test_the_window_ends_with_the_newest_day() -> None:
    newest = dt.date(2026, 11, 19)
    last_kept, first_dropped = dt.date(2026, 11, 10), dt.date(2026, 11, 9)
    assert retention.days_to_drop([first_dropped, last_kept, newest], newest, kept_days=10) == [first_dropped]
    assert retention.days_to_drop([newest], newest, kept_days=1) == []


@pytest.mark.parametrize(
    ("day", "is_kept"), [("2024-02-29", True), ("2024-02-28", False), ("2023-02-28", True), ("2026-09-30", True)]
)
def test_ends_of_months_stay(day: str, is_kept: bool) -> None:
    dropped = retention.days_to_drop([dt.date.fromisoformat(day)], dt.date(2026, 11, 19), kept_days=30)
    assert (dropped == []) == is_kept


@pytest.fixture
def own(built: Built, new_database: Callable[..., str]) -> Built:
    """A copy of the published warehouse with a daily snapshot on either side of the border, and an end of a month."""
    admin_uri = new_database("warehouse", template=built.warehouse_admin)
    with psycopg.connect(admin_uri, cursor_factory=psycopg.ClientCursor) as connection:
        for day in ("2026-10-21", "2026-10-20", "2026-09-30"):
            connection.execute(ANOTHER_DAY, {"day": dt.date.fromisoformat(day), "newest": AS_OF})
    return Built(built.source, nights.as_login(admin_uri, "creamery_pipeline"), admin_uri)


def days_of(admin_uri: str, table: str) -> list[str]:
    with psycopg.connect(admin_uri) as connection:
        return [str(day) for (day,) in connection.execute(f"select distinct as_of_date from {table} order by 1")]


def test_old_days_go_with_their_rows(own: Built) -> None:
    with warehouse.connect(own.warehouse, Role.TRANSFORMER) as connection:
        assert retention.drop_old_days(connection, SETTINGS) == [dt.date(2026, 10, 20)]
        assert retention.drop_old_days(connection, SETTINGS) == []
    left = ["2026-09-30", "2026-10-21", str(AS_OF)]
    assert days_of(own.warehouse_admin, "ops.published_day") == left
    assert days_of(own.warehouse_admin, "marts.fact_customer_rfm") == left
    assert days_of(own.warehouse_admin, "reporting.vw_customer_rfm") == left


def test_a_large_shop_keeps_fewer_days_and_always_the_newest(own: Built) -> None:
    customers = "select count(distinct customer_sk) from star.dim_customer where generation_to is null"
    with warehouse.connect(own.warehouse, Role.TRANSFORMER) as connection:
        row = connection.execute(customers).fetchone()
        assert row is not None
        assert retention.kept_days(connection, replace(SETTINGS, large_shop_customers=row[0])) == 30
        large = replace(SETTINGS, large_shop_customers=row[0] - 1)
        assert retention.kept_days(connection, large) == 7
        retention.drop_old_days(connection, replace(large, daily_snapshot_days_of_large_shops=1))
    assert days_of(own.warehouse_admin, "ops.published_day") == ["2026-09-30", str(AS_OF)]


def test_days_that_would_not_be_kept_are_refused(built: Built) -> None:
    with warehouse.connect(built.warehouse, Role.TRANSFORMER) as connection:
        retention.require_kept(connection, [dt.date(2026, 10, 21), dt.date(2026, 9, 30)], SETTINGS)
        with pytest.raises(InputError, match=r"Day 2026-10-20 is not kept: .*last 30 only ends of months"):
            retention.require_kept(connection, [dt.date(2026, 10, 20)], SETTINGS)
        # The window ends with the newest of the days asked for, where that is newer than what is published.
        with pytest.raises(InputError, match="Day 2026-10-21 is not kept"):
            retention.require_kept(connection, [dt.date(2026, 10, 21), dt.date(2026, 11, 20)], SETTINGS)


def test_the_first_night_of_a_warehouse_may_be_any_day(new_database: Callable[..., str]) -> None:
    target = nights.prepare_warehouse(new_database("warehouse"))
    with warehouse.connect(target, Role.TRANSFORMER) as connection:
        retention.require_kept(connection, [dt.date(2011, 12, 9)], SETTINGS)
        assert retention.drop_old_days(connection, SETTINGS) == []

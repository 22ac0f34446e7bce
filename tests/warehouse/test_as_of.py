"""A day's rows are those of the day, however and whenever it is built."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest

from creamery import as_of, warehouse
from creamery.as_of import Every
from creamery.demo_shop.shop import create_shop
from creamery.errors import InputError
from creamery.warehouse import Role
from tests import nights
from tests.extract.raw_tables import let_a_day_pass, rows
from tests.shops import AS_OF

NewDatabase = Callable[..., str]
MONTH_ENDS = (dt.date(2026, 9, 30), dt.date(2026, 10, 31))
# Two buyers become one, as Odoo does it: references move, write_date does not. An order is cancelled, another one's
# lines are edited, and its buyer moves abroad.
CHANGES = """
    create table chosen as
    with buyers as (
        select partner_id, min(id) as first_order, row_number() over (order by partner_id) as number
        from sale_order where state = 'sale' and partner_id in (
            select id from res_partner where commercial_partner_id = id and not exists (
                select from res_users where res_users.partner_id = res_partner.id
            )
        )
        group by partner_id having count(*) > 2
    )
    select number, partner_id, first_order from buyers where number <= 4;

    update sale_order set partner_id = (select partner_id from chosen where number = 1)
    where partner_id = (select partner_id from chosen where number = 2);
    update sale_order set partner_invoice_id = partner_id, partner_shipping_id = partner_id
    where partner_id = (select partner_id from chosen where number = 1);
    update pos_order set partner_id = (select partner_id from chosen where number = 1)
    where partner_id = (select partner_id from chosen where number = 2);
    update account_move set partner_id = (select partner_id from chosen where number = 1)
    where partner_id = (select partner_id from chosen where number = 2);
    update res_partner set parent_id = (select partner_id from chosen where number = 1)
    where parent_id = (select partner_id from chosen where number = 2);
    update res_partner set commercial_partner_id = (select partner_id from chosen where number = 1)
    where commercial_partner_id = (select partner_id from chosen where number = 2);
    delete from res_partner where id = (select partner_id from chosen where number = 2);

    update sale_order set state = 'cancel', write_date = now() at time zone 'UTC'
    where id = (select first_order from chosen where number = 3);

    update sale_order_line
    set price_subtotal = price_subtotal + 1000, price_total = price_total + 1000, write_date = now() at time zone 'UTC'
    where order_id = (select first_order from chosen where number = 4) and display_type is null;

    update res_partner
    set country_id = (select id from res_country where code = 'GB'), write_date = now() at time zone 'UTC'
    where id = (select partner_id from chosen where number = 4);
"""


@dataclass(frozen=True)
class Versioned:
    """A warehouse that saw the shop before and after CHANGES, a night apart; both nights built directly.

    `then` and `now`: the newest days that the first and the second extraction saw the end of.
    """

    warehouse: str
    warehouse_admin: str
    then: dt.date
    now: dt.date
    rows_then: dict[str, list[object]]


def marts_of(admin_uri: str, day: dt.date) -> dict[str, list[object]]:
    """The day's published rows of every mart, audit columns aside."""
    tables = rows(
        admin_uri,
        "select table_name from information_schema.columns where table_schema = 'marts' and column_name = 'as_of_date'",
    )
    published = "(select generation from ops.publication)"
    return {
        str(table): [
            row
            for (row,) in rows(
                admin_uri,
                "select (to_jsonb(facts) - 'generation_from' - 'generation_to' - 'created_at')::text as row"
                f" from marts.{table} as facts where as_of_date = '{day}'"
                f" and generation_from <= {published} and coalesce(generation_to > {published}, true) order by 1",
            )
        ]
        for (table,) in tables
    }


def customers(facts: list[object]) -> set[int]:
    return {json.loads(str(row))["customer_sk"] for row in facts}


@pytest.fixture(scope="module")
def versioned(new_database: NewDatabase) -> Versioned:
    source, admin_uri = new_database("shop"), new_database("warehouse")
    create_shop(source, customers=80, as_of=AS_OF, seed=5)
    target = nights.prepare_warehouse(admin_uri)
    nights.extract(source, target, AS_OF)
    ((now,),) = rows(
        admin_uri,
        "select (source_snapshot_at at time zone business_time_zone)::date - 1 from ops.extraction, ops.warehouse",
    )
    assert isinstance(now, dt.date)
    then = now - dt.timedelta(days=1)
    let_a_day_pass(admin_uri)
    nights.build(target, then)
    rows_then = marts_of(admin_uri, then)
    with psycopg.connect(source) as connection:
        connection.execute(CHANGES.encode())
    nights.run(source, target, now)
    return Versioned(target, admin_uri, then, now, rows_then)


@pytest.fixture
def own(versioned: Versioned, new_database: NewDatabase) -> Versioned:
    admin_uri = new_database("warehouse", template=versioned.warehouse_admin)
    return Versioned(nights.prepare_warehouse(admin_uri), admin_uri, versioned.then, versioned.now, versioned.rows_then)


@pytest.mark.slow
def test_a_past_day_is_built_as_it_stood(own: Versioned) -> None:
    """Directly, and again after a later day and after the source changed."""
    assert len(own.rows_then["fact_customer_rfm"]) > 40
    assert marts_of(own.warehouse_admin, own.then) == own.rows_then
    rows_now = marts_of(own.warehouse_admin, own.now)
    merged = customers(own.rows_then["fact_customer_rfm"]) - customers(rows_now["fact_customer_rfm"])
    assert len(merged) == 1
    nights.build(own.warehouse, own.then)
    assert marts_of(own.warehouse_admin, own.then) == own.rows_then
    assert marts_of(own.warehouse_admin, own.now) == rows_now
    left = "select table_schema, table_name from information_schema.tables where table_schema like '%_past'"
    assert rows(own.warehouse_admin, left) == []


@pytest.mark.slow
def test_a_merged_customer_stays_visible_on_the_days_when_it_was_one(versioned: Versioned) -> None:
    (merged,) = customers(versioned.rows_then["fact_customer_rfm"]) - customers(
        marts_of(versioned.warehouse_admin, versioned.now)["fact_customer_rfm"]
    )
    shown = rows(
        versioned.warehouse_admin,
        "select facts.as_of_date, facts.customer_code, dimension.is_former from reporting.vw_customer_rfm as facts"
        " join star.dim_customer as dimension using (customer_code)"
        f" where dimension.customer_sk = {merged} and dimension.generation_to is null",
    )
    assert [(day, is_former) for day, _, is_former in shown] == [(versioned.then, True)]
    former = rows(
        versioned.warehouse_admin,
        "select count(*) filter (where is_former) from star.dim_customer where is_current and generation_to is null",
    )
    assert former == [(1,)]


@pytest.mark.slow
def test_a_customer_lives_where_it_lived_on_the_day(versioned: Versioned) -> None:
    shown = rows(
        versioned.warehouse_admin,
        "select as_of_date, country from reporting.vw_customer_rfm"
        " join (select distinct customer_code from star.dim_customer where country_code = 'GB' and is_current) as moved"
        " using (customer_code) order by 1",
    )
    abroad = [(day, country == "United Kingdom") for day, country in shown]
    assert abroad == [(versioned.then, False), (versioned.now, True)]


@pytest.mark.slow
def test_a_back_fill_gives_what_single_days_give(own: Versioned, new_database: NewDatabase) -> None:
    admin_uri = new_database("warehouse", template=own.warehouse_admin)
    target = nights.prepare_warehouse(admin_uri)
    nights.build(own.warehouse, *MONTH_ENDS, own.then, own.now)
    for day in MONTH_ENDS:
        nights.build(target, day)
    for day in (*MONTH_ENDS, own.then, own.now):
        expected = marts_of(admin_uri, day)
        assert expected["fact_customer_rfm"]
        assert marts_of(own.warehouse_admin, day) == expected, day


@pytest.mark.slow
def test_only_what_has_changed_since_needs_the_past(versioned: Versioned) -> None:
    days = [MONTH_ENDS[0], versioned.then, versioned.now]
    with warehouse.connect(versioned.warehouse, Role.TRANSFORMER) as connection:
        past, present = as_of.moments(connection, days)
        assert past.known_at is not None
        assert (past.days, present.days) == ((MONTH_ENDS[0], versioned.then), (versioned.now,))
        assert present.known_at is None


@pytest.mark.slow
def test_days_whose_versions_were_dropped_are_refused(versioned: Versioned) -> None:
    with warehouse.connect(versioned.warehouse, Role.TRANSFORMER) as connection:
        moments = as_of.moments(connection, [versioned.then, versioned.now])
        as_of.require_kept(connection, moments, None)
        as_of.require_kept(connection, moments, 2)
        with pytest.raises(InputError, match=rf"Day {versioned.then} can no longer be built .*raw_history_days: 0"):
            as_of.require_kept(connection, moments, 0)


@pytest.mark.slow
def test_days_that_have_not_ended_are_refused(versioned: Versioned) -> None:
    with warehouse.connect(versioned.warehouse, Role.TRANSFORMER) as connection:
        as_of.require_ended(connection, [versioned.then, versioned.now])
        tomorrow = versioned.now + dt.timedelta(days=1)
        with pytest.raises(InputError, match=f"Day {tomorrow} had not ended .* newest that had is {versioned.now}"):
            as_of.require_ended(connection, [versioned.now, tomorrow])


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        (Every.DAY, ["2024-02-28", "2024-02-29", "2024-03-01"]),
        (Every.MONTH_END, ["2024-02-29"]),
    ],
)
def test_the_days_of_a_range(every: Every, expected: list[str]) -> None:
    days = as_of.days_of_range(dt.date(2024, 2, 28), dt.date(2024, 3, 1), every)
    assert [str(day) for day in days] == expected


def test_weeks_end_on_sunday() -> None:
    days = as_of.days_of_range(dt.date(2026, 11, 8), dt.date(2026, 11, 15), Every.WEEK_END)
    assert [str(day) for day in days] == ["2026-11-08", "2026-11-15"]


@pytest.mark.parametrize(
    ("first", "last", "complaint"),
    [("2026-03-02", "2026-03-01", "ends before it begins"), ("2026-03-01", "2026-03-30", "No month-end lies")],
)
def test_ranges_without_a_day_are_refused(first: str, last: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        as_of.days_of_range(dt.date.fromisoformat(first), dt.date.fromisoformat(last), Every.MONTH_END)

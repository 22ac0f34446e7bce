"""The cohort triangle equals one computed from the source with pandas; Online Retail's equals the published one."""

from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
import psycopg
import pytest

from tests.shops import Built
from tests.warehouse import independent_rfm

MART = """
    select to_char(cohort_month, 'YYYY-MM'), months_since_acquisition, cohort_size, active_customers, order_count,
        retention_rate, cohort_revenue, cumulative_revenue
    from reporting.vw_customer_cohort_analysis where as_of_date = %s order by 1, 2
"""
# The same over the rows of a choice of segment, tier, country or channel.
OF_A_CHOICE = """
    select to_char(cohort_month, 'YYYY-MM'), months_since_acquisition, sum(cohort_size)::int,
        sum(active_customers)::int, sum(order_count)::int, round(sum(active_customers) / sum(cohort_size), 4),
        sum(cohort_revenue), sum(cumulative_revenue)
    from reporting.vw_cohort_mix where as_of_date = %s and ({columns}) = ({values}) group by 1, 2 order by 1, 2
"""
# What customers are on the day, without the table that the mix reads.
PEOPLE = """
    select customers.customer_id, segments.segment_name as rfm_segment, tiers.tier_name,
        customers.country_name as country, channels.channel_name as acquisition_channel
    from marts.fact_customer_rfm as rfm
    join star.dim_customer_segment as segments on rfm.rfm_segment_sk = segments.segment_sk
    join star.dim_customer as customers on rfm.customer_sk = customers.customer_sk
        and rfm.as_of_date between customers.valid_from_date and customers.valid_to_date
    join marts.fact_customer_ltv as worth
        on rfm.customer_sk = worth.customer_sk and rfm.as_of_date = worth.as_of_date
    join star.dim_customer_tier as tiers on worth.tier_sk = tiers.tier_sk
    join marts.fact_customer_acquisition as won
        on rfm.customer_sk = won.customer_sk and rfm.as_of_date = won.as_of_date
    join star.dim_interaction_channel as channels on won.channel_sk = channels.channel_sk
    where rfm.as_of_date = %s and num_nulls(rfm.generation_to, segments.generation_to, customers.generation_to,
        worth.generation_to, tiers.generation_to, won.generation_to, channels.generation_to) = 7
"""
# One row per invoice of a known customer: does it pass the published analyses' cleaning (quantity and price above
# zero), and did credit notes give all of it back?
INVOICES = """
    create temporary view invoice as
    select
        orders.partner_id as customer_id,
        to_char(orders.date_order at time zone 'UTC' at time zone 'Europe/London', 'YYYY-MM') as month,
        bool_or(line.product_uom_qty > 0 and line.price_unit > 0) as is_published,
        count(credited.net) > 0 and sum(credited.net) > sum(line.price_subtotal) - 0.005 as is_given_back
    from sale_order as orders
    join sale_order_line as line on line.order_id = orders.id
    left join (
        select link.order_line_id, sum(note.price_subtotal) as net
        from sale_order_line_invoice_rel as link join account_move_line as note on note.id = link.invoice_line_id
        group by link.order_line_id
    ) as credited on credited.order_line_id = line.id
    where orders.state = 'sale'
        and orders.partner_id not in (select partner_id from website join res_users on website.user_id = res_users.id)
    group by orders.id;
    create temporary view published as select distinct customer_id, month from invoice where is_published;
    create temporary view counted as select distinct customer_id, month from invoice where not is_given_back
"""
TRIANGLE = """
    with joined as (select customer_id, min(month) as cohort from {active} group by customer_id)
    select cohort, array_agg(customers order by month) from (
        select cohort, month, count(*) as customers from joined join {active} using (customer_id) group by 1, 2
    ) as cells group by cohort order by cohort
"""
# Published analyses keep an invoice whose credit note cleaning has thrown away; this warehouse keeps free samples.
DIFFERENCES = {
    "months of a customer in which every invoice was given back": (
        "select count(*) from (select * from published except select * from counted) as months",
        42,
    ),
    "months of a customer with nothing but a free invoice": (
        "select count(*) from (select * from counted except select * from published) as months",
        1,
    ),
    "customers who gave everything back": (
        "select count(*) from (select customer_id from published except select customer_id from counted) as customers",
        11,
    ),
}
# 2010-12 and 2011-01 of the published triangle.
PUBLISHED = {
    "2010-12": [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235],
    "2011-01": [417, 92, 111, 96, 134, 120, 103, 101, 125, 136, 152, 49],
}


def mart_of(built: Built) -> list[tuple[object, ...]]:
    with psycopg.connect(built.warehouse_admin) as connection:
        return connection.execute(MART, (built.as_of,)).fetchall()


def mart_of_a_choice(built: Built, choice: dict[str, str]) -> list[tuple[object, ...]]:
    query = OF_A_CHOICE.format(columns=", ".join(choice), values=", ".join(["%s"] * len(choice)))
    with psycopg.connect(built.warehouse_admin) as connection:
        return connection.execute(query.encode(), (built.as_of, *choice.values())).fetchall()


def independent_triangle(built: Built, chosen: pd.Index | None = None) -> list[tuple[object, ...]]:
    """Of all customers, or of those with these ids."""
    with psycopg.connect(built.warehouse_admin) as connection:
        ((zone,),) = connection.execute("select business_time_zone from ops.warehouse").fetchall()
    events = independent_rfm.read_events(built.source, zone)
    if chosen is not None:
        events = events[events["customer_id"].isin(chosen)]
    events = events[events["day"] <= built.as_of].assign(month=lambda rows: month_of(rows["day"]))
    orders = independent_rfm.counted_orders(events).assign(month=lambda rows: month_of(rows["day"]))
    cohort = orders.groupby("customer_id")["month"].min().rename("cohort")
    orders, events = orders.join(cohort, on="customer_id"), events.join(cohort, on="customer_id", how="inner")
    events["month"] = events[["month", "cohort"]].max(axis=1)
    rows: list[tuple[object, ...]] = []
    for first, members in cohort.groupby(cohort):
        cumulated = Decimal(0)
        for since, month in enumerate(pd.period_range(first, pd.Period(built.as_of, "M"), freq="M")):
            ordered = orders[(orders["cohort"] == first) & (orders["month"] == month)]
            money = events[(events["cohort"] == first) & (events["month"] == month)]["net"].sum()
            cumulated += Decimal(str(money))
            active = ordered["customer_id"].nunique()
            retained = (Decimal(active) / len(members)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
            numbers = (len(members), active, len(ordered), retained, Decimal(str(money)), cumulated)
            rows.append((str(first), since, *numbers))
    return rows


def month_of(days: pd.Series) -> pd.Series:
    return pd.PeriodIndex(pd.to_datetime(days), freq="M").to_series(index=days.index)


def assert_cohorts_agree(built: Built) -> None:
    assert_triangles_agree(mart_of(built), independent_triangle(built))


def assert_triangles_agree(mart: list[tuple[object, ...]], expected: list[tuple[object, ...]]) -> None:
    assert [row[:6] for row in mart] == [row[:6] for row in expected]
    for row, want in zip(mart, expected, strict=True):
        for money, wanted in zip(row[6:], want[6:], strict=True):
            assert abs(money - wanted) <= Decimal("0.01"), (row, want)  # type: ignore[operator]


def test_demo_shop(built: Built) -> None:
    assert_cohorts_agree(built)


def test_real_odoo(real_odoo: Built) -> None:
    assert_cohorts_agree(real_odoo)


@pytest.mark.parametrize(
    "columns", [("rfm_segment",), ("tier_name", "acquisition_channel"), ("country",)], ids=" and ".join
)
def test_a_choice_of_customers_has_a_complete_triangle_of_its_own(columns: tuple[str, ...], real_odoo: Built) -> None:
    """Of the largest group; who is in it is found without the tables behind the dashboard."""
    with psycopg.connect(real_odoo.warehouse_admin) as connection:
        cursor = connection.execute(PEOPLE.encode(), (real_odoo.as_of,))
        people = pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description or ()])
    largest = people.groupby(list(columns)).size().idxmax()
    choice = dict(zip(columns, largest if isinstance(largest, tuple) else (largest,), strict=True))
    chosen = people[(people[list(columns)] == pd.Series(choice)).all(axis=1)]["customer_id"]
    assert 10 < len(chosen) < len(people)
    mart = mart_of_a_choice(real_odoo, choice)
    assert any(active == 0 for *_, active, _, _, _, _ in mart), "a month in which nobody of them ordered"
    assert_triangles_agree(mart, independent_triangle(real_odoo, pd.Index(chosen)))


@pytest.mark.slow
def test_online_retail_is_the_published_triangle_but_for_what_came_back(online_retail: Built) -> None:
    assert_cohorts_agree(online_retail)
    with psycopg.connect(online_retail.source) as source:
        source.execute(INVOICES.encode())
        published = dict(source.execute(TRIANGLE.format(active="published").encode()).fetchall())
        counted = dict(source.execute(TRIANGLE.format(active="counted").encode()).fetchall())
        found = {name: source.execute(query.encode()).fetchall() for name, (query, _) in DIFFERENCES.items()}
    assert {month: published[month] for month in PUBLISHED} == PUBLISHED
    assert found == {name: [(expected,)] for name, (_, expected) in DIFFERENCES.items()}
    triangle: dict[object, list[object]] = {}
    for cohort, _, _, active, *_ in mart_of(online_retail):
        triangle.setdefault(cohort, []).append(active)
    assert triangle == counted

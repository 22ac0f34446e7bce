"""Two public data sets, imported whole, give their published totals exactly."""

import importlib.util
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from creamery.demo_shop.importer import ImportOptions, ImportReport, import_orders

# Lines as the file had them: what was sold, what was given back, what only the books know.
LINES = """
    create temporary view file_line as
    with
    unknown as (
        select users.partner_id from website join res_users as users on website.user_id = users.id
    ),

    line as (
        select
            name as invoice, origin as kind, partner_id, partner_shipping_id as address_id, date_order as at,
            product_uom_qty as quantity, price_unit as price, price_subtotal as net
        from sale_order
        join (select order_id, product_uom_qty, price_unit, price_subtotal from sale_order_line) as sold
            on sale_order.id = sold.order_id
        union all
        select name, move_type, partner_id, partner_shipping_id, create_date, -quantity, price_unit, -balance
        from account_move
        join (select move_id, quantity, price_unit, balance from account_move_line) as booked
            on account_move.id = booked.move_id
    )

    select
        invoice, kind, address.country_id, quantity, price, net,
        nullif(line.partner_id, unknown.partner_id) as customer_id,
        at at time zone 'UTC' at time zone 'Europe/London' as at
    from line
    cross join unknown
    join res_partner as address on line.address_id = address.id
"""
# What the published analyses keep: a customer, not cancelled, quantity and price above zero.
CLEAN = "from file_line where customer_id is not null and kind = 'sale' and quantity > 0 and price > 0"
# One row per customer: whole history, gross, elapsed days as of 2011-12-10.
RFM = f"""
    with rfm as (
        select
            floor(extract(epoch from timestamp '2011-12-10' - max(at)) / 86400) as recency,
            count(distinct invoice) as frequency,
            sum(net) as monetary
        {CLEAN}
        group by customer_id
    )

    select
        round(avg(recency), 2),
        percentile_cont(0.5) within group (order by recency),
        round(avg(frequency), 2),
        max(frequency),
        round(avg(monetary), 2),
        trunc(percentile_cont(0.5) within group (order by monetary)::numeric, 2),
        round(100 * avg((frequency = 1)::integer), 1)
    from rfm
"""
COHORT = f"""
    with active as (
        select distinct customer_id, date_trunc('month', at) as month
        {CLEAN}
    ),

    joined as (
        select customer_id from active group by customer_id having min(month) = '2010-12-01'
    )

    select count(*) from joined join active using (customer_id) group by month order by month limit 4
"""


@pytest.fixture(scope="module")
def online_retail(
    new_database: Callable[[str], str], shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ImportReport, psycopg.Connection]]:
    dsn = new_database("odoo_retail")
    options = ImportOptions(
        name="retail",
        time_zone="Europe/London",
        currency="GBP",
        adjustment_prefix="A",
        goods_pattern="[0-9]{5}[A-Za-z]*",
        bad_rows_folder=tmp_path_factory.mktemp("bad"),
    )
    report = import_orders(shared_data / "data" / "online_retail.parquet", dsn, options)
    with psycopg.connect(dsn) as connection:
        connection.execute(LINES)
        yield report, connection


def test_online_retail_reconciles(online_retail: tuple[ImportReport, psycopg.Connection]) -> None:
    report, _ = online_retail
    assert (report.lines_read, report.lines_imported, report.lines_bad) == (541_909, 541_909, 0)
    assert report.cancellation_prefix == "C"
    assert report.next_command == "make nightly WAREHOUSE=retail AS_OF=2011-12-09"
    found = {kind: (it.documents, it.lines, round(it.amount, 2)) for kind, it in report.documents.items()}
    assert found == {
        "sale": (20_725, 531_282, Decimal("10655622.48")),
        "stock_adjustment": (1_336, 1_336, 0),
        "refund": (3_836, 9_288, Decimal("-896812.49")),
        "entry": (3, 3, Decimal("-11062.06")),
    }
    assert report.matched_credit_lines == 7_599


PUBLISHED: dict[str, tuple[str, tuple[object, ...]]] = {
    "lines, invoices, customers": (
        "select count(*), count(distinct invoice), count(distinct customer_id) from file_line",
        (541_909, 25_900, 4_372),
    ),
    "partners": ("select count(*) from res_partner where ref is not null", (4_372,)),
    "countries": ("select count(distinct country_id) from file_line", (38,)),
    "lines without a customer": ("select count(*) from file_line where customer_id is null", (135_080,)),
    "cancellations": (
        "select count(*), count(distinct invoice), bool_and(invoice like 'C%')"
        " from file_line where kind = 'out_refund'",
        (9_288, 3_836, True),
    ),
    "bad debt": (
        "select count(*), sum(net), bool_and(invoice like 'A%') from file_line where kind = 'entry'",
        (3, Decimal("-11062.06"), True),
    ),
    "net value": ("select round(sum(net), 2) from file_line", (Decimal("9747747.93"),)),
    "net value without bad debt": (
        "select round(sum(net), 2) from file_line where kind <> 'entry'",
        (Decimal("9758809.99"),),
    ),
    "customers with credits only": (
        "select count(*) from (select from file_line where customer_id is not null group by customer_id"
        " having bool_and(kind = 'out_refund')) as credited",
        (33,),
    ),
    "clean lines": (
        f"select count(*), count(distinct customer_id), count(distinct invoice), round(sum(net), 2) {CLEAN}",
        (397_884, 4_338, 18_532, Decimal("8911407.90")),
    ),
    "orders' own amounts": (
        "select round(sum(amount_untaxed), 2) from sale_order where state = 'sale'",
        (Decimal("10655622.48"),),
    ),
    "goods and services": (
        "select count(*) filter (where type = 'consu'), count(*) filter (where type = 'service')"
        " from product_template where is_storable = (default_code ~ '^[0-9]{5}[A-Za-z]*$')",
        (4_037, 33),
    ),
    "recency, frequency, monetary": (
        RFM,
        (Decimal("92.06"), 50, Decimal("4.27"), 209, Decimal("2054.27"), Decimal("674.48"), Decimal("34.4")),
    ),
}


@pytest.mark.parametrize(("query", "expected"), PUBLISHED.values(), ids=PUBLISHED)
def test_online_retail_totals(
    online_retail: tuple[ImportReport, psycopg.Connection], query: str, expected: tuple[object, ...]
) -> None:
    _, connection = online_retail
    assert connection.execute(query.encode()).fetchall() == [expected]


def test_online_retail_first_cohort(online_retail: tuple[ImportReport, psycopg.Connection]) -> None:
    _, connection = online_retail
    assert connection.execute(COHORT.encode()).fetchall() == [(885,), (324,), (286,), (340,)]


def test_cdnow(new_database: Callable[[str], str], tmp_path: Path) -> None:
    package = importlib.util.find_spec("lifetimes")
    assert package is not None
    assert package.origin is not None
    path = Path(package.origin).parent / "datasets" / "CDNOW_master.txt"
    rows = [line.split() for line in path.read_text().splitlines()[1:]]
    value = sum(Decimal(row[3]) for row in rows)
    assert (len(rows), len({row[0] for row in rows})) == (69_659, 23_570)  # as published

    dsn = new_database("odoo_cdnow")
    report = import_orders(path, dsn, ImportOptions(name="cdnow", bad_rows_folder=tmp_path))
    assert (report.lines_read, report.lines_bad, report.customers) == (69_659, 0, 23_570)
    assert (report.first_day, report.as_of) == (date(1997, 1, 1), date(1998, 6, 30))
    assert report.documents["sale"].amount == value == Decimal("2500315.63")
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            "select count(*), count(distinct sale_order.id), count(distinct partner_id),"
            " sum(product_uom_qty), sum(price_subtotal), sum(amount_untaxed) filter (where line.sequence = 1)"
            " from sale_order join sale_order_line as line on order_id = sale_order.id"
        ).fetchall()
        days = connection.execute(
            "select ref, to_char(date_order, 'YYYYMMDD') from sale_order"
            " join res_partner on partner_id = res_partner.id"
        ).fetchall()
    orders = {(row[0], row[1]) for row in rows}
    units = sum(int(row[2]) for row in rows)
    assert found == [(69_659, len(orders), 23_570, units, value, value)]
    assert set(days) == orders
    assert len(days) == len(orders) == 67_591

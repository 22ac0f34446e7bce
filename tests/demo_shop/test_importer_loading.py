"""Small files into a real database: what becomes of each row, and what a failed import leaves."""

import csv
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creamery.demo_shop.importer import BadRow, Column
from creamery.demo_shop.importer.__main__ import main
from creamery.demo_shop.importer.parse import Reason
from creamery.errors import InputError, SourceError
from tests.demo_shop.importing import HEADER, Shop


def test_an_order_becomes_what_odoo_would_hold(shop: Shop) -> None:
    report = shop.load(
        f"{HEADER},description,country\n"
        "1,2024-03-01 10:00,7,milk,2,1.255,Fresh milk,EIRE\n"
        "1,2024-03-01 10:05,7,cheese,1,4,,EIRE\n",
        currency="EUR",
        time_zone="Europe/Dublin",
    )
    assert report.documents["sale"].lines == 2
    assert (report.lines_read, report.lines_imported, report.lines_bad) == (2, 2, 0)
    assert (report.as_of, report.next_command) == (
        date(2024, 3, 1),
        "make nightly WAREHOUSE=test AS_OF=2024-03-01",
    )
    assert shop.rows(
        "select sale_order.name, state, date_order, amount_untaxed, amount_total, partner.name, ref,"
        " commercial_partner_id = partner.id, is_company, email, country.code, country.name ->> 'en_US'"
        " from sale_order join res_partner as partner on partner_id = partner.id"
        " join res_country as country on country_id = country.id"
    ) == [
        ("1", "sale", datetime(2024, 3, 1, 10), Decimal("6.510"), Decimal("6.510"), "Customer 7", "7",
         True, False, None, "IE", "Ireland")
    ]  # fmt: skip
    assert shop.rows(
        "select line.name, product_uom_qty, price_unit, price_subtotal, product.default_code, type,"
        " is_storable"
        " from sale_order_line as line join product_product as product on product_id = product.id"
        " join product_template as template on product_tmpl_id = template.id order by line.sequence"
    ) == [
        ("Fresh milk", 2, Decimal("1.255"), Decimal("2.510"), "milk", "consu", True),
        ("cheese", 1, 4, 4, "cheese", "consu", True),
    ]
    assert shop.rows(
        "select currency.name, partner.tz from res_company"
        " join res_currency as currency on currency_id = currency.id"
        " join res_partner as partner on partner_id = partner.id"
    ) == [("EUR", "Europe/Dublin")]


def test_times_are_local_and_stored_in_utc(used_shop: Shop) -> None:
    report = used_shop.load(
        "order,date,customer,price\n"
        "winter,2024-03-30 10:00,1,1\n"
        "summer,2024-04-01 10:00,1,1\n"
        "skipped,2024-03-31 01:30,1,1\n"  # there is no such time in London: an hour later
        "repeated,2024-10-27 01:30,1,1\n"  # there are two: winter time
        "midnight,2024-06-30 00:15,1,1\n"
        "offset,2024-06-30T23:30:00-04:00,1,1\n",
        time_zone="Europe/London",
    )
    assert dict(used_shop.rows("select name, date_order::text from sale_order")) == {
        "winter": "2024-03-30 10:00:00",
        "summer": "2024-04-01 09:00:00",
        "skipped": "2024-03-31 01:30:00",
        "repeated": "2024-10-27 01:30:00",
        "midnight": "2024-06-29 23:15:00",
        "offset": "2024-07-01 03:30:00",
    }
    assert (report.first_day, report.as_of) == (date(2024, 3, 30), date(2024, 10, 27))


def test_a_day_that_begins_at_one_stays_that_day(used_shop: Shop) -> None:
    used_shop.load("order,date,customer,price\n1,2018-11-04,1,1\n", time_zone="America/Sao_Paulo")
    assert used_shop.rows(
        "select (date_order at time zone 'UTC' at time zone 'America/Sao_Paulo')::date from sale_order"
    ) == [(date(2018, 11, 4),)]


def test_without_order_ids_a_customers_moment_is_an_order(used_shop: Shop) -> None:
    report = used_shop.load(
        "customer date quantity value\n7 19970101 2 11.77\n7 19970101 1 11.77\n7 19970102 3 10\n8 19970101 1 0\n"
    )
    assert report.documents["sale"].documents == 3
    assert used_shop.rows(
        "select product_uom_qty, price_unit, price_subtotal, product.default_code"
        " from sale_order_line as line join product_product as product on product_id = product.id"
        " order by line.id"
    ) == [(2, Decimal("5.885"), Decimal("11.77"), None), (1, Decimal("11.77"), Decimal("11.77"), None),
          (3, Decimal("3.333333"), 10, None), (1, 0, 0, None)]  # fmt: skip


def test_refunds_cancellations_and_adjustments(used_shop: Shop) -> None:
    report = used_shop.load(
        f"{HEADER},cancelled\n"
        "1,2024-01-01,7,milk,5,2,\n"
        "1,2024-01-01,7,discount,1,-1,\n"  # a discount: less revenue, no refund
        "2,2024-01-05,7,milk,5,3,\n"
        "C3,2024-01-09,7,milk,-1,3,\n"  # the last sale before is order 2
        "C4,2024-01-03,7,milk,-1,2,\n"  # the last sale before is order 1
        "C5,2024-01-09,8,milk,-1,2,\n"  # somebody else's: nothing to match
        "6,2024-01-10,7,milk,-2,3,\n"  # a return without any mark
        "7,2024-01-10,,milk,-9,0,\n"  # stock written off
        "8,2024-01-11,7,milk,4,3,yes\n"  # an order that was cancelled
        "9,2024-01-11,7,milk,-4,3,yes\n"  # goods taken back
        "10,2024-01-12,7,gift card,1,-20,\n"  # money given back
        "A11,2024-01-13,7,debt,1,-100,\n",
        adjustment_prefix="A",
    )
    assert report.cancellation_prefix == "C"
    found = {kind: (it.documents, it.lines, it.amount) for kind, it in report.documents.items()}
    assert found == {
        "sale": (2, 3, 24),
        "cancelled": (1, 1, 12),
        "stock_adjustment": (1, 1, 0),
        "refund": (6, 6, -45),
        "entry": (1, 1, -100),
    }
    assert used_shop.rows(
        "select move.name, move_type, move.state, line.display_type, quantity, line.price_unit,"
        " line.price_subtotal, balance, move.amount_untaxed, amount_untaxed_signed, sale_order.name"
        " from account_move as move join account_move_line as line on move_id = move.id"
        " left join sale_order_line_invoice_rel on invoice_line_id = line.id"
        " left join sale_order_line on order_line_id = sale_order_line.id"
        " left join sale_order on order_id = sale_order.id order by move.id"
    ) == [
        ("C3", "out_refund", "posted", "product", 1, 3, 3, 3, 3, -3, "2"),
        ("C4", "out_refund", "posted", "product", 1, 2, 2, 2, 2, -2, "1"),
        ("C5", "out_refund", "posted", "product", 1, 2, 2, 2, 2, -2, None),
        ("6", "out_refund", "posted", "product", 2, 3, 6, 6, 6, -6, "2"),
        ("9", "out_refund", "posted", "product", 4, 3, 12, 12, 12, -12, "2"),
        ("10", "out_refund", "posted", "product", 1, 20, 20, 20, 20, -20, None),
        ("A11", "entry", "posted", "product", 1, 100, 100, 100, 100, -100, None),
    ]


def test_c_is_no_cancellation_where_it_sells(used_shop: Shop) -> None:
    report = used_shop.load(f"{HEADER}\nC1,2024-01-01,7,milk,5,2\nC2,2024-01-01,7,milk,-5,2\n")
    assert report.cancellation_prefix is None
    assert report.documents["sale"].lines == report.documents["refund"].lines == 1


def test_unknown_customers_are_the_websites_public_user(used_shop: Shop) -> None:
    report = used_shop.load(
        "order,date,customer,price,country\n"
        "1,2024-01-01,,1,Hong Kong\n2,2024-01-01,,1,\n3,2024-01-02,7,1,France\n4,2024-01-03,7,1,Atlantis\n"
    )
    assert report.customers == 1
    assert report.countries == 3
    assert used_shop.rows(
        "select sale_order.name, sale_order.partner_id = users.partner_id,"
        " address.parent_id = sale_order.partner_id,"
        " country.name ->> 'en_US', customer_country.name ->> 'en_US'"
        " from sale_order cross join website join res_users as users on website.user_id = users.id"
        " join res_partner as partner on sale_order.partner_id = partner.id"
        " left join res_country as customer_country on partner.country_id = customer_country.id"
        " join res_partner as address on partner_shipping_id = address.id"
        " left join res_country as country on address.country_id = country.id order by 1"
    ) == [
        ("1", True, True, "Hong Kong SAR China", None),
        ("2", True, None, None, None),
        ("3", False, True, "France", "Atlantis"),
        ("4", False, None, "Atlantis", "Atlantis"),
    ]


def test_an_orders_lines_share_its_first_customer(used_shop: Shop) -> None:
    report = used_shop.load(
        f"{HEADER}\n1,2024-01-01,,milk,1,2\n1,2024-01-01,7,milk,1,2\n1,2024-01-01,8,milk,1,2\n2,2024-01-01,8,milk,1,2\n"
    )
    assert list(report.first_bad_rows) == [BadRow(4, Reason.OTHER_CUSTOMER, "8")]
    assert used_shop.rows(
        "select sale_order.name, ref, count(*) from sale_order_line"
        " join sale_order on order_id = sale_order.id"
        " join res_partner on partner_id = res_partner.id group by 1, 2 order by 1"
    ) == [("1", "7", 2), ("2", "8", 1)]


def test_goods_and_services(used_shop: Shop) -> None:
    used_shop.load(
        f"{HEADER}\n1,2024-01-01,7,85123A,1,2\n1,2024-01-01,7,POST,1,2\n1,2024-01-01,7,851234,1,2\n",
        goods_pattern="[0-9]{5}[A-Za-z]*",
    )
    assert used_shop.rows("select default_code, type, is_storable from product_template order by id") == [
        ("85123A", "consu", True),
        ("POST", "service", False),
        ("851234", "service", False),
    ]


@pytest.mark.parametrize(
    ("given", "expected", "bad"),
    [(None, "EUR", [BadRow(3, Reason.CURRENCY, "GBP")]), ("GBP", "GBP", [2, 4])],
)
def test_other_currencies_are_bad_rows(
    used_shop: Shop, given: str | None, expected: str, bad: list[BadRow | int]
) -> None:
    report = used_shop.load(
        "order,date,customer,price,currency\n1,2024-01-01,7,1,eur\n2,2024-01-01,7,1,GBP\n3,2024-01-01,7,1,EUR\n"
        "4,2024-01-01,7,1,\n",
        currency=given,
    )
    assert report.currency == expected
    assert bad in ([row.line for row in report.first_bad_rows], list(report.first_bad_rows))
    assert used_shop.rows("select name from res_currency") == [(expected,)]


def test_every_bad_row_is_listed(used_shop: Shop) -> None:
    bad = {
        3: (",2024-01-01,7,milk,1,2", Reason.NO_ORDER_ID),
        4: ("1,,7,milk,1,2", Reason.NO_DATE),
        5: ("1,yesterday,7,milk,1,2", Reason.DATE),
        6: ("1,1900-01-01,7,milk,1,2", Reason.YEAR),
        7: ("1,2024-01-01,7,milk,,2", Reason.NO_QUANTITY),
        8: ("1,2024-01-01,7,milk,one,2", Reason.QUANTITY),
        9: ("1,2024-01-01,7,milk,0,2", Reason.ZERO_QUANTITY),
        10: ("1,2024-01-01,7,milk,1,", Reason.NO_PRICE),
        11: ("1,2024-01-01,7,milk,1,free", Reason.PRICE),
        12: ("1,2024-01-01,7,milk,-1,-2", Reason.BOTH_NEGATIVE),
        13: ("1,2024-01-01,8,milk,1,2", Reason.OTHER_CUSTOMER),
        14: ("1,2024-01-01,7,milk,1", Reason.SHAPE),
        15: ('1,2024-01-01,7,"milk" fresh,1,2', Reason.SHAPE),
        16: ("1,2024-01-01,7,m\x00lk,1,2", Reason.ENCODING),
    }
    rows = "\n".join(row for row, _ in bad.values())
    report = used_shop.load(f"{HEADER}\n1,2024-01-01,7,milk,1,2\n{rows}\n\n1,2024-01-01,7,milk,1,2\n")
    assert {row.line: row.reason for row in report.first_bad_rows} == {line: str(why) for line, (_, why) in bad.items()}
    assert (report.lines_read, report.lines_imported, report.lines_bad, report.empty_lines) == (16, 2, 14, 1)
    assert report.bad_rows_file is not None
    with report.bad_rows_file.open(newline="") as file:
        listed = list(csv.DictReader(file))
    assert [int(row["line_number"]) for row in listed] == list(bad)
    assert listed[9]["source_row"] == "1,2024-01-01,7,milk,-1,-2"
    text = report.text()
    assert "16 lines read = 2 imported + 14 bad rows (1 empty lines skipped)" in text
    assert f"  2 x {Reason.SHAPE}" in text
    assert "  line 5: date not understood (see --date-format): 'yesterday'" in text
    assert str(report.bad_rows_file) in text
    assert used_shop.load(f"{HEADER}\n1,2024-01-01,7,milk,1,2\n").bad_rows_file is None
    assert not report.bad_rows_file.exists()


def test_only_the_first_bad_rows_are_printed(used_shop: Shop) -> None:
    report = used_shop.load(f"{HEADER}\n1,2024-01-01,7,milk,1,2\n" + "1,2024-01-01,7,milk,x,2\n" * 25)
    assert report.bad_by_reason == {Reason.QUANTITY: 25}
    assert [row.line for row in report.first_bad_rows] == list(range(3, 23))


def test_excel(used_shop: Shop) -> None:
    from openpyxl import Workbook

    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (
        [None],
        ["Invoice", "InvoiceDate", "Customer ID", "StockCode", "Quantity", "Price", None],
        [1, datetime(2024, 3, 1, 10), 7.0, 85123, 2.0, 1.255],
        [1, datetime(2024, 3, 1, 10), 7.0, "POST", 1, 4],
        [None, None, None],
        ["C2", "2024-03-02", 7, 85123, -1, 1.255],
        [3, "today", 7, 85123, 1, 1],
    ):
        sheet.append(row)
    path = used_shop.folder / "orders.xlsx"
    workbook.save(path)
    report = used_shop.load_file(path)
    assert (report.lines_read, report.lines_imported, report.empty_lines) == (4, 3, 1)
    assert [row.line for row in report.first_bad_rows] == [7]
    assert report.documents["sale"].amount == Decimal("6.51")
    assert used_shop.rows("select ref from res_partner where ref is not null") == [("7",)]
    workbook.create_sheet("2025")
    workbook.save(path)
    with pytest.raises(InputError, match=r"has 2 sheets.*--sheet: Sheet, 2025"):
        used_shop.load_file(path)
    assert used_shop.load_file(path, sheet="Sheet").lines_imported == 3


def test_parquet(used_shop: Shop) -> None:
    import pyarrow as arrow
    from pyarrow import parquet

    moments = arrow.array([datetime(2024, 7, 1, 10)] * 3 + [None], arrow.timestamp("ns"))
    table = arrow.table(
        {
            "order": arrow.array([1, 1, 2, 3], arrow.int64()),
            "date": moments,
            "customer": arrow.array([7, 7, None, 7], arrow.int64()),
            "price": arrow.array([2.55, 1, 1, 1], arrow.float32()),
            "cancelled": [False, False, False, True],
        }
    )
    path = used_shop.folder / "orders.parquet"
    parquet.write_table(table, path)
    report = used_shop.load_file(path, time_zone="Europe/London")
    assert (report.lines_imported, report.customers, report.documents["sale"].amount) == (
        3,
        1,
        Decimal("4.55"),
    )
    assert list(report.first_bad_rows) == [BadRow(4, Reason.NO_DATE, None)]


def test_two_databases_are_two_sources(new_database: Callable[[str], str], tmp_path: Path) -> None:
    shops = [Shop(new_database("odoo_import"), tmp_path) for _ in range(2)]
    for shop in shops:
        shop.load("order,date,customer,price\n1,2024-01-01,7,1\n")
    for query in (
        "select value from ir_config_parameter where key = 'database.uuid'",
        "select create_date from res_partner where id = 1",
    ):
        assert shops[0].rows(query) != shops[1].rows(query)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (f"{HEADER}\n", {}, r"orders\.csv has a header and no orders"),
        (
            f"{HEADER}\n1,01/02/2024,7,milk,1,2\n",
            {},
            r"none of 1 rows.*1 x date not understood \(see --date-format\)",
        ),
        (
            f"{HEADER}\n1,2024-01-01,7,milk,1,2\n",
            {"goods_pattern": "[0-9"},
            r"--goods-pattern '\[0-9' is no regular",
        ),
        ("colour,size\nred,1\n", {}, "no column recognised for --date"),
        (f"{HEADER}\n1,2024-01-01,7,milk,1,2\n", {"columns": {Column.PRODUCT: "sku"}}, "no column 'sku'"),
        (f"{HEADER},currency\n1,2024-01-01,7,milk,1,2,euros\n", {}, "Unknown currency 'EUROS'"),
    ],
)
def test_what_cannot_be_imported_leaves_what_was_there(
    used_shop: Shop, text: str, options: dict[str, object], message: str
) -> None:
    used_shop.load(f"{HEADER}\n1,2024-01-01,7,milk,1,2\n")
    before = used_shop.content()
    with pytest.raises(InputError, match=message):
        used_shop.load(text, **options)
    assert used_shop.content() == before


def test_a_database_of_something_else_is_left_alone(shop: Shop) -> None:
    with psycopg.connect(shop.dsn) as connection:
        connection.execute("create table res_partner (id integer)")
    with pytest.raises(InputError, match="holds something that no import made"):
        shop.load(f"{HEADER}\n1,2024-01-01,7,milk,1,2\n")


def test_a_wrong_password_is_not_repeated(shop: Shop) -> None:
    for dsn in ("postgresql://postgres:geheim@127.0.0.1:1/odoo", "postgresql://geheim@[::1/odoo"):
        with pytest.raises(SourceError) as caught:
            Shop(dsn, shop.folder).load(f"{HEADER}\n1,2024-01-01,7,milk,1,2\n")
        assert "geheim" not in str(caught.value)


def test_the_command(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    path = shop.write("nr;tag;kunde;preis\n1;31.12.2023 09:30;7;1,50\n", "kasse.csv")
    flags = [
        "--order-id",
        "nr",
        "--date",
        "tag",
        "--customer",
        "kunde",
        "--unit-price",
        "preis",
        "--decimal-comma",
    ]
    target = ["--dsn", shop.dsn, "--name", "kasse", "--bad-rows-folder", str(shop.folder)]
    assert main([str(path), *target, *flags, "--date-format", "%d.%m.%Y %H:%M", "--currency", "EUR"]) == 0
    assert "Next: make nightly WAREHOUSE=kasse AS_OF=2023-12-31\n" in capsys.readouterr().out
    assert main([str(path), *target, *flags, "--time-zone", "Mars/Base"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("import-orders: Unknown time zone 'Mars/Base'")
    assert error.count("\n") == 1


FIELDS = st.fixed_dictionaries(
    {
        "order_id": st.sampled_from(["1", "2", "C3", "C4", "A5", ""]),
        "date": st.sampled_from(["2024-01-01", "2024-03-31 01:30", "20240102", "soon", ""]),
        "customer": st.sampled_from(["7", "8", "", "null"]),
        "product": st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
        "quantity": st.sampled_from(["1", "2.5", "-1", "-3", "0", "many", ""]),
        "price": st.sampled_from(["1", "2.555", "-1", "0", "x", ""]),
        "country": st.sampled_from(["UK", "United Kingdom", "Nowhere", ""]),
        "cancelled": st.sampled_from(["", "yes", "no", "?"]),
    }
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FIELDS, max_size=12))
def test_counts_and_amounts_reconcile_whatever_the_rows(used_shop: Shop, drawn: list[dict[str, str]]) -> None:
    good = dict.fromkeys(drawn[0] if drawn else (), "") | {
        "order_id": "0", "date": "2024-01-01", "customer": "7", "product": "milk", "quantity": "1",
        "price": "1", "country": "", "cancelled": "",
    }  # fmt: skip
    path = used_shop.folder / "drawn.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(good))
        writer.writeheader()
        writer.writerows([good, *drawn])
    report = used_shop.load_file(path, adjustment_prefix="A")
    empty = sum(not any(value.strip() for value in row.values()) for row in drawn)
    assert report.lines_read == 1 + len(drawn) - empty == report.lines_imported + report.lines_bad
    assert report.lines_bad == sum(report.bad_by_reason.values())
    [(lines,)] = used_shop.rows(
        "select (select count(*) from sale_order_line) + (select count(*) from account_move_line)"
    )
    assert lines == report.lines_imported

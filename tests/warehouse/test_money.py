"""The two money tables on a shop full of exceptions: each class names its documents, and what is wrong is red."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from creamery import night_report, publication, warehouse
from creamery.as_of import Moment
from creamery.errors import RunError
from creamery.orchestration import dbt
from tests import nights
from tests.shops import AS_OF, Built

UNTIDY = Path(__file__).with_name("untidy_documents.sql").read_text()
MONEY = ("source_reconciliation", "invoice_bridge", "invoice_bridge_document")
OCTOBER, NOVEMBER = dt.date(2026, 10, 1), dt.date(2026, 11, 1)


def rows(uri: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(uri) as connection:
        return connection.execute(query.encode()).fetchall()


def execute(uri: str, statement: str) -> None:
    with psycopg.connect(uri) as connection:
        connection.execute(statement.encode())


@dataclass(frozen=True)
class Untidy:
    """The shop after a night that brought untidy documents, and the warehouse, its generation still open."""

    source: str
    warehouse: str
    warehouse_admin: str
    generation: int

    def build(self, *models: str) -> None:
        dbt.build_layer(self.warehouse, dbt.Layer("money", models), Moment((AS_OF,)), self.generation)


@pytest.fixture(scope="module")
def untidy(built: Built, new_database: Callable[..., str]) -> Untidy:
    source = new_database("shop", template=built.source)
    execute(source, UNTIDY)
    admin_uri = new_database("warehouse", template=built.warehouse_admin)
    target = nights.prepare_warehouse(admin_uri)
    nights.extract(source, target, AS_OF)
    with warehouse.writer(target, warehouse.Role.TRANSFORMER, "test") as writer:
        generation = publication.open_generation(writer.connection, [AS_OF])
    shop = Untidy(source, target, admin_uri, generation)
    shop.build("path:models/intermediate", "fact_sales", *MONEY)
    return shop


def test_every_class_names_its_documents(untidy: Untidy) -> None:
    named = rows(
        untidy.warehouse_admin,
        "select bridge_class, document_name, month_start_date, sold_net_amount::float, invoiced_net_amount::float"
        " from star.invoice_bridge_document where generation_to is null and document_name like 'TEST/%'"
        " order by 1, 2, 3",
    )
    assert named == [
        ("credit notes of the point of sale", "TEST/REFUND", NOVEMBER, 0, -5),
        ("invoiced in another currency", "TEST/FOREIGN", NOVEMBER, 0, 120),
        ("invoiced in another currency", "TEST/S/FOREIGN", NOVEMBER, 100, 0),
        ("invoiced in another month", "TEST/S/HALF", OCTOBER, 0, 50),
        ("invoiced in another month", "TEST/S/HALF", NOVEMBER, 50, 0),
        ("invoiced more than sold", "TEST/DOWN", NOVEMBER, 0, 25),
        ("invoiced more than sold", "TEST/OVER", NOVEMBER, 0, 7),
        ("invoices of cancelled orders", "TEST/CANCEL", NOVEMBER, 0, 13),
        ("manual invoices", "TEST/RECEIPT", NOVEMBER, 0, 11),
        ("not invoiced yet", "TEST/S/DOWN", NOVEMBER, 100, 0),
        ("not invoiced yet", "TEST/S/HALF", NOVEMBER, 50, 0),
        ("point of sale, not invoiced", "TEST/S/TILL", NOVEMBER, 100, 0),
    ]


def test_nothing_is_unexplained(untidy: Untidy) -> None:
    remainder = rows(
        untidy.warehouse_admin,
        "select count(*) > 0, bool_and(is_explained), sum(abs(sold_net_amount) + abs(invoiced_net_amount)) < 0.01"
        " from star.invoice_bridge where generation_to is null and bridge_class = 'unexplained'",
    )
    assert remainder == [(True, True, True)]


def test_rows_in_quarantine_are_part_of_the_sum(untidy: Untidy) -> None:
    found = rows(
        untidy.warehouse_admin,
        "select table_name, sum(source_row_count)::bigint, sum(quarantined_row_count)::bigint, sum(source_net_amount),"
        " sum(source_gross_amount), bool_and(verdict = 'agrees') from star.source_reconciliation"
        " where generation_to is null and table_name in ('sale_order', 'sale_order_line', 'account_move_line')"
        " group by 1 order by 1",
    )
    source_totals = [
        "select count(*), sum(price_subtotal), sum(price_total) filter (where price_total < 'Infinity')"
        " from account_move_line where display_type = 'product'",
        "select count(*), sum(amount_untaxed), sum(amount_total) from sale_order",
        "select count(*), sum(price_subtotal) filter (where price_subtotal <> 'NaN'), sum(price_total)"
        " from sale_order_line",
    ]
    expected = [rows(untidy.source, query)[0] for query in source_totals]
    assert [(row[1], row[3], row[4]) for row in found] == expected
    assert [(row[0], row[2], row[5]) for row in found] == [
        ("account_move_line", 1, True), ("sale_order", 1, True), ("sale_order_line", 1, True)
    ]  # fmt: skip
    of_year_one = rows(
        untidy.warehouse_admin,
        "select table_name, loaded_row_count > 0, quarantined_row_count from star.source_reconciliation"
        " where generation_to is null and month_start_date = '0001-01-01' order by 1",
    )
    assert of_year_one == [("sale_order", False, 1), ("sale_order_line", True, 0)]


def test_amounts_that_are_no_numbers_are_counted(untidy: Untidy) -> None:
    counted = rows(
        untidy.warehouse_admin,
        "select table_name, sum(not_finite_count)::bigint from ops.source_total"
        " where extraction_id = (select max(extraction_id) from ops.extraction) and not_finite_count > 0"
        " group by 1 order by 1",
    )
    assert counted == [("account_move_line", 1), ("sale_order_line", 1)]


def test_a_stopped_table_is_stale_and_not_compared(untidy: Untidy, capsys: pytest.CaptureFixture[str]) -> None:
    assert night_report.print_report(untidy.warehouse)
    assert "STALE" not in capsys.readouterr().out
    execute(
        untidy.source,
        "alter table account_move_line rename column balance to moved;"
        "alter table pos_order rename column amount_tax to moved;"  # only an amount less to compare
        "delete from account_move_line where id = 900002;"
        "update sale_order_line set price_subtotal = price_subtotal + 1 where id = 900001",
    )
    nights.extract(untidy.source, untidy.warehouse, AS_OF)
    untidy.build("source_reconciliation")
    verdicts = rows(
        untidy.warehouse_admin,
        "select distinct table_name, verdict from star.source_reconciliation where generation_to is null order by 1",
    )
    assert verdicts == [
        ("account_move", "agrees"), ("account_move_line", "stale"), ("pos_order", "agrees"),
        ("pos_order_line", "agrees"), ("sale_order", "agrees"), ("sale_order_line", "agrees"),
    ]  # fmt: skip
    taxed = "select sum(source_tax_amount), sum(source_net_amount), sum(source_gross_amount) > 0"
    assert rows(
        untidy.warehouse_admin,
        f"{taxed} from star.source_reconciliation where generation_to is null and table_name = 'pos_order'",
    ) == [(0, 0, True)]
    assert not night_report.print_report(untidy.warehouse)
    printed = capsys.readouterr().out
    assert "STALE  account_move_line: " in printed
    assert "account_move_line.balance" in printed


def test_what_changed_or_was_lost_on_the_way_is_red(untidy: Untidy) -> None:
    """Line 900013 is worth nothing: only the number of rows tells that it is gone."""
    untidy.build("path:models/intermediate", "fact_sales", *MONEY)
    execute(
        untidy.warehouse_admin,
        "update raw_odoo.sale_order_line set price_subtotal = price_subtotal + 0.02 where id = 900007;"
        "update raw_odoo.sale_order_line set _valid_to = '2026-11-19' where id = 900013;"
        "update raw_odoo.pos_order_line set price_subtotal = price_subtotal - 0.02 where id = 900007;"
        "update star.fact_sales set net_amount = net_amount + 0.02 where generation_to is null and sales_sk ="
        " (select min(sales_sk) from star.fact_sales where generation_to is null and sale_date < '2025-12-01');"
        "update star.fact_sales set net_in_order_currency = net_in_order_currency - 0.02"
        " where generation_to is null and line_source = 'order_line' and line_id = 900001;"
        "update intermediate.int_invoices__bridge_documents set invoiced_net_amount = invoiced_net_amount + 0.02"
        " where document_name = 'TEST/S/HALF' and month_start_date = '2026-10-01'",
    )
    with pytest.raises(RunError) as red:
        untidy.build(*MONEY)
    assert "assert_sales_agree_with_source" in str(red.value)
    assert "assert_invoice_bridge_is_explained" in str(red.value)
    differing = rows(
        untidy.warehouse_admin,
        "select table_name, kind, month_start_date, row_count_difference, net_amount_difference"
        " from star.source_reconciliation where generation_to is null and verdict = 'differs' order by 1 desc",
    )
    assert differing == [
        ("sale_order_line", "sale", NOVEMBER, 1, Decimal("-0.02")),
        ("pos_order_line", "done", NOVEMBER, 0, Decimal("0.02")),
    ]
    unexplained = rows(
        untidy.warehouse_admin,
        "select sold_net_amount, invoiced_net_amount, sold_net_in_document_currency from star.invoice_bridge"
        " where generation_to is null and not is_explained order by month_start_date",
    )
    none = Decimal(0)
    assert [tuple(round(Decimal(str(value)), 4) for value in row) for row in unexplained] == [
        (Decimal("0.02"), none, none), (none, Decimal("-0.02"), none), (none, none, Decimal("-0.02"))
    ]  # fmt: skip

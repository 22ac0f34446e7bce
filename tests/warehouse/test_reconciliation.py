"""Totals equal the source's own, by SQL that knows nothing of the models; the RFM equals an independent one."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from creamery.demo_shop.importer.load import import_orders
from creamery.demo_shop.importer.options import ImportOptions
from tests import nights
from tests.shops import Built
from tests.warehouse import independent_campaigns, independent_rfm

SOURCE_ORDERS = """
    select cur.name, count(distinct o.id), sum(l.price_subtotal)
    from sale_order o join res_currency cur on cur.id = o.currency_id
    join sale_order_line l on l.order_id = o.id and l.display_type is null
    where o.state in ('sale', 'done') group by 1
"""
WAREHOUSE_ORDERS = """
    select currency_code, count(distinct order_id), sum(net_in_order_currency)
    from star.fact_sales where generation_to is null and line_source = 'order_line' group by 1
"""
SOURCE_REFUNDS = """
    select cur.name, count(*), sum(l.price_subtotal)
    from account_move m join res_currency cur on cur.id = m.currency_id
    join account_move_line l on l.move_id = m.id and l.display_type = 'product'
    where m.move_type = 'out_refund' and m.state = 'posted'
    and not exists (select 1 from pos_order po where po.account_move in (m.id, m.reversed_entry_id))
    and exists (
        select 1 from sale_order_line_invoice_rel r join account_move_line linked on linked.id = r.invoice_line_id
        join sale_order_line sol on sol.id = r.order_line_id
        join sale_order o on o.id = sol.order_id and o.state in ('sale', 'done')
        where linked.id = l.id
        or (linked.move_id = m.reversed_entry_id and not exists (
            select 1 from sale_order_line_invoice_rel own where own.invoice_line_id = l.id))
    ) group by 1
"""
WAREHOUSE_REFUNDS = """
    select currency_code, count(*), -sum(net_in_order_currency)
    from star.fact_sales where generation_to is null and line_source = 'move_line' group by 1
"""
SOURCE_TABLES = """
    select name, rows, round(net, 2), round(tax::numeric, 2), round(gross, 2) from (
        select 'account_move', count(*), sum(amount_untaxed), sum(amount_tax), sum(amount_total) from account_move
        union all
        select 'account_move_line', count(*), sum(price_subtotal), 0, sum(price_total) from account_move_line
        where display_type = 'product'
        union all
        select 'pos_order', count(*), sum(amount_total - amount_tax), sum(amount_tax), sum(amount_total) from pos_order
        union all
        select 'pos_order_line', count(*), sum(price_subtotal), 0, sum(price_subtotal_incl) from pos_order_line
        union all
        select 'sale_order', count(*), sum(amount_untaxed), sum(amount_tax), sum(amount_total) from sale_order
        union all
        select 'sale_order_line', count(*), sum(price_subtotal), 0, sum(price_total) from sale_order_line
    ) totals (name, rows, net, tax, gross) where rows > 0 order by 1
"""
LOADED_TABLES = """
    select table_name, sum(loaded_row_count)::bigint, round(sum(loaded_net_amount), 2),
        round(sum(loaded_tax_amount), 2), round(sum(loaded_gross_amount), 2)
    from star.source_reconciliation where generation_to is null group by 1 order by 1
"""
SOURCE_INVOICES = """
    select round(coalesce(sum(amount_untaxed_signed), 0), 2) from account_move
    where state = 'posted' and move_type in ('out_invoice', 'out_refund', 'out_receipt')
"""
# What leads to no order, neither by itself nor by what it reverses: invoices as a whole, credit notes by the line.
SOURCE_MANUAL_INVOICES = """
    select m.name, m.amount_untaxed_signed from account_move m
    where m.state = 'posted' and m.move_type = 'out_invoice'
    and not exists (select 1 from pos_order po where po.account_move = m.id)
    and not exists (
        select 1 from account_move_line l join sale_order_line_invoice_rel r on r.invoice_line_id = l.id
        where l.move_id = m.id
    )
"""
SOURCE_MANUAL_CREDIT_NOTES = """
    select m.name, -sum(l.balance) from account_move m
    join account_move_line l on l.move_id = m.id and l.display_type = 'product'
    where m.state = 'posted' and m.move_type = 'out_refund'
    and not exists (select 1 from pos_order po where po.account_move in (m.id, m.reversed_entry_id))
    and not exists (select 1 from sale_order_line_invoice_rel r where r.invoice_line_id = l.id)
    and not exists (
        select 1 from account_move_line reversed
        join sale_order_line_invoice_rel r on r.invoice_line_id = reversed.id
        where reversed.move_id = m.reversed_entry_id
    ) group by m.id, m.name
"""
BRIDGE_DOCUMENTS = """
    select document_name, round(difference, 2) from star.invoice_bridge_document
    where generation_to is null and bridge_class = '{bridge_class}'
"""
SOURCE_CUSTOMERS = """
    select distinct p.commercial_partner_id from res_partner p join (
        select partner_id from sale_order where state in ('sale', 'done')
            and id in (select order_id from sale_order_line where display_type is null)
        union select partner_id from sale_order where state = 'draft' and website_id is not null
        union select partner_id from pos_order where state in ('paid', 'done', 'invoiced')
            and id in (select order_id from pos_order_line)
        union select partner_id from crm_lead
        union select card.partner_id from loyalty_card card join loyalty_program program
            on program.id = card.program_id and program.program_type = 'loyalty'
    ) evidence on evidence.partner_id = p.id
    where p.commercial_partner_id not in (select x from (
        select partner_id x from res_users where not coalesce(share, false)
        union select partner_id from res_company
        union select u.partner_id from website w join res_users u on u.id = w.user_id) never where x is not null)
    and p.id not in (select partner_id from res_users where not coalesce(share, false))
"""


def rows(uri: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(uri) as connection:
        return connection.execute(query.encode()).fetchall()


def assert_agrees(built: Built) -> None:
    assert sorted(rows(built.warehouse_admin, WAREHOUSE_ORDERS)) == sorted(rows(built.source, SOURCE_ORDERS))
    assert sorted(rows(built.warehouse_admin, WAREHOUSE_REFUNDS)) == sorted(rows(built.source, SOURCE_REFUNDS))
    current = "select customer_id from star.dim_customer where is_current and generation_to is null"
    customers = rows(built.warehouse_admin, current)
    assert sorted(customers) == sorted(rows(built.source, SOURCE_CUSTOMERS))


def assert_money_agrees(built: Built) -> None:
    """Both money tables against the source: every table as a whole, and the documents that come from no order."""
    assert rows(built.warehouse_admin, LOADED_TABLES) == rows(built.source, SOURCE_TABLES)
    total = "select round(sum({}), 2) from star.{} where generation_to is null"
    sold = rows(built.warehouse_admin, total.format("sold_net_amount", "invoice_bridge"))
    assert sold == rows(built.warehouse_admin, total.format("net_amount", "fact_sales"))
    invoiced = rows(built.warehouse_admin, total.format("invoiced_net_amount", "invoice_bridge"))
    assert invoiced == rows(built.source, SOURCE_INVOICES)
    for bridge_class, query in [
        ("manual invoices", SOURCE_MANUAL_INVOICES),
        ("credit notes of manual invoices", SOURCE_MANUAL_CREDIT_NOTES),
    ]:
        named = rows(built.warehouse_admin, BRIDGE_DOCUMENTS.format(bridge_class=bridge_class))
        assert sorted(named) == sorted(rows(built.source, query))


def assert_rfm_agrees(built: Built) -> None:
    zone = rows(built.warehouse_admin, "select business_time_zone from ops.warehouse")[0][0]
    expected = independent_rfm.compute(built.source, built.as_of, str(zone))
    computed = rows(
        built.warehouse_admin,
        "select c.customer_id, f.days_since_last_order, f.order_count_365_days, f.total_spend_365_days, f.rfm_score"
        " from marts.fact_customer_rfm f join star.dim_customer c using (customer_sk)"
        f" where f.as_of_date = '{built.as_of}' and f.generation_to is null"
        " and c.generation_to is null and c.is_current",
    )
    assert {row[0] for row in computed} == set(expected.index)
    for customer_id, days, orders, spend, score in computed:
        want = expected.loc[customer_id]
        assert (days, orders) == (want["days"], want["orders"]), customer_id
        assert abs(spend - Decimal(str(want["spend"]))) <= Decimal("0.01"), customer_id
        assert score == f"{want['r']}{want['f']}{want['m']}", customer_id


def test_demo_shop(built: Built) -> None:
    assert_agrees(built)
    assert_rfm_agrees(built)
    assert_money_agrees(built)


def test_real_odoo(real_odoo: Built) -> None:
    assert_agrees(real_odoo)
    assert_rfm_agrees(real_odoo)
    assert_money_agrees(real_odoo)
    independent_campaigns.assert_agrees(real_odoo)
    # Eight credit notes of manual invoices, 165,500.00 in all, reduce nothing and are named.
    named = rows(
        real_odoo.warehouse_admin,
        "select count(*), count(document_name), sum(sold_net_amount), sum(invoiced_net_amount)"
        " from reporting.vw_invoice_bridge_document where bridge_class = 'credit notes of manual invoices'",
    )
    assert named == [(8, 8, Decimal(0), Decimal(-165500))]


@pytest.mark.slow
def test_online_retail(online_retail: Built) -> None:
    assert_agrees(online_retail)
    assert_rfm_agrees(online_retail)
    assert_money_agrees(online_retail)


@pytest.mark.slow
def test_cdnow(new_database: Callable[[str], str]) -> None:
    import lifetimes

    source, admin_uri = new_database("odoo_cdnow"), new_database("warehouse")
    import_orders(
        Path(lifetimes.__file__).parent / "datasets/CDNOW_master.txt",
        source,
        ImportOptions(name="cdnow", currency="USD"),
    )
    target = nights.prepare_warehouse(admin_uri)
    day = dt.date(1998, 6, 30)
    nights.run(source, target, day)
    cdnow = Built(source, target, admin_uri, day)
    assert_agrees(cdnow)
    assert_rfm_agrees(cdnow)
    assert_money_agrees(cdnow)

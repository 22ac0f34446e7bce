"""The source's own totals, which the warehouse has to agree with (spec: money that agrees).

Each query is plain aggregation over Odoo's tables, on purpose far from the models that it judges: rows are
(company_id, currency, line count, net amount in the document's currency).
"""

from collections.abc import Iterable

import psycopg

from creamery.extract.probe import TablePlan

_SALE_ORDER_LINES = """
    select sale_order.company_id, currency.name, count(*), sum(line.price_subtotal)
    from sale_order
    join res_currency as currency on sale_order.currency_id = currency.id
    join sale_order_line as line on sale_order.id = line.order_id and line.display_type is null
    where sale_order.state in ('sale', 'done')
    group by sale_order.company_id, currency.name
"""
_POS_ORDER_LINES = """
    select pos_order.company_id, '', count(*), sum(line.price_subtotal)
    from pos_order
    join pos_order_line as line on pos_order.id = line.order_id
    where pos_order.state in ('paid', 'done', 'invoiced')
    group by pos_order.company_id
"""
_CREDIT_NOTE_LINES = """
    select move.company_id, currency.name, count(*), sum(line.price_subtotal)
    from account_move as move
    join res_currency as currency on move.currency_id = currency.id
    join account_move_line as line on move.id = line.move_id and line.display_type = 'product'
    where move.move_type = 'out_refund' and move.state = 'posted'
    group by move.company_id, currency.name
"""
MEASURES = {
    "sale order lines": ("sale_order", _SALE_ORDER_LINES),
    "pos order lines": ("pos_order", _POS_ORDER_LINES),
    "credit note lines": ("account_move", _CREDIT_NOTE_LINES),
}


def record_totals(
    source: psycopg.Connection,
    warehouse: psycopg.Connection,
    plans: Iterable[TablePlan],
    extraction_id: int,
) -> None:
    """Take every measure whose tables exist from the open source snapshot into ops.source_total."""
    present = {plan.table.name for plan in plans if not plan.is_absent}
    with warehouse.transaction():
        for measure, (table, query) in MEASURES.items():
            if table not in present:
                continue
            rows = source.execute(query.encode()).fetchall()
            warehouse.cursor().executemany(
                "insert into ops.source_total values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
                [(extraction_id, measure, *row) for row in rows],
            )

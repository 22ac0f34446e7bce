"""The source's own totals, which the warehouse has to agree with (docs/metrics.md, 'Money that agrees').

One aggregate query per table over Odoo's own tables, on purpose far from the models that it judges: rows and amounts
by kind (state, type of document), month, company and currency, with dates as Odoo stores them. A line's tax is what
lies between its net and its gross. One amount that is no number would make a whole total none, so such amounts are
left out and their rows counted.
"""

import re
from collections.abc import Iterable

import psycopg
from psycopg import sql

from creamery.extract.probe import TablePlan
from creamery.extract.stream import pipe

# (kind, date, company, currency, net, tax, gross) of every row. Lines take the first four from their document; POS
# orders name no currency and stand, unconverted, under their company's, whatever their till's is.
_ROWS = {
    "sale_order": """
        select sale_order.state, sale_order.date_order, sale_order.company_id, sale_order.currency_id,
            sale_order.amount_untaxed, sale_order.amount_tax, sale_order.amount_total
        from sale_order
    """,
    "sale_order_line": """
        select sale_order.state, sale_order.date_order, sale_order.company_id, sale_order.currency_id,
            sale_order_line.price_subtotal, null::numeric, sale_order_line.price_total
        from sale_order_line
        left join sale_order on sale_order_line.order_id = sale_order.id
    """,
    "account_move": """
        select concat_ws(' ', account_move.move_type, account_move.state), account_move.invoice_date,
            account_move.company_id, account_move.currency_id,
            account_move.amount_untaxed, account_move.amount_tax, account_move.amount_total
        from account_move
    """,
    "account_move_line": """
        select concat_ws(' ', account_move.move_type, account_move.state), account_move.invoice_date,
            account_move.company_id, account_move.currency_id,
            account_move_line.price_subtotal, null::numeric, account_move_line.price_total
        from account_move_line
        left join account_move on account_move_line.move_id = account_move.id
        where account_move_line.display_type = 'product'
    """,
    "pos_order": """
        select pos_order.state, pos_order.date_order, pos_order.company_id, res_company.currency_id,
            pos_order.amount_total - pos_order.amount_tax, pos_order.amount_tax, pos_order.amount_total
        from pos_order
        left join res_company on pos_order.company_id = res_company.id
    """,
    "pos_order_line": """
        select pos_order.state, pos_order.date_order, pos_order.company_id, res_company.currency_id,
            pos_order_line.price_subtotal, null::numeric, pos_order_line.price_subtotal_incl
        from pos_order_line
        left join pos_order on pos_order_line.order_id = pos_order.id
        left join res_company on pos_order.company_id = res_company.id
    """,
}
_TOTALS = """
    copy (
        select
            {extraction_id}::int8, {table}::text, kind::text, date_trunc('month', dated_at)::date,
            company_id::int4, currency_id::int4, count(*), {not_finite}, {net}, {tax}, {gross}
        from ({rows}) as amounts (kind, dated_at, company_id, currency_id, net, tax, gross)
        group by 3, 4, 5, 6
    ) to stdout (format binary)
"""
# NaN is above every number, and so are the infinities, which older servers cannot even name.
_HIGHEST = "1e308"
_ALL = {"not_finite": "0::int8"} | {amount: f"sum({amount}::numeric)" for amount in ("net", "tax", "gross")}
_FINITE = {
    "not_finite": f"count(*) filter (where greatest(abs(net), abs(tax), abs(gross)) > {_HIGHEST})",
} | {amount: f"sum({amount}::numeric) filter (where abs({amount}) <= {_HIGHEST})" for amount in ("net", "tax", "gross")}
_STORE = sql.SQL(
    "copy ops.source_total (extraction_id, table_name, kind, month_start_date, company_id, currency_id, row_count,"
    " not_finite_count, net_amount, tax_amount, gross_amount) from stdin (format binary)"
)
_COLUMN = re.compile(r"\b(\w+)\.(\w+)\b")


def record_totals(
    source: psycopg.Connection,
    warehouse: psycopg.Connection,
    plans: Iterable[TablePlan],
    extraction_id: int,
) -> None:
    """Take the totals of every table that can be read from the open source snapshot into ops.source_total.

    Totals from before the last complete extraction go: nobody compares with them any more.
    """
    columns = {
        plan.table.name: {column.name for column in plan.present}
        for plan in plans
        if not plan.is_absent and plan.problem is None
    }
    with warehouse.transaction():
        warehouse.execute(
            "delete from ops.source_total where extraction_id = %(id)s or extraction_id <"
            " (select max(extraction_id) from ops.extraction where state = 'complete' and extraction_id <> %(id)s)",
            {"id": extraction_id},
        )
        for table, rows in _ROWS.items():
            if all(match[1] in columns for match in _COLUMN.finditer(rows)):
                _record(source, warehouse, extraction_id, table, _with_what_exists(rows, columns))


def _record(
    source: psycopg.Connection, warehouse: psycopg.Connection, extraction_id: int, table: str, rows: str
) -> None:
    """To look at each amount costs half as much as to add it, so that is done where a sum turns out to be none."""
    for sums in (_ALL, _FINITE):
        read = sql.SQL(_TOTALS).format(
            extraction_id=sql.Literal(extraction_id),
            table=sql.Literal(table),
            rows=sql.SQL(rows),
            **{name: sql.SQL(expression) for name, expression in sums.items()},
        )
        pipe(source, warehouse, read, _STORE, f"totals of {table}")
        spoilt = warehouse.execute(
            "select from ops.source_total where extraction_id = %s and table_name = %s"
            " and greatest(abs(net_amount), abs(tax_amount), abs(gross_amount)) > %s::numeric",
            (extraction_id, table, _HIGHEST),
        ).fetchone()
        if spoilt is None:
            return
        warehouse.execute(
            "delete from ops.source_total where extraction_id = %s and table_name = %s", (extraction_id, table)
        )


def _with_what_exists(rows: str, columns: dict[str, set[str]]) -> str:
    """Only amounts are optional in the contract: one that this Odoo lacks, or hides from the login, is NULL."""
    return _COLUMN.sub(lambda match: match[0] if match[2] in columns[match[1]] else "null::numeric", rows)

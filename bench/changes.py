"""A day in the shop: a share of the orders is written, one is re-pointed without a trace, one line is deleted."""

import psycopg

_STATEMENTS = (
    # Spread over all orders, not the newest.
    "create temporary table written as"
    " select id from sale_order where abs(hashint4(id) %% 100000) < %(share)s * 100000",
    "update sale_order_line set price_subtotal = price_subtotal + 1,"
    " write_date = clock_timestamp() at time zone 'UTC' where order_id in (select id from written)",
    "update sale_order set amount_untaxed = amount_untaxed + 1,"
    " write_date = clock_timestamp() at time zone 'UTC' where id in (select id from written)",
    "update sale_order set partner_id = partner_id + 1 where id = (select max(id) - 100 from sale_order)",
    "delete from account_tax_sale_order_line_rel where sale_order_line_id = (select max(id) from sale_order_line)",
    "delete from sale_order_line where id = (select max(id) from sale_order_line)",
)


def make(source_dsn: str, share: float) -> None:
    """Change `share` (0 to 1) of the orders with their lines."""
    with psycopg.connect(source_dsn, cursor_factory=psycopg.ClientCursor) as source:
        for statement in _STATEMENTS:
            source.execute(statement.encode(), {"share": share})

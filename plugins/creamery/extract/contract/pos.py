"""Point of sale: orders, lines, taxes, sessions, tills, payments.

pos_order has no currency column: its till's (pos_config) counts. Older versions compute that from a journal and do not
store it; there its pricelist's does. State `invoiced` exists up to 18. Refunds have negative quantities; is_refund: 19.
An order that was invoiced names its account_move.
Never read: card numbers and holders, tickets, access tokens, printers' addresses.
"""

from creamery.extract.contract.definition import SourceTable, columns, link_table

TABLES: tuple[SourceTable, ...] = (
    SourceTable(
        "pos_order",
        "point_of_sale",
        required=columns(int4="id partner_id company_id", text="name state", timestamp="date_order"),
        # crm_team_id: pos_sale. amount_difference, uuid: 18 on. is_refund, source: 19.
        optional=columns(
            numeric="currency_rate amount_total amount_tax amount_paid amount_return tip_amount amount_difference",
            int4="account_move session_id config_id user_id pricelist_id crm_team_id",
            text="pos_reference source",
            bool="is_refund to_invoice",
            timestamp="create_date write_date",
        ),
        is_optional=True,
        event_date="date_order",
    ),
    SourceTable(
        "pos_order_line",
        "point_of_sale",
        required=columns(int4="id order_id product_id", numeric="qty price_subtotal price_subtotal_incl"),
        # reward_id, coupon_id, points_cost, is_reward_line: pos_loyalty. sale_order_origin_id, sale_order_line_id:
        # pos_sale. combo_parent_id: 17 on. price_type: 18 on.
        optional=columns(
            int4="refunded_orderline_id sale_order_line_id sale_order_origin_id company_id reward_id coupon_id"
            " combo_parent_id combo_item_id",
            numeric="total_cost price_unit discount price_extra points_cost",
            text="name full_product_name price_type reward_identifier_code",
            bool="is_reward_line is_total_cost_computed",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    link_table("account_tax_pos_order_line_rel", "point_of_sale", "pos_order_line_id", "account_tax_id"),
    SourceTable(
        "pos_session",
        "point_of_sale",
        required=columns(int4="id config_id", text="name state"),
        optional=columns(
            int4="user_id move_id",
            bool="rescue",
            timestamp="start_at stop_at create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "pos_config",
        "point_of_sale",
        required=columns(int4="id", text="name"),
        optional=columns(
            int4="company_id currency_id pricelist_id warehouse_id crm_team_id",
            bool="active",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "pos_payment",
        "point_of_sale",
        required=columns(int4="id pos_order_id", numeric="amount"),
        optional=columns(
            int4="payment_method_id session_id company_id account_move_id",
            text="payment_status",
            bool="is_change",
            timestamp="payment_date create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "pos_payment_method",
        "point_of_sale",
        required=columns(int4="id", jsonb="name"),
        optional=columns(
            int4="company_id journal_id",
            bool="is_cash_count split_transactions active",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
)

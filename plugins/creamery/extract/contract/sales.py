"""Quotations, carts, orders, their lines and taxes.

State: 16 locks an order by state `done`, 17 on by the column `locked`. date_order is overwritten at confirmation, so
a cart's start survives only in create_date. A line's unit is `product_uom` up to 18. Amounts are in the order's
currency; currency_rate may be NULL or 0 on old orders, which staging mends and quarantine does not punish.
Never read: access tokens, signatures, notes.
"""

from creamery.extract.contract.definition import SourceTable, columns, link_table

TABLES: tuple[SourceTable, ...] = (
    SourceTable(
        "sale_order",
        "sale",
        required=columns(
            int4="id partner_id company_id currency_id",
            text="name state",
            timestamp="date_order create_date",
        ),
        # locked: 17 on. opportunity_id: sale_crm. website_id, cart_recovery_email_sent: website_sale. margin:
        # sale_margin. warehouse_id, delivery_status, effective_date: sale_stock. carrier_id: delivery.
        # Subscriptions of Enterprise (sale_subscription; names from published copies of its source, never run here):
        # 16 has recurrence_id and stage_category, 17 on plan_id and subscription_state. OCA's subscription_oca has
        # order_subscription_id.
        optional=columns(
            numeric="currency_rate amount_untaxed amount_tax amount_total amount_unpaid margin recurring_monthly"
            " recurring_total",
            int4="website_id user_id team_id partner_invoice_id partner_shipping_id pricelist_id campaign_id source_id"
            " medium_id opportunity_id warehouse_id carrier_id plan_id recurrence_id"
            " origin_order_id subscription_id close_reason_id order_subscription_id",
            text="invoice_status origin client_order_ref delivery_status subscription_state stage_category",
            bool="locked cart_recovery_email_sent is_subscription",
            date="validity_date start_date end_date next_invoice_date first_contract_date",
            timestamp="commitment_date effective_date write_date",
        ),
        event_date="date_order",
    ),
    SourceTable(
        "sale_order_line",
        "sale",
        required=columns(
            int4="id order_id product_id",
            text="display_type",
            numeric="product_uom_qty price_subtotal price_total",
        ),
        # margin, purchase_price: sale_margin. is_delivery: delivery. reward_id, coupon_id, points_cost: sale_loyalty.
        # linked_line_id: website_sale, later sale. combo_item_id: 18 on. This is the largest table of a shop: what can
        # be computed from the rest (price_tax is price_total less price_subtotal) is not read.
        optional=columns(
            numeric="margin purchase_price price_unit discount qty_delivered qty_invoiced points_cost",
            int4="company_id currency_id order_partner_id salesman_id product_uom_id reward_id coupon_id linked_line_id"
            " combo_item_id",
            text="state",
            bool="is_downpayment is_expense is_delivery",
            timestamp="create_date write_date",
        ),
        former_columns={"product_uom_id": "product_uom"},
    ),
    SourceTable(
        "account_tax",
        "account",
        required=columns(int4="id", jsonb="name", numeric="amount"),
        # price_include: up to 17; price_include_override (NULL: as the company does): 18 on.
        optional=columns(
            int4="company_id country_id tax_group_id sequence",
            text="type_tax_use amount_type price_include_override",
            jsonb="description",
            bool="active price_include include_base_amount",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    link_table("account_tax_sale_order_line_rel", "sale", "sale_order_line_id", "account_tax_id"),
    link_table("sale_order_line_invoice_rel", "sale", "order_line_id", "invoice_line_id"),
)

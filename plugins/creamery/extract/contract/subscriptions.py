"""Subscriptions: of Odoo Enterprise, which are sale orders (columns in sales.py), and of OCA's subscription_oca.

Neither was run here; names come from published sources, so little is required. Enterprise: 16 names an interval
(sale_temporal_recurrence, which renting uses too), 17 on a plan. OCA's table is called as Enterprise's was before 16.
"""

from creamery.extract.contract.definition import SourceTable, columns

TABLES: tuple[SourceTable, ...] = (
    SourceTable(
        "sale_subscription_plan",
        "sale_subscription",
        required=columns(int4="id"),
        optional=columns(
            int4="company_id billing_period_value auto_close_limit",
            jsonb="name",
            text="billing_period_unit",
            bool="active user_closable",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "sale_temporal_recurrence",
        "sale_temporal",
        required=columns(int4="id"),
        optional=columns(
            int4="duration",
            jsonb="name",
            text="unit",
            bool="active",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    # Each change of a subscription's monthly revenue: its start, growth, end.
    SourceTable(
        "sale_order_log",
        "sale_subscription",
        required=columns(int4="id order_id"),
        # category: 16; subscription_state: 17 on.
        optional=columns(
            int4="origin_order_id company_id currency_id",
            text="event_type subscription_state category",
            numeric="recurring_monthly amount_signed",
            date="event_date",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "sale_order_close_reason",
        "sale_subscription",
        required=columns(int4="id"),
        optional=columns(jsonb="name", timestamp="create_date write_date"),
        is_optional=True,
    ),
    SourceTable(
        "sale_subscription",
        "subscription_oca",
        required=columns(int4="id partner_id"),
        # date is the end.
        optional=columns(
            int4="company_id currency_id pricelist_id template_id stage_id close_reason_id sale_order_id user_id"
            " crm_team_id",
            text="name code",
            numeric="recurring_total amount_tax amount_total",
            bool="active in_progress recurring_rule_boundary to_renew is_paused",
            date="date_start date recurring_next_date paused_until",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "sale_subscription_line",
        "subscription_oca",
        required=columns(int4="id sale_subscription_id"),
        optional=columns(
            int4="product_id company_id currency_id",
            text="name",
            numeric="product_uom_qty price_unit discount price_subtotal price_total",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "sale_subscription_stage",
        "subscription_oca",
        required=columns(int4="id"),
        optional=columns(
            int4="sequence",
            jsonb="name",
            text="type",
            bool="in_progress",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "sale_subscription_template",
        "subscription_oca",
        required=columns(int4="id"),
        optional=columns(
            int4="recurring_interval recurring_rule_count",
            text="name code recurring_rule_type recurring_rule_boundary",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "sale_subscription_close_reason",
        "subscription_oca",
        required=columns(int4="id"),
        optional=columns(jsonb="name", timestamp="create_date write_date"),
        is_optional=True,
    ),
)

"""Loyalty programs, rules, rewards, cards, and how points came and went.

loyalty_history exists from 18 on and is a log beside the balance. For 16 and 17 points are reconstructed from
sale_order_coupon_points, the points_cost of order lines, and the changes of loyalty.card.points that the chatter
tracked: mail_message without its text, and mail_tracking_value, of loyalty cards alone. After 19 Odoo may expire
points itself: expire_after and the history's expiration columns are read so that it shows.
"""

from creamery.extract.contract.definition import SourceTable, columns

TABLES: tuple[SourceTable, ...] = (
    SourceTable(
        "loyalty_program",
        "loyalty",
        required=columns(int4="id", text="program_type"),
        # date_from: 17 on. sale_ok: sale_loyalty. pos_ok: pos_loyalty. website_id, ecommerce_ok:
        # website_sale_loyalty. expire_after: after 19 (not verified).
        optional=columns(
            int4="company_id currency_id website_id sequence max_usage expire_after",
            jsonb="name portal_point_name",
            text="applies_on trigger",
            bool="active limit_usage portal_visible sale_ok pos_ok ecommerce_ok",
            date="date_from date_to",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "loyalty_rule",
        "loyalty",
        required=columns(int4="id program_id", text="reward_point_mode", numeric="reward_point_amount"),
        # website_id: website_sale_loyalty. The codes of rules are read to tell which order used which.
        optional=columns(
            int4="company_id product_category_id product_tag_id website_id minimum_qty",
            text="mode code minimum_amount_tax_mode product_domain",
            numeric="minimum_amount",
            bool="active reward_point_split",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "loyalty_reward",
        "loyalty",
        required=columns(int4="id program_id", text="reward_type", numeric="required_points"),
        optional=columns(
            int4="company_id reward_product_id reward_product_tag_id reward_product_qty discount_line_product_id"
            " discount_product_category_id discount_product_tag_id",
            jsonb="description",
            text="discount_mode discount_applicability",
            numeric="discount discount_max_amount",
            bool="active clear_wallet",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    # The codes of cards are left out: whoever has one can spend it.
    SourceTable(
        "loyalty_card",
        "loyalty",
        required=columns(int4="id program_id partner_id", numeric="points"),
        # active: 18 on. order_id: sale_loyalty. source_pos_order_id: pos_loyalty.
        optional=columns(
            int4="company_id order_id source_pos_order_id",
            bool="active",
            date="expiration_date",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "loyalty_history",
        "loyalty",
        required=columns(int4="id card_id", numeric="issued used"),
        # expiration_date, available_issued_points, active: after 19 (not verified).
        optional=columns(
            int4="order_id",
            text="order_model description",
            numeric="available_issued_points",
            bool="active",
            date="expiration_date",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    # Drafts have rows too.
    SourceTable(
        "sale_order_coupon_points",
        "sale_loyalty",
        required=columns(int4="id order_id coupon_id", numeric="points"),
        optional=columns(timestamp="create_date write_date"),
        is_optional=True,
    ),
    SourceTable(
        "mail_message",
        "mail",
        required=columns(int4="id res_id", text="model", timestamp="date"),
        optional=columns(int4="author_id", text="message_type", timestamp="create_date write_date"),
        is_optional=True,
        only="model = 'loyalty.card'",
    ),
    SourceTable(
        "mail_tracking_value",
        "mail",
        required=columns(int4="id mail_message_id field_id", numeric="old_value_float new_value_float"),
        optional=columns(timestamp="create_date write_date"),
        is_optional=True,
        former_columns={"field_id": "field"},  # 16
        only="mail_message_id in (select id from mail_message where model = 'loyalty.card')",
    ),
)

"""Companies, currencies, places, partners, logins; and what of Odoo's own registry resolves a value stored elsewhere.

Versions 16 to 19. Partners lose `mobile` in 19. A company-dependent value is a row of ir_property up to 17 and a
jsonb column by company from 18 on, which leaves out what equals the default in ir_default. Never read: passwords,
TOTP secrets, API keys, ir_config_parameter (its database.uuid is asked for once, by name).
"""

from creamery.extract.contract.definition import SourceTable, columns, link_table

TABLES: tuple[SourceTable, ...] = (
    SourceTable(
        "res_company",
        "base",
        required=columns(int4="id partner_id currency_id", text="name"),
        # account_price_include: 18 on (account); what a tax without a choice of its own does.
        optional=columns(
            int4="parent_id sequence",
            bool="active",
            text="account_price_include",
            timestamp="create_date write_date",
        ),
    ),
    SourceTable(
        "res_country",
        "base",
        required=columns(int4="id", text="code", jsonb="name"),
        optional=columns(int4="currency_id phone_code", timestamp="create_date write_date"),
    ),
    SourceTable(
        "res_country_state",
        "base",
        required=columns(int4="id country_id", text="name"),
        optional=columns(text="code", timestamp="create_date write_date"),
        is_optional=True,
    ),
    SourceTable(
        "res_currency",
        "base",
        required=columns(int4="id", text="name"),
        optional=columns(
            int4="decimal_places",
            text="symbol position",
            numeric="rounding",
            bool="active",
            timestamp="create_date write_date",
        ),
    ),
    SourceTable(
        "res_currency_rate",
        "base",
        required=columns(int4="id currency_id company_id", date="name", numeric="rate"),
        optional=columns(timestamp="create_date write_date"),
        positive=("rate",),
    ),
    # customer_rank and supplier_rank are left out on purpose: Odoo 17 raises them without a new write_date, and most
    # buyers of a web shop have none.
    SourceTable(
        "res_partner",
        "base",
        required=columns(
            int4="id commercial_partner_id parent_id country_id",
            text="name city",
            bool="is_company active",
            timestamp="create_date",
        ),
        # complete_name: 17 on. mobile: up to 18. phone_sanitized: phone_validation. team_id: sales_team up to 17.
        # website_id: website. birthdate_date: OCA's partner_contact_birthdate (not verified).
        optional=columns(
            int4="company_id user_id team_id website_id state_id industry_id message_bounce",
            text="email email_normalized phone mobile phone_sanitized complete_name ref lang tz type zip",
            bool="partner_share employee",
            date="birthdate_date",
            timestamp="write_date",
        ),
    ),
    SourceTable(
        "res_partner_category",
        "base",
        required=columns(int4="id", jsonb="name"),
        optional=columns(int4="parent_id color", text="parent_path", bool="active", timestamp="create_date write_date"),
        is_optional=True,
    ),
    link_table("res_partner_res_partner_category_rel", "base", "partner_id", "category_id"),
    SourceTable(
        "res_users",
        "base",
        required=columns(int4="id partner_id", bool="share active"),
        optional=columns(int4="company_id sale_team_id", text="login", timestamp="create_date write_date"),
    ),
    SourceTable(
        "ir_module_module",
        "base",
        required=columns(int4="id", text="name state"),
        optional=columns(text="latest_version", timestamp="create_date write_date"),
        is_optional=True,
    ),
    SourceTable(
        "ir_model",
        "base",
        required=columns(int4="id", text="model"),
        optional=columns(jsonb="name", timestamp="create_date write_date"),
        is_optional=True,
    ),
    SourceTable(
        "ir_model_fields",
        "base",
        required=columns(int4="id", text="model name"),
        optional=columns(timestamp="create_date write_date"),
        is_optional=True,
        only="(model, name) in (('product.product', 'standard_price'), ('loyalty.card', 'points'))",
    ),
    # What a person chose as a default is nobody else's business.
    SourceTable(
        "ir_default",
        "base",
        required=columns(int4="id field_id company_id", text="condition json_value"),
        optional=columns(timestamp="create_date write_date"),
        is_optional=True,
        only="user_id is null",
    ),
    # Up to 17. res_id is 'product.product,42'; NULL: the default. company_id NULL: every company.
    SourceTable(
        "ir_property",
        "base",
        required=columns(int4="id company_id", text="name res_id", numeric="value_float"),
        optional=columns(int4="fields_id", timestamp="create_date write_date"),
        is_optional=True,
        only="name = 'standard_price'",
    ),
)

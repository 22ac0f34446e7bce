"""The source contract: which Odoo tables and columns the warehouse reads, and which it cannot do without.

Names are Odoo's own; types are those of the raw tables, to which the extraction casts (Odoo's differ between
versions). A column exists in Odoo only if the module that adds it is installed, hence `optional`; a table that
`is_optional` belongs to a module that a shop may not have. Nothing that is not named here is read.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column and its PostgreSQL type in schema raw_odoo."""

    name: str
    raw_type: str


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One Odoo table: columns that must exist, and columns that are read where they exist."""

    name: str
    required: tuple[SourceColumn, ...]
    optional: tuple[SourceColumn, ...] = ()
    is_optional: bool = False

    @property
    def columns(self) -> tuple[SourceColumn, ...]:
        return self.required + self.optional


def _columns(**names_by_type: str) -> tuple[SourceColumn, ...]:
    """_columns(int4="id partner_id", text="name") in the order written."""
    return tuple(SourceColumn(name, raw_type) for raw_type, names in names_by_type.items() for name in names.split())


CONTRACT: tuple[SourceTable, ...] = (
    SourceTable(
        "res_company",
        required=_columns(int4="id partner_id currency_id", text="name"),
        optional=_columns(int4="parent_id", bool="active"),
    ),
    SourceTable("res_country", required=_columns(int4="id", text="code", jsonb="name")),
    SourceTable("res_currency", required=_columns(int4="id", text="name"), optional=_columns(int4="decimal_places")),
    SourceTable("res_currency_rate", required=_columns(int4="id currency_id company_id", date="name", numeric="rate")),
    SourceTable(
        "res_partner",
        required=_columns(
            int4="id commercial_partner_id parent_id country_id",
            text="name city",
            bool="is_company active",
            timestamp="create_date",
        ),
        optional=_columns(
            int4="company_id user_id message_bounce",
            text="email email_normalized phone",
            bool="partner_share",
        ),
    ),
    SourceTable("res_users", required=_columns(int4="id partner_id", bool="share active")),
    SourceTable("website", required=_columns(int4="id user_id"), is_optional=True),
    SourceTable(
        "product_category",
        required=_columns(int4="id parent_id", text="name"),
        optional=_columns(text="complete_name"),
    ),
    SourceTable(
        "product_template",
        required=_columns(int4="id categ_id", jsonb="name", text="type", numeric="list_price", bool="active"),
        optional=_columns(text="default_code", bool="sale_ok"),
    ),
    SourceTable(
        "product_product",
        required=_columns(int4="id product_tmpl_id", bool="active"),
        optional=_columns(text="default_code"),
    ),
    SourceTable(
        "sale_order",
        required=_columns(
            int4="id partner_id company_id currency_id",
            text="name state",
            timestamp="date_order create_date",
        ),
        optional=_columns(numeric="currency_rate", int4="website_id user_id"),
    ),
    SourceTable(
        "sale_order_line",
        required=_columns(
            int4="id order_id product_id",
            text="display_type",
            numeric="product_uom_qty price_subtotal price_total",
        ),
        optional=_columns(numeric="margin"),
    ),
    SourceTable(
        "sale_order_line_invoice_rel",
        required=_columns(int4="order_line_id invoice_line_id"),
        is_optional=True,
    ),
    SourceTable(
        "account_move",
        required=_columns(
            int4="id company_id currency_id partner_id commercial_partner_id reversed_entry_id",
            text="name state move_type",
            date="invoice_date date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "account_move_line",
        required=_columns(
            int4="id move_id product_id",
            text="display_type",
            numeric="quantity price_subtotal price_total balance",
        ),
        is_optional=True,
    ),
    SourceTable(
        "pos_order",
        required=_columns(int4="id partner_id company_id", text="name state", timestamp="date_order"),
        optional=_columns(numeric="currency_rate", int4="account_move"),
        is_optional=True,
    ),
    SourceTable(
        "pos_order_line",
        required=_columns(int4="id order_id product_id", numeric="qty price_subtotal price_subtotal_incl"),
        optional=_columns(int4="refunded_orderline_id sale_order_line_id", numeric="total_cost"),
        is_optional=True,
    ),
    SourceTable("crm_lead", required=_columns(int4="id partner_id"), is_optional=True),
    SourceTable("loyalty_program", required=_columns(int4="id", text="program_type"), is_optional=True),
    SourceTable("loyalty_card", required=_columns(int4="id program_id partner_id"), is_optional=True),
    SourceTable("mail_blacklist", required=_columns(int4="id", text="email", bool="active"), is_optional=True),
    SourceTable("mailing_list", required=_columns(int4="id", text="name"), is_optional=True),
    SourceTable("mailing_contact", required=_columns(int4="id", text="email_normalized"), is_optional=True),
    SourceTable("mailing_subscription", required=_columns(int4="contact_id list_id", bool="opt_out"), is_optional=True),
)

"""Customer and vendor documents with their lines; credit notes among them.

Document amounts are positive for credit notes too; *_signed and balance are company currency. Drafts may have neither
date nor invoice_date. reversed_entry_id is NULL on credit notes that were made by hand.
Never read: access tokens, narrations, bank accounts; nor the labels of lines, for a payroll entry has lines too.
"""

from creamery.extract.contract.definition import SourceTable, columns

TABLES: tuple[SourceTable, ...] = (
    SourceTable(
        "account_move",
        "account",
        required=columns(
            int4="id company_id currency_id partner_id commercial_partner_id reversed_entry_id",
            text="name state move_type",
            date="invoice_date date",
        ),
        # invoice_currency_rate: 18 on. reversed_pos_order_id: 18 on (point_of_sale). campaign_id, source_id,
        # medium_id, team_id: sale. website_id: website_sale. subscription_id: OCA's subscription_oca, whose invoices
        # come from no order (not verified).
        optional=columns(
            int4="invoice_user_id team_id campaign_id source_id medium_id website_id partner_shipping_id"
            " reversed_pos_order_id subscription_id",
            text="payment_state invoice_origin ref",
            numeric="amount_untaxed amount_tax amount_total amount_residual amount_untaxed_signed amount_tax_signed"
            " amount_total_signed amount_residual_signed amount_total_in_currency_signed invoice_currency_rate",
            date="invoice_date_due delivery_date",
            timestamp="create_date write_date",
        ),
        is_optional=True,
        event_date="date",
    ),
    SourceTable(
        "account_move_line",
        "account",
        required=columns(
            int4="id move_id product_id",
            text="display_type",
            numeric="quantity price_subtotal price_total balance",
        ),
        # invoice_date: 17 on. subscription_id: Enterprise (not verified).
        optional=columns(
            int4="company_id currency_id company_currency_id partner_id product_uom_id tax_line_id sequence"
            " subscription_id",
            text="parent_state",
            numeric="price_unit discount amount_currency",
            bool="is_downpayment",
            date="date invoice_date",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
)

"""A small shop in the words of Odoo 19: rows by table, as odoo_shapes.py lays them out for older versions.

Company 1 keeps its books in BDT. Ann (10) and Cy (13) are persons, Bo (11) is a company that buys through its buyer
(12). Order 2 is locked, 3 a cart, 4 cancelled, 5 in euros without a rate of its own.
"""

from typing import Any

Rows = dict[str, list[dict[str, Any]]]

_THEN = "2026-03-01 06:00:00"
_STAMPS = {"create_date": _THEN, "write_date": _THEN}


def _partner(partner_id: int, name: str, **values: Any) -> dict[str, Any]:
    defaults = {"commercial_partner_id": partner_id, "is_company": False, "active": True, "country_id": 1}
    return {"id": partner_id, "name": name, "complete_name": name, **defaults, **_STAMPS, **values}


def _order(order_id: int, state: str, partner: int, currency: int, at: str, **values: Any) -> dict[str, Any]:
    return {
        "id": order_id,
        "name": f"S0000{order_id}",
        "state": state,
        "partner_id": partner,
        "company_id": 1,
        "currency_id": currency,
        "date_order": at,
        "create_date": at,
        "write_date": at,
        **values,
    }


def _order_line(
    line_id: int, order: int, product: int | None, quantity: int, net: float, **values: Any
) -> dict[str, Any]:
    return {
        "id": line_id,
        "order_id": order,
        "product_id": product,
        "product_uom_qty": quantity,
        "product_uom_id": 1 if product else None,
        "price_subtotal": net,
        "price_total": round(net * 1.05, 2),
        **_STAMPS,
        **values,
    }


def _document(move_id: int, name: str, move_type: str, day: str, **values: Any) -> dict[str, Any]:
    return {
        "id": move_id,
        "name": name,
        "move_type": move_type,
        "state": "posted",
        "company_id": 1,
        "currency_id": 1,
        "partner_id": 10,
        "commercial_partner_id": 10,
        "invoice_date": day,
        "date": day,
        **_STAMPS,
        **values,
    }


def _document_line(line_id: int, move: int, net: float, balance: float) -> dict[str, Any]:
    return {
        "id": line_id,
        "move_id": move,
        "product_id": 1,
        "display_type": "product",
        "quantity": 1,
        "price_subtotal": net,
        "price_total": round(net * 1.05, 2),
        "balance": balance,
        **_STAMPS,
    }


def _till_order(order_id: int, gross: float, **values: Any) -> dict[str, Any]:
    return {
        "id": order_id,
        "name": f"Till/000{order_id}",
        "partner_id": 13,
        "company_id": 1,
        "config_id": 1,
        "session_id": 1,
        "currency_rate": 1,
        "date_order": f"2026-08-0{order_id} 09:00:00",
        "amount_total": gross,
        "amount_tax": round(gross * 5 / 105, 2),
        **_STAMPS,
        **values,
    }


SHOP: Rows = {
    "ir_module_module": [{"id": 1, "name": "base", "state": "installed", "latest_version": "19.0.1.3"}],
    "ir_config_parameter": [{"id": 1, "key": "database.uuid", "value": "5f8f0c1e-0000-4000-8000-000000000001"}],
    "ir_model_fields": [
        {"id": 100, "model": "product.product", "name": "standard_price"},
        {"id": 101, "model": "loyalty.card", "name": "points"},
    ],
    "ir_default": [{"id": 1, "field_id": 100, "company_id": 1, "json_value": "15.0"}],
    "res_country": [{"id": 1, "code": "BD", "name": "Bangladesh"}],
    "res_currency": [{"id": 1, "name": "BDT", "active": True}, {"id": 2, "name": "EUR", "active": True}],
    "res_currency_rate": [
        {"id": 1, "currency_id": 2, "name": "2026-01-01", "rate": 0.008, **_STAMPS},
        {"id": 2, "currency_id": 2, "company_id": 1, "name": "2026-06-01", "rate": 0.0075, **_STAMPS},
    ],
    "res_company": [{"id": 1, "name": "Dairy", "partner_id": 1, "currency_id": 1, "active": True, **_STAMPS}],
    "res_partner": [
        _partner(1, "Dairy", is_company=True, tz="Asia/Dhaka"),
        _partner(2, "Admin"),
        _partner(3, "Public user", active=False),
        _partner(10, "Ann", email="Ann@X.BD", email_normalized="ann@x.bd", mobile="01711000000"),
        _partner(11, "Bo Ltd", is_company=True),
        _partner(12, "Buyer", parent_id=11, commercial_partner_id=11, complete_name="Bo Ltd, Buyer"),
        _partner(13, "Cy", active=False),
    ],
    "res_users": [
        {"id": 1, "login": "admin", "partner_id": 2, "share": False, "active": True, "password": "secret", **_STAMPS},
        {"id": 4, "login": "public", "partner_id": 3, "share": True, "active": False, **_STAMPS},
    ],
    "website": [{"id": 1, "name": "Shop", "user_id": 4, "company_id": 1, **_STAMPS}],
    "uom_uom": [
        {"id": 1, "name": "Units", "factor": 1, "relative_factor": 1, "parent_path": "1/", "active": True},
        {
            "id": 2,
            "name": "Dozen",
            "factor": 12,
            "relative_factor": 12,
            "relative_uom_id": 1,
            "parent_path": "1/2/",
            "active": True,
        },
    ],
    "product_category": [{"id": 1, "name": "Food", "complete_name": "Food", "parent_path": "1/", **_STAMPS}],
    "product_template": [
        {"id": number, "name": name, "type": kind, "is_storable": kind == "consu", "categ_id": 1, "list_price": 100}
        | {"uom_id": 1, "active": True, "sale_ok": True, **_STAMPS}
        for number, name, kind in [(1, "Milk", "consu"), (2, "Delivery", "service"), (3, "Cheese", "consu")]
    ],
    # Cheese costs what the company's default says, delivery nothing, and says so.
    "product_product": [
        {"id": 1, "product_tmpl_id": 1, "active": True, "standard_price": {"1": 40.0}, **_STAMPS},
        {"id": 2, "product_tmpl_id": 2, "active": True, "standard_price": {"1": 0.0}, **_STAMPS},
        {"id": 3, "product_tmpl_id": 3, "active": True, "standard_price": None, **_STAMPS},
    ],
    "account_tax": [
        {"id": 1, "name": "VAT 5 %", "amount": 5, "amount_type": "percent", "company_id": 1, "active": True}
    ],
    "sale_order": [
        _order(1, "sale", 10, 1, "2026-03-10 08:00:00", currency_rate=1, locked=False),
        _order(2, "sale", 12, 2, "2026-04-11 19:30:00", currency_rate=0.008, locked=True),
        _order(3, "draft", 10, 1, "2026-11-18 08:00:00", currency_rate=1, website_id=1),
        _order(4, "cancel", 13, 1, "2026-05-10 08:00:00", currency_rate=1),
        _order(5, "sale", 10, 2, "2026-07-02 08:00:00", currency_rate=None),
    ],
    "sale_order_line": [
        _order_line(1, 1, 1, 1, 1200, product_uom_id=2, margin=720),
        _order_line(2, 1, 2, 1, 50, margin=50),
        _order_line(3, 1, None, 0, 0, display_type="line_section"),
        _order_line(4, 2, 3, 2, 16),
        _order_line(5, 3, 1, 1, 100),
        _order_line(6, 4, 1, 5, 500),
        _order_line(7, 5, 3, 1, 15),
    ],
    "account_tax_sale_order_line_rel": [{"sale_order_line_id": 1, "account_tax_id": 1}],
    # An invoice, the credit note for part of it, and a credit note that nothing leads to.
    "account_move": [
        _document(1, "INV/1", "out_invoice", "2026-03-11", amount_untaxed_signed=1250),
        _document(2, "RINV/1", "out_refund", "2026-03-20", amount_untaxed_signed=-200, reversed_entry_id=1),
        _document(3, "RINV/2", "out_refund", "2026-03-21", amount_untaxed_signed=-99),
    ],
    "account_move_line": [
        _document_line(1, 1, 1200, -1200),
        _document_line(2, 1, 50, -50),
        _document_line(3, 2, 200, 200),
        _document_line(4, 3, 99, 99),
    ],
    "sale_order_line_invoice_rel": [
        {"order_line_id": 1, "invoice_line_id": 1},
        {"order_line_id": 2, "invoice_line_id": 2},
        {"order_line_id": 1, "invoice_line_id": 3},
    ],
    "pos_config": [{"id": 1, "name": "Till", "company_id": 1, "active": True}],
    "pos_session": [{"id": 1, "name": "Till/1", "config_id": 1, "state": "closed", **_STAMPS}],
    "pos_order": [
        _till_order(1, 252, state="paid", is_refund=False),
        _till_order(2, -126, state="done", is_refund=True),
    ],
    "pos_order_line": [
        {"id": 1, "order_id": 1, "product_id": 1, "qty": 2, "price_subtotal": 240, "price_subtotal_incl": 252}
        | {"total_cost": 80, **_STAMPS},
        {"id": 2, "order_id": 2, "product_id": 1, "qty": -1, "price_subtotal": -120, "price_subtotal_incl": -126}
        | {"total_cost": -40, "refunded_orderline_id": 1, **_STAMPS},
    ],
    "crm_team": [{"id": 1, "name": "Sales", "active": True, **_STAMPS}],
    "crm_stage": [
        {"id": 1, "name": "New", "is_won": False, "sequence": 1, **_STAMPS},
        {"id": 2, "name": "Won", "is_won": True, "sequence": 2, **_STAMPS},
    ],
    "crm_stage_crm_team_rel": [{"crm_stage_id": 1, "crm_team_id": 1}],
    "crm_lead": [
        {"id": number, "name": name, "type": "opportunity", "partner_id": 11, "stage_id": stage, "active": active}
        | {"probability": probability, "won_status": status, "team_id": 1, "company_id": 1, **_STAMPS}
        for number, name, stage, active, probability, status in [
            (1, "Open", 1, True, 30, "pending"),
            (2, "Won", 2, True, 100, "won"),
            (3, "Lost", 1, False, 0, "lost"),
        ]
    ],
    "mailing_list": [{"id": 1, "name": "Newsletter", "active": True, "is_public": True, **_STAMPS}],
    "mailing_contact": [
        {"id": 1, "name": "Ann", "email": "ann@x.bd", "email_normalized": "ann@x.bd", **_STAMPS},
        {"id": 2, "name": "Cy", "email": "cy@x.bd", "email_normalized": "cy@x.bd", **_STAMPS},
    ],
    # The first came by the contact's list field: no dates, and no answer is a yes.
    "mailing_subscription": [
        {"id": 1, "contact_id": 1, "list_id": 1},
        {"id": 2, "contact_id": 2, "list_id": 1, "opt_out": True, "opt_out_datetime": "2026-05-05 05:00:00", **_STAMPS},
    ],
    "mail_blacklist": [{"id": 1, "email": "cy@x.bd", "active": True, **_STAMPS}],
    "loyalty_program": [
        {"id": 1, "name": "Points", "program_type": "loyalty", "active": True, "company_id": 1, **_STAMPS},
    ],
    "loyalty_card": [
        {"id": 1, "program_id": 1, "partner_id": 10, "points": 50, "code": "044a-secret", "active": True, **_STAMPS},
    ],
    "loyalty_history": [
        {"id": 1, "card_id": 1, "issued": 60, "used": 0, "order_model": "sale.order", "order_id": 1, **_STAMPS},
        {"id": 2, "card_id": 1, "issued": 0, "used": 10, "description": "Corrected", **_STAMPS},
    ],
    "sale_order_coupon_points": [{"id": 1, "order_id": 1, "coupon_id": 1, "points": 60, **_STAMPS}],
    "mail_message": [
        {"id": 1, "model": "loyalty.card", "res_id": 1, "date": _THEN, "body": "private", **_STAMPS},
        {"id": 2, "model": "res.partner", "res_id": 10, "date": _THEN, "body": "private", **_STAMPS},
    ],
    "mail_tracking_value": [
        {"id": 1, "mail_message_id": 1, "field_id": 101, "old_value_float": 0, "new_value_float": 50, **_STAMPS},
        {"id": 2, "mail_message_id": 2, "field_id": 7, "old_value_float": 1, "new_value_float": 2, **_STAMPS},
    ],
}

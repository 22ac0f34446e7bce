"""Carts and their customers, read live from the Odoo database: narrow questions on indexed columns, every few minutes.

They are asked in words of the source contract (extract/live.py), and so hold for 16 to 19.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from creamery.extract.live import LiveOdoo

_SQL = Path(__file__).parent / "sql"
_TABLES = frozenset(
    {
        "email_subscription_preference",
        "mail_blacklist",
        "mailing_contact",
        "mailing_list",
        "mailing_subscription",
        "pos_order",
        "product_product",
        "product_template",
        "res_company",
        "res_currency",
        "res_partner",
        "res_users",
        "sale_order",
        "sale_order_line",
        "website",
    }
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which companies' carts are read, and which consent counts; as the settings of the night have it."""

    companies: tuple[int, ...]
    marketing_lists: tuple[str, ...]
    assume_consent: bool
    # As the lists of reminders are called, in Odoo and here: who left one of them wants no reminder.
    reminder_lists: tuple[str, ...] = ()


class Odoo:
    """One snapshot of the Odoo database."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._live = LiveOdoo(connection, _TABLES)

    def why_no_carts(self) -> str | None:
        """Why this Odoo cannot have web carts, where it cannot, or none that this login may see."""
        for table in ("sale_order", "sale_order_line", "website", "res_partner"):
            if not self._live.has(table):
                return f"This Odoo has no table {table}: it has no web shop."
        if not self._live.has("sale_order", "website_id"):
            return "sale_order has no website_id that this login may read: without website_sale there are no carts."
        return None

    def stamps(self, scope: Scope, since: datetime, known: Iterable[int]) -> dict[int, datetime]:
        """When each cart was last touched: those touched since, and `known` ones that are still carts."""
        values = {"companies": list(scope.companies), "since": since, "known": list(known)}
        return {row["cart_id"]: row["stamp"] for row in self._rows("stamps", values)}

    def contents(self, carts: Iterable[int]) -> list[dict[str, Any]]:
        """Carts with their customers and lines, as rows for carts.cart."""
        return self._rows("contents", {"carts": list(carts)})

    def closings(self, carts: Iterable[int]) -> list[dict[str, Any]]:
        """What became of orders that are no carts any more; those that are gone are not in it."""
        return self._rows("closings", {"carts": list(carts)})

    def later_orders(self, carts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The first order of each cart's customer after its last activity, at the till too."""
        return self._rows("later_orders", _columns_of(carts, "cart_id", "customer_id", "last_activity_at"))

    def suppression(self, scope: Scope, carts: Iterable[Mapping[str, Any]]) -> dict[int, str]:
        """Why the customer of a cart must not be reminded by now; nothing for those who may be."""
        values = _columns_of(carts, "cart_id", "partner_id", "email") | {
            "marketing_lists": list(scope.marketing_lists) or None,
            "assume_consent": scope.assume_consent,
            "reminder_lists": list(scope.reminder_lists),
        }
        return {row["cart_id"]: row["reason"] for row in self._rows("suppression", values)}

    def _rows(self, question: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        return self._live.ask((_SQL / f"{question}.sql").read_text(), values)


def _columns_of(rows: Iterable[Mapping[str, Any]], *names: str) -> dict[str, list[Any]]:
    kept = list(rows)
    return {name: [row[name] for row in kept] for name in names}

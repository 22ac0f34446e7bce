"""Carts and their customers, read live from the Odoo database: narrow questions on indexed columns, every few minutes.

Queries speak of the source contract's tables and columns; `Odoo` puts this Odoo's own behind the names, and NULL for
what it does not have, so that they hold for 16 to 19.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from creamery.extract.contract import CONTRACT
from creamery.extract.probe import TablePlan, plan_tables

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


class Odoo:
    """One snapshot of the Odoo database."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._plans = plan_tables(connection, [table for table in CONTRACT if table.name in _TABLES])

    def why_no_carts(self) -> str | None:
        """Why this Odoo cannot have web carts, where it cannot, or none that this login may see."""
        for plan in self._plans:
            if plan.table.name in ("sale_order", "sale_order_line", "website", "res_partner") and plan.is_absent:
                return f"This Odoo has no table {plan.table.name}: it has no web shop."
            if plan.table.name == "sale_order" and "website_id" not in plan.source_names:
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
        }
        return {row["cart_id"]: row["reason"] for row in self._rows("suppression", values)}

    def _rows(self, query: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        text = sql.SQL((_SQL / f"{query}.sql").read_text())
        statement = sql.SQL("with {}, {}").format(sql.SQL(", ").join(self._relations()), text)
        with self._connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            return cursor.execute(statement, values).fetchall()

    def _relations(self) -> Iterable[sql.Composable]:
        for plan in self._plans:
            yield _relation(plan.table.name, _columns(plan), plan.relation if not plan.is_absent else None)


def _columns(plan: TablePlan) -> sql.Composable:
    return sql.SQL(", ").join(
        sql.SQL("{} as {}").format(
            plan.source_value(column) if column.name in plan.source_names else _nothing(column.raw_type),
            sql.Identifier(column.name),
        )
        for column in plan.table.columns
    )


def _nothing(raw_type: str) -> sql.Composable:
    return sql.SQL("null::{}").format(sql.SQL(raw_type))


def _relation(name: str, columns: sql.Composable, relation: sql.Composable | None) -> sql.Composable:
    """Not materialized: the questions that follow use the table's own indexes."""
    return sql.SQL("{} as not materialized (select {} {})").format(
        sql.Identifier(name),
        columns,
        sql.SQL("from {}").format(relation) if relation is not None else sql.SQL("where false"),
    )


def _columns_of(rows: Iterable[Mapping[str, Any]], *names: str) -> dict[str, list[Any]]:
    kept = list(rows)
    return {name: [row[name] for row in kept] for name in names}

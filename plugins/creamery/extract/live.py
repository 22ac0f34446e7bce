"""Questions to the Odoo database itself, in words of the source contract: what a push must know of right now."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from creamery.errors import ContractError
from creamery.extract.contract import CONTRACT
from creamery.extract.probe import TablePlan, plan_tables


class LiveOdoo:
    """One snapshot of the Odoo database. A question reads the contract's `tables` by their names; what this Odoo does
    not have of them is NULL, or no row.

    Raises ContractError where a table lacks, or hides, what the contract requires: an opt-out that cannot be read would
    look like none.
    """

    def __init__(self, connection: psycopg.Connection, tables: Collection[str]) -> None:
        self._connection = connection
        self._plans = {
            plan.table.name: plan
            for plan in plan_tables(connection, [table for table in CONTRACT if table.name in tables])
        }
        problems = [plan.problem for plan in self._plans.values() if plan.problem and not plan.is_absent]
        if problems:
            raise ContractError(f"The Odoo database cannot be asked: {'; '.join(problems)}.")

    def has(self, table: str, column: str | None = None) -> bool:
        """Whether this Odoo has the table, and the login may read the column."""
        plan = self._plans[table]
        return not plan.is_absent and (column is None or column in plan.source_names)

    def ask(self, question: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Rows of `question`, common table expressions without their `with`, and a final select."""
        relations = sql.SQL(", ").join(self._relations())
        statement = sql.SQL("with {}, {}").format(relations, sql.SQL(question))
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement, values).fetchall()

    def _relations(self) -> Iterable[sql.Composable]:
        for name, plan in self._plans.items():
            # Not materialized: questions use the table's own indexes.
            yield sql.SQL("{} as not materialized (select {} {})").format(
                sql.Identifier(name),
                _columns(plan),
                sql.SQL("where false") if plan.is_absent else sql.SQL("from {}").format(plan.relation),
            )


def _columns(plan: TablePlan) -> sql.Composable:
    return sql.SQL(", ").join(
        sql.SQL("{} as {}").format(
            plan.source_value(column)
            if column.name in plan.source_names
            else sql.SQL("null::{}").format(sql.SQL(column.raw_type)),
            sql.Identifier(column.name),
        )
        for column in plan.table.columns
    )

"""One small shop in databases of the shape of Odoo 16 to 19.

17, 18 and 19 have the tables and columns of real databases (the sample data's column lists). 16 was never run: its
shape is that of 17 with the changes listed here, which are read off its source. What the shop is, is said once, in the
words of 19 (SHOP); an older version gets what it has room for, under the names that it uses.
"""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.extract.small_shop import SHOP, Rows

VERSIONS = (16, 17, 18, 19)

Columns = dict[str, str]  # type by name

# First version that has the new name; before, the old one.
RENAMED_TABLES = {17: {"mailing_subscription": "mailing_contact_list_rel"}}
RENAMED_COLUMNS = {
    19: {("sale_order_line", "product_uom_id"): "product_uom"},
    17: {
        ("mailing_subscription", "opt_out_datetime"): "unsubscription_date",
        ("mail_tracking_value", "field_id"): "field",
    },
}

# UNVERIFIED. What 17 has and 16 has not, beside the names above ...
TABLE_NOT_IN_16 = "mailing_subscription_optout"
COLUMN_NOT_IN_16 = {
    "account_move_line": "invoice_date",
    "loyalty_program": "date_from",
    "mail_blacklist": "opt_out_reason_id",
    "mailing_subscription": "opt_out_reason_id",
    "pos_order_line": "combo_parent_id",
    "res_partner": "complete_name",
    "sale_order": "locked",
}
# ... and what was not translated yet.
PLAIN_IN_16 = {("account_tax", "name"): "varchar", ("account_tax", "description"): "varchar"}

# What the column lists leave out; of these tables, the columns that matter.
LEFT_OUT: dict[str, Columns] = {
    "ir_model_fields": {"id": "int4", "model": "varchar", "name": "varchar", "write_date": "timestamp"},
    "pos_config": {"id": "int4", "name": "varchar", "company_id": "int4", "currency_id": "int4", "active": "bool"},
    "account_tax_sale_order_line_rel": {"sale_order_line_id": "int4", "account_tax_id": "int4"},
}
LEFT_OUT_OF_19: dict[str, Columns] = {"crm_stage_crm_team_rel": {"crm_stage_id": "int4", "crm_team_id": "int4"}}


def make_odoo(uri: str, version: int, column_lists: Path) -> None:
    """Fill the empty database with the shop, as `version` would hold it."""
    shape = _shape(version, column_lists)
    _refuse_misspelled(_shape(19, column_lists))
    with psycopg.connect(uri) as connection:
        for table, columns in shape.items():
            connection.execute(_create(table, columns))
        for table, row in _rows(version):
            _insert(connection, table, shape, row)


def _shape(version: int, column_lists: Path) -> dict[str, Columns]:
    shape: dict[str, Columns] = copy.deepcopy(LEFT_OUT)
    for line in (column_lists / f"columns-{max(version, 17)}.txt").read_text().splitlines():
        table, column, source_type, _ = line.split("|")
        shape.setdefault(table, {})[column] = source_type
    if version == 19:
        shape |= LEFT_OUT_OF_19
    return _as_16(shape) if version == 16 else shape


def _as_16(shape: dict[str, Columns]) -> dict[str, Columns]:
    del shape[TABLE_NOT_IN_16]
    for table, column in COLUMN_NOT_IN_16.items():
        del shape[table][column]
    for (table, column), source_type in PLAIN_IN_16.items():
        shape[table][column] = source_type
    for (table, column), old in RENAMED_COLUMNS[17].items():
        shape[table][old] = shape[table].pop(column)
    for table, old in RENAMED_TABLES[17].items():
        shape[old] = shape.pop(table)
    return shape


def _refuse_misspelled(newest: dict[str, Columns]) -> None:
    """What does not fit is left out; in the newest version everything has to."""
    named = {(table, column) for table, rows in SHOP.items() for row in rows for column in row}
    unknown = {(table, column) for table, column in named if column not in newest[table]}
    assert unknown <= {("res_partner", "mobile")}, unknown


def _create(table: str, columns: Columns) -> sql.Composed:
    listed = [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns.items()]
    key = [sql.SQL("primary key (id)")] if "id" in columns else []
    return sql.SQL("create table {} ({})").format(sql.Identifier(table), sql.SQL(", ").join([*listed, *key]))


def _rows(version: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Table and row under the names of the version."""
    shop = copy.deepcopy(SHOP)
    shop["ir_module_module"][0]["latest_version"] = f"{version}.0.1.3"
    if version < 19:
        _relate_units_by_category(shop)
    if version < 18:
        _keep_costs_as_properties(shop)
        _tell_storable_by_type(shop)
    if version < 17:
        _lock_by_state(shop)
    new_columns = _renamed(RENAMED_COLUMNS, version)
    new_tables = _renamed(RENAMED_TABLES, version)
    for table, rows in shop.items():
        for row in rows:
            yield new_tables.get(table, table), {new_columns.get((table, name), name): row[name] for name in row}


def _renamed(renamed: dict[int, dict[Any, str]], version: int) -> dict[Any, str]:
    return {new: old for since, names in renamed.items() if version < since for new, old in names.items()}


def _insert(connection: psycopg.Connection, table: str, shape: dict[str, Columns], row: dict[str, Any]) -> None:
    columns = shape.get(table, {})
    present = {name: _typed(value, columns[name]) for name, value in row.items() if name in columns}
    if present:
        connection.execute(
            sql.SQL("insert into {} ({}) values ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, present)),
                sql.SQL(", ").join([sql.Placeholder()] * len(present)),
            ),
            list(present.values()),
        )


def _typed(value: Any, source_type: str) -> Any:
    if source_type != "jsonb" or value is None:
        return value
    return Jsonb({"en_US": value} if isinstance(value, str) else value)


def _relate_units_by_category(shop: Rows) -> None:
    """A unit is `factor` of its reference unit's pieces: a dozen is 1/12 to the unit."""
    shop["uom_uom"] = [
        {"id": 1, "name": "Units", "factor": 1, "category_id": 1, "uom_type": "reference", "active": True},
        {"id": 2, "name": "Dozen", "factor": 1 / 12, "category_id": 1, "uom_type": "bigger", "active": True},
    ]


def _keep_costs_as_properties(shop: Rows) -> None:
    """Company-dependent values are rows of ir_property, the default one without res_id."""
    costs = [(f"product.product,{row['id']}", row.pop("standard_price")) for row in shop["product_product"]]
    defaults = [(None, {"1": float(row["json_value"])}) for row in shop.pop("ir_default")]
    stored = [(res_id, by_company["1"]) for res_id, by_company in [*costs, *defaults] if by_company]
    shop["ir_property"] = [
        {"id": number, "name": "standard_price", "company_id": 1, "res_id": res_id, "value_float": value}
        for number, (res_id, value) in enumerate(stored, start=1)
    ]


def _tell_storable_by_type(shop: Rows) -> None:
    for row in shop["product_template"]:
        if row.pop("is_storable"):
            row["type"] = "product"
        row["detailed_type"] = row["type"]


def _lock_by_state(shop: Rows) -> None:
    for row in shop["sale_order"]:
        if row.get("locked"):
            row["state"] = "done"

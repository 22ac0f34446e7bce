"""The same small shop as Odoo 16, 17, 18 and 19 hold it: whatever the shape, the warehouse comes out the same."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from creamery.extract.contract import CONTRACT
from tests import nights
from tests.extract.odoo_shapes import VERSIONS, make_odoo
from tests.extract.raw_tables import rows

AS_OF = dt.date(2026, 11, 19)
NewDatabase = Callable[..., str]


@dataclass(frozen=True)
class Extracted:
    version: int
    source: str
    warehouse: str
    target: str

    def is_before(self, version: int) -> bool:
        return self.version < version


def current(extracted: Extracted, table: str, columns: str) -> list[tuple[Any, ...]]:
    return rows(extracted.warehouse, f"select {columns} from raw_odoo.{table} where _valid_to = 'infinity' order by 1")


def extract(version: int, shared_data: Path, new_database: NewDatabase) -> Extracted:
    source, warehouse = new_database(f"odoo{version}"), new_database("warehouse")
    make_odoo(source, version, shared_data / "odoo")
    target = nights.prepare_warehouse(warehouse)
    nights.extract(source, target, AS_OF)
    return Extracted(version, source, warehouse, target)


@pytest.fixture(scope="module", params=VERSIONS)
def extracted(request: pytest.FixtureRequest, shared_data: Path, new_database: NewDatabase) -> Extracted:
    return extract(request.param, shared_data, new_database)


@pytest.fixture(scope="module", params=[pytest.param(version, marks=pytest.mark.slow) for version in VERSIONS])
def published(request: pytest.FixtureRequest, shared_data: Path, new_database: NewDatabase) -> Extracted:
    extracted = extract(request.param, shared_data, new_database)
    nights.build(extracted.target, AS_OF, is_checked=True)
    return extracted


def test_no_table_is_stopped(extracted: Extracted) -> None:
    assert rows(extracted.warehouse, "select table_name, problem from ops.source_table where problem is not null") == []
    outcomes = rows(
        extracted.warehouse, "select state, source_rows = loaded_rows from ops.extracted_table group by 1, 2 order by 1"
    )
    assert outcomes == [("absent", True), ("loaded", True)]


def test_values_land_under_the_newest_name(extracted: Extracted) -> None:
    assert current(extracted, "sale_order_line", "id, product_uom_id") == [
        (1, 2), (2, 1), (3, None), (4, 1), (5, 1), (6, 1), (7, 1)
    ]  # fmt: skip
    assert current(extracted, "mailing_subscription", "id, opt_out, opt_out_datetime") == [
        (1, None, None),
        (2, True, dt.datetime(2026, 5, 5, 5)),
    ]
    assert current(extracted, "mail_tracking_value", "id, field_id, new_value_float") == [(1, 101, Decimal(50))]


def test_what_a_version_lacks_is_recorded_as_absent(extracted: Extracted) -> None:
    found = rows(extracted.warehouse, "select table_name, state, missing_columns from ops.extracted_table")
    states = {name: state for name, state, _ in found}
    is_absent = {
        "ir_property": not extracted.is_before(18),
        "loyalty_history": extracted.is_before(18),
        "mailing_subscription_optout": extracted.is_before(17),
        "crm_stage_crm_team_rel": extracted.is_before(19),
        "sale_subscription_plan": True,
        "operational_campaigns": True,
        "mailing_subscription": False,
    }
    assert {table: states[table] == "absent" for table in is_absent} == is_absent
    missing = {f"{name}.{column}" for name, _, columns in found for column in columns}
    assert {"sale_order.locked", "sale_order.plan_id"} & missing == {
        "sale_order.plan_id",
        *(["sale_order.locked"] if extracted.is_before(17) else []),
    }


def test_what_was_found_is_recorded(extracted: Extracted) -> None:
    named = rows(
        extracted.warehouse, "select source_name from ops.source_table where table_name = 'mailing_subscription'"
    )
    assert named == [("public.mailing_contact_list_rel" if extracted.is_before(17) else "public.mailing_subscription",)]
    offered = rows(extracted.warehouse, "select table_name, column_name, is_read from ops.source_column")
    columns = {f"{table}.{column}": is_read for table, column, is_read in offered}
    unit = "product_uom" if extracted.is_before(19) else "product_uom_id"
    assert columns[f"sale_order_line.{unit}"] is True
    assert columns["res_users.login"] is True
    assert columns["res_users.password"] is False
    assert columns.get("product_template.detailed_type") == (False if extracted.is_before(18) else None)
    assert rows(extracted.warehouse, "select module_name, version from ops.source_module") == [
        ("base", f"{extracted.version}.0.1.3")
    ]
    assert rows(extracted.warehouse, "select odoo_series from ops.warehouse") == [(f"{extracted.version}.0",)]


def test_nothing_secret_is_read(extracted: Extracted) -> None:
    everything = " union all ".join(
        f"select '{table.raw_name}', stored::text from raw_odoo.{table.raw_name} as stored" for table in CONTRACT
    )
    told = f"select * from ({everything}) as stored (name, row_text) where row_text ~ 'secret|private'"
    assert rows(extracted.warehouse, told) == []


def test_the_night_is_published_with_the_same_sales(published: Extracted) -> None:
    assert rows(published.warehouse, "select as_of_date from ops.publication") == [(AS_OF,)]
    sales = rows(
        published.warehouse,
        "select sale_source, is_refund, count(*), sum(net_amount), sum(gross_amount) from star.fact_sales"
        " where generation_to is null group by 1, 2 order by 1, 2",
    )
    assert sales == [
        ("order", False, 4, Decimal("5250"), Decimal("5512.5")),
        ("order", True, 1, Decimal("-200"), Decimal("-210")),
        ("pos", False, 1, Decimal("240"), Decimal("252")),
        ("pos", True, 1, Decimal("-120"), Decimal("-126")),
    ]


def test_a_locked_order_counts_for_the_company_behind_its_buyer(published: Extracted) -> None:
    sales = rows(
        published.warehouse,
        "select customers.customer_id, sales.order_name, sales.net_amount from star.fact_sales as sales"
        " join star.dim_customer as customers on sales.customer_sk = customers.customer_sk"
        " join staging.stg_odoo__sale_order as orders on sales.order_id = orders.order_id and orders.is_locked"
        " where sales.generation_to is null and sales.sale_source = 'order'"
        " and customers.is_current and customers.generation_to is null",
    )
    assert sales == [(11, "S00002", Decimal("2000"))]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(
            "select product_id, unit_cost_in_company_currency from staging.stg_odoo__product_cost",
            [(1, 40), (2, 0), (3, 15)],
            id="cost",
        ),
        pytest.param(
            "select product_id, product_type, is_storable from staging.stg_odoo__product_product as variants"
            " join staging.stg_odoo__product_template as templates using (product_template_id)",
            [(1, "consu", True), (2, "service", False), (3, "consu", True)],
            id="storable",
        ),
        pytest.param(
            "select unit_id, reference_unit_id, reference_units_per_unit from staging.stg_odoo__uom_uom",
            [(1, 1, 1), (2, 1, 12)],
            id="unit",
        ),
        pytest.param(
            "select lead_id, is_won, is_lost from staging.stg_odoo__crm_lead",
            [(1, False, False), (2, True, False), (3, False, True)],
            id="lead",
        ),
        pytest.param(
            "select pos_order_id, is_refund from staging.stg_odoo__pos_order",
            [(1, False), (2, True)],
            id="POS refund",
        ),
        pytest.param(
            "select email, has_opted_out, opted_out_at from staging.stg_odoo__mailing_subscription",
            [("ann@x.bd", False, None), ("cy@x.bd", True, dt.datetime(2026, 5, 5, 5))],
            id="opt-out",
        ),
        pytest.param(
            "select loyalty_card_id, points_balance, is_archived from staging.stg_odoo__loyalty_card",
            [(1, 50, False)],
            id="loyalty card",
        ),
        pytest.param(
            "select tax_name, is_included_in_price from staging.stg_odoo__account_tax",
            [("VAT 5 %", False)],
            id="tax",
        ),
    ],
)
def test_staging_says_the_same_of_every_version(
    published: Extracted, query: str, expected: list[tuple[Any, ...]]
) -> None:
    assert rows(published.warehouse, f"{query} order by 1") == expected

"""Warehouses of real data that several tests look at; read only."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from creamery.demo_shop.importer.load import import_orders
from creamery.demo_shop.importer.options import ImportOptions
from tests import nights
from tests.shops import AS_OF, Built

NewDatabase = Callable[..., str]


def build(source: str, new_database: NewDatabase, day: dt.date) -> Built:
    admin_uri = new_database("warehouse")
    target = nights.prepare_warehouse(admin_uri)
    nights.run(source, target, day, is_checked=True)
    return Built(source, target, admin_uri, day)


@pytest.fixture(scope="session")
def real_odoo(odoo19: str, new_database: NewDatabase) -> Built:
    """The night of the real Odoo 19 of the sample data."""
    return build(odoo19, new_database, AS_OF)


@pytest.fixture(scope="session")
def online_retail(shared_data: Path, new_database: NewDatabase) -> Built:
    """The last night of Online Retail. Takes minutes: for slow tests."""
    source = new_database("odoo_retail")
    import_orders(
        shared_data / "data/online_retail.parquet",
        source,
        ImportOptions(name="retail", time_zone="Europe/London", currency="GBP", adjustment_prefix="A"),
    )
    return build(source, new_database, dt.date(2011, 12, 9))

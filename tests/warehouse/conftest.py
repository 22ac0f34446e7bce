"""A small demonstration shop and a warehouse with one published night, for all tests of this folder."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from creamery.demo_shop.shop import create_shop
from tests import nights

AS_OF = dt.date(2026, 11, 19)


@dataclass(frozen=True)
class Built:
    """A source, the warehouse built from it, and both as the administrator sees them."""

    source: str
    warehouse: str
    warehouse_admin: str
    as_of: dt.date = AS_OF


@pytest.fixture(scope="session")
def shop(new_database: Callable[[str], str]) -> str:
    """URI of a shop of 300 customers; read only: other tests use it as well."""
    uri = new_database("shop")
    create_shop(uri, customers=300, as_of=AS_OF)
    return uri


@pytest.fixture(scope="session")
def built(shop: str, new_database: Callable[[str], str]) -> Built:
    """The shop's night, published; read only."""
    admin_uri = new_database("warehouse")
    target = nights.prepare_warehouse(admin_uri)
    nights.run(shop, target, AS_OF, audiences=True)
    return Built(shop, target, admin_uri)

"""A prepared warehouse with the tables that segments read; every test sees them empty."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from creamery import warehouse
from creamery.segments import Catalogue, load_catalogue
from creamery.warehouse import Role
from tests import nights
from tests.segments import scratch


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The one that is shipped."""
    return load_catalogue()


@pytest.fixture(scope="session")
def warehouse_dsn(new_database: Callable[[str], str], catalogue: Catalogue) -> str:
    admin_uri = new_database("segments")
    target = nights.prepare_warehouse(admin_uri)
    with warehouse.connect(target, Role.TRANSFORMER) as connection:
        scratch.create_tables(connection, catalogue)
    return target


@pytest.fixture
def connection(warehouse_dsn: str) -> Iterator[psycopg.Connection]:
    """As the role that refreshes, in one transaction that is rolled back."""
    with warehouse.connect(warehouse_dsn, Role.TRANSFORMER) as connection:
        connection.execute("select")
        yield connection
        connection.rollback()

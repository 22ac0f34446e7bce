"""The warehouse and the Odoo that the tests of pushes share the making of."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from creamery import warehouse
from creamery.odoo import connect
from creamery.warehouse import Role
from tests import nights
from tests.push import bench as benches
from tests.push.bench import AT_ONCE, Bench
from tests.push.fake_odoo import FakeOdoo


@pytest.fixture(scope="session")
def push_template(new_database: Callable[..., str]) -> str:
    """URI of an empty warehouse with tables of audiences; copies are made of it."""
    uri = new_database("push_template")
    nights.prepare_warehouse(uri)
    benches.prepare(uri)
    return uri


@pytest.fixture
def odoo() -> Iterator[FakeOdoo]:
    with FakeOdoo(19) as server:
        yield server


@pytest.fixture
def bench(push_template: str, new_database: Callable[..., str], odoo: FakeOdoo) -> Iterator[Bench]:
    uri = new_database("push", template=push_template)
    with (
        warehouse.connect(nights.as_login(uri, "creamery_pipeline"), Role.PUSHER) as connection,
        psycopg.connect(uri) as admin,
        connect(odoo.login, AT_ONCE) as client,
    ):
        connection.autocommit = True
        yield Bench(connection, admin, odoo, client)

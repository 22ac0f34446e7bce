"""Who may touch the ledger of pushes."""

from collections.abc import Callable

import psycopg
import pytest

from creamery import warehouse
from creamery.warehouse import Role
from tests import nights


@pytest.fixture(scope="module")
def dsn(new_database: Callable[[str], str]) -> str:
    return nights.prepare_warehouse(new_database("push_roles"))


def may(dsn: str, role: Role, statement: str) -> bool:
    with warehouse.connect(dsn, role) as connection:
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return False
        finally:
            connection.rollback()
    return True


def test_the_pusher_alone_writes_the_ledger(dsn: str) -> None:
    note = "insert into push.destination (destination, system_identity) values ('odoo_lists', 'a-uuid')"
    assert [role for role in Role if may(dsn, role, note)] == [Role.PUSHER]


def test_addresses_of_operations_are_for_the_pusher_alone(dsn: str) -> None:
    assert [role for role in Role if may(dsn, role, "select address from push.operation")] == [Role.PUSHER]
    assert may(dsn, Role.TRANSFORMER, "select address from push.list_stay")


def test_the_pusher_reads_audiences_that_dbt_makes_and_nothing_raw(dsn: str) -> None:
    with warehouse.connect(dsn, Role.TRANSFORMER) as connection:
        connection.execute("create table audiences.list_member (address text)")
    assert may(dsn, Role.PUSHER, "select address from audiences.list_member")
    assert may(dsn, Role.PUSHER, "select as_of_date from ops.publication")
    assert not may(dsn, Role.PUSHER, "select row_data from ops.quarantine")
    with warehouse.connect(dsn, Role.LOADER) as connection:
        connection.execute("create table raw_odoo.res_partner (email text)")
    assert not may(dsn, Role.PUSHER, "select email from raw_odoo.res_partner")

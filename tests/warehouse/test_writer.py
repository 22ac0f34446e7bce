"""One writer at a time; what a killed run left behind is stopped; an orphan that comes back is refused."""

import threading
import time
from collections.abc import Callable

import psycopg
import pytest

from creamery import warehouse
from creamery.errors import ConfigError, WarehouseError
from creamery.warehouse import Role
from tests import nights


@pytest.fixture(scope="module")
def admin_uri(new_database: Callable[[str], str]) -> str:
    return new_database("writer")


@pytest.fixture(scope="module")
def dsn(admin_uri: str) -> str:
    return nights.prepare_warehouse(admin_uri)


def test_a_second_writer_waits_and_then_names_the_first(dsn: str) -> None:
    impatient = warehouse.writer(dsn, Role.LOADER, "the second", wait_seconds=0)
    with (
        warehouse.writer(dsn, Role.LOADER, "the first"),
        pytest.raises(WarehouseError, match="is being written by the first since"),
        impatient,
    ):
        pass


def test_a_waiting_writer_goes_on_when_the_first_ends(dsn: str) -> None:
    got_it = threading.Event()

    def wait() -> None:
        with warehouse.writer(dsn, Role.LOADER, "waiting", wait_seconds=30):
            got_it.set()

    with warehouse.writer(dsn, Role.LOADER, "the first"):
        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.5)
        assert not got_it.is_set()
    assert got_it.wait(10)
    thread.join()


def test_sessions_of_a_dead_writer_are_terminated(dsn: str) -> None:
    with warehouse.writer(dsn, Role.TRANSFORMER, "dies") as dead:
        orphan = warehouse.connect(dsn, Role.TRANSFORMER, dead.application_name)
        bystander = warehouse.connect(dsn, Role.TRANSFORMER, "somebody else")
    with warehouse.writer(dsn, Role.TRANSFORMER, "next"):
        with pytest.raises(psycopg.OperationalError):
            orphan.execute("select 1")
        assert bystander.execute("select 1").fetchone() == (1,)


def test_an_orphan_that_connects_again_is_fenced_off(dsn: str) -> None:
    with warehouse.writer(dsn, Role.TRANSFORMER, "dies") as dead:
        pass
    with warehouse.writer(dsn, Role.TRANSFORMER, "next") as living:
        living.connection.execute("select ops.assert_writer(%s)", (living.token,))
        with (
            warehouse.connect(dsn, Role.TRANSFORMER, dead.application_name) as orphan,
            pytest.raises(psycopg.errors.RaiseException, match="replaced by a newer one"),
        ):
            orphan.execute("select ops.assert_writer(%s)", (dead.token,))


def test_a_database_that_is_no_warehouse(admin_uri: str, new_database: Callable[[str], str]) -> None:
    with pytest.raises(ConfigError, match=r"is not a Creamery warehouse.*warehouse_bootstrap"):
        warehouse.connect(new_database("empty"), Role.LOADER)


def test_a_warehouse_that_cannot_be_reached() -> None:
    with pytest.raises(ConfigError, match=r"cannot be reached.*analytics_dw"):
        warehouse.connect("postgresql://nobody:x@127.0.0.1:1/none", Role.LOADER)


def test_each_role_can_do_its_own_work_only(dsn: str, admin_uri: str) -> None:
    with psycopg.connect(admin_uri) as admin:
        admin.execute("create table audiences.people (email text)")
        admin.execute("alter table audiences.people owner to creamery_transformer")
    refused = {
        Role.LOADER: (
            "select * from audiences.people",
            "create table star.x ()",
            "delete from ops.publication",
        ),
        Role.TRANSFORMER: (
            "create table raw_odoo.x ()",
            "insert into ops.extraction (as_of_date) values ('2026-01-01')",
        ),
        Role.EXPORTER: (
            "create table audiences.x ()",
            "create table raw_odoo.x ()",
            "delete from ops.generation",
        ),
    }
    for role, statements in refused.items():
        for statement in statements:
            with (
                warehouse.connect(dsn, role) as connection,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connection.execute(statement.encode())


def test_the_dashboards_login_reads_reporting_and_nothing_else(dsn: str, admin_uri: str) -> None:
    with psycopg.connect(nights.as_login(admin_uri, "creamery_bi_reader"), autocommit=True) as reader:
        for statement in (
            "select * from audiences.people",
            "select * from ops.warehouse",
            "create table reporting.x ()",
            "set role creamery_transformer",
            "select pg_read_file('postgresql.conf')",
            "copy (select 1) to program 'cat'",
            "select query_to_xml('select * from audiences.people', true, true, '')",
        ):
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
                reader.execute(statement.encode())

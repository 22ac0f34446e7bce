"""Fixtures: a warehouse with believable rows, a Superset, the dashboards imported into it."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from running_superset import PROGRAMS, RunningSuperset, started
from superset_client import Superset


@pytest.fixture(scope="session")
def warehouse_dsn(new_database: Callable[[str], str]) -> str:
    """URI of a database with the reporting relations, filled."""
    dsn = new_database("bi_warehouse")
    with psycopg.connect(dsn) as warehouse:
        warehouse.execute(Path(__file__).with_name("reporting_rows.sql").read_text())
    return dsn


@pytest.fixture(scope="session")
def superset(
    new_database: Callable[[str], str], warehouse_dsn: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningSuperset]:
    """Superset in its own environment, initialised and started."""
    if not (PROGRAMS / "gunicorn").exists():
        pytest.skip(f"Superset is not installed: no {PROGRAMS}/gunicorn (make demo installs it)")
    home = tmp_path_factory.mktemp("superset")
    password = secrets.token_urlsafe(16)
    with started(home, new_database("bi_superset"), warehouse_dsn, password) as running:
        yield running


@pytest.fixture(scope="session")
def client(superset: RunningSuperset) -> Superset:
    """A signed-in session, the dashboards imported."""
    from import_dashboards import import_dashboards

    session = superset.sign_in()
    import_dashboards(session, warehouse_uri=superset.warehouse_uri)
    return session

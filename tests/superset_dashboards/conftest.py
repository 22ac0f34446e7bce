"""Fixtures: the demonstration shop's warehouse, a Superset, the dashboards imported into it."""

import secrets
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql
from running_superset import DAY_BEFORE, PROGRAMS, RunningSuperset, started
from superset_client import Superset

from tests import nights
from tests.shops import Built

# What the dashboard Segmentation reads of a day.
OF_A_DAY = ("fact_customer_rfm", "segment_migration", "customer_group", "customer_mix")


@pytest.fixture(scope="session")
def warehouse_dsn(new_database: Callable[..., str], built: Built) -> str:
    """URI of a copy of the shop's warehouse with a second published day, the one before."""
    dsn = new_database("bi_warehouse", template=built.warehouse_admin)
    nights.prepare_warehouse(dsn)  # who may connect is not copied along
    with psycopg.connect(dsn) as warehouse:
        warehouse.execute(
            "insert into ops.published_day select %s, generation, true, published_at from ops.published_day",
            (DAY_BEFORE,),
        )
        for table in OF_A_DAY:
            warehouse.execute(
                sql.SQL(
                    "insert into marts.{table} select (jsonb_populate_record(kept,"
                    " jsonb_build_object('as_of_date', {day}))).* from marts.{table} as kept"
                ).format(table=sql.Identifier(table), day=DAY_BEFORE)
            )
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
    superset.add_people(session)
    return session

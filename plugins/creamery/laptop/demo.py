"""make demo: everything started, the demonstration shop, one night followed, and where to look."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from creamery.errors import RunError
from creamery.laptop import data_docs, environment, sources, stack, status
from creamery.laptop.airflow_api import AirflowApi
from creamery.laptop.environment import DEFAULT_WAREHOUSE
from creamery.laptop.follow import Follower
from creamery.laptop.installation import Installation
from creamery.laptop.processes import AIRFLOW

DEFAULT_CUSTOMERS = 5000
_YEARS = 2
_SEED = 2026
_SHOP_TIME_ZONE = ZoneInfo("Asia/Dhaka")  # of the shop's company


def run(installation: Installation, customers: int) -> None:
    """Raises CreameryError when a part does not start, a task fails, or the reconciliation is red."""
    from creamery import night_report

    stack.stop_outdated(installation)
    stack.require_ports(installation, ["postgres", "airflow", "superset"])
    _start_postgres(installation)
    as_of, api = _start_parts(installation, customers)
    say(f"the night of {as_of}: extract, warehouse, audiences, dashboards")
    Follower(api, say, lambda: stack.require_alive(installation, AIRFLOW)).follow(
        api.trigger("extract_odoo", {"as_of_date": as_of.isoformat()})
    )
    if not data_docs.is_current(installation):
        _describe_data(installation)
    say("")
    is_reconciled = night_report.print_report(environment.warehouse_dsn(installation, DEFAULT_WAREHOUSE))
    status.print_places(installation)
    if not is_reconciled:
        raise RunError("The report above is red: nothing was published, or figures differ from the source.")


def say(line: str) -> None:
    print(line, flush=True)


@contextmanager
def _timed(what: str) -> Iterator[None]:
    started = time.monotonic()
    say(f"{what} ...")
    yield
    say(f"{what} is ready ({time.monotonic() - started:.0f} s)")


def _start_parts(installation: Installation, customers: int) -> tuple[date, AirflowApi]:
    """Side by side, because each waits most of the time; the first failure is raised at once."""
    pool = ThreadPoolExecutor()
    try:
        superset = pool.submit(_start_superset, installation)
        shop = pool.submit(_ensure_shop, installation, customers)
        airflow = pool.submit(_start_airflow, installation)
        as_of, api = shop.result(), airflow.result()
        superset.result()
        return as_of, api
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@_timed("PostgreSQL")
def _start_postgres(installation: Installation) -> None:
    stack.start_postgres(installation)
    stack.prepare_warehouse(installation, DEFAULT_WAREHOUSE)


@_timed("Airflow")
def _start_airflow(installation: Installation) -> AirflowApi:
    return stack.start_airflow(installation)


@_timed("Superset")
def _start_superset(installation: Installation) -> None:
    stack.start_superset(installation)


@_timed("the page of the data model")
def _describe_data(installation: Installation) -> None:
    data_docs.generate(installation, DEFAULT_WAREHOUSE)


def _ensure_shop(installation: Installation, customers: int) -> date:
    """Create the shop as of yesterday, once. Gives its last day, which stays the same in later runs."""
    known = sources.describe(installation, DEFAULT_WAREHOUSE)
    if known is None:
        _create_shop(installation, customers)
        known = sources.describe(installation, DEFAULT_WAREHOUSE) or {}
    sources.require(installation, DEFAULT_WAREHOUSE)
    if known["customers"] != customers:
        say(f"The shop keeps its {known['customers']} customers; make clean allows another size.")
    return date.fromisoformat(str(known["as_of"]))


@_timed("the demonstration shop")
def _create_shop(installation: Installation, customers: int) -> None:
    from creamery.demo_shop.shop import create_shop

    as_of = datetime.now(_SHOP_TIME_ZONE).date() - timedelta(days=1)
    facts: sources.Facts = {"as_of": as_of.isoformat(), "customers": customers}
    with sources.build(installation, DEFAULT_WAREHOUSE, facts) as dsn:
        create_shop(dsn, customers=customers, as_of=as_of, years=_YEARS, seed=_SEED)

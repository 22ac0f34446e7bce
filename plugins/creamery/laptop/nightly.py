"""make nightly and make extract: one night into one warehouse, in the foreground; the exit code tells."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from creamery.errors import ConfigError, RunError
from creamery.laptop import environment, sources, stack
from creamery.laptop.environment import (
    ODOO_API_CONNECTION,
    PUSH_CONNECTIONS,
    SOURCE_CONNECTION,
    SOURCE_REPLICA_CONNECTION,
    SUPERSET_CONNECTION,
    WAREHOUSE_CONNECTION,
)
from creamery.laptop.follow import Follower
from creamery.laptop.installation import Installation
from creamery.laptop.own_airflow import Night, own_airflow


def run(installation: Installation, as_of: date | None, warehouse: str) -> None:
    """One night into `warehouse`. Raises CreameryError unless every task passed and the figures reconcile."""
    from creamery import night_report

    with _night(installation, warehouse) as (night, connections):
        api = night.start()
        print(f"the night of {as_of or 'yesterday'} into {warehouse}; logs: {night.instance.logs}", flush=True)
        if ODOO_API_CONNECTION in connections:
            print(f"pushes may ask for approval: {night.instance.url} (login: make status)", flush=True)
        first = api.trigger("extract_odoo", {"as_of_date": as_of and as_of.isoformat()})
        dsn = environment.connection_dsn(connections[WAREHOUSE_CONNECTION])
        try:
            Follower(api, _say, night.check).follow(first)
        except RunError:
            night_report.print_report(dsn)  # what readers see now: a run may fail after it has published
            raise
    print()
    if not night_report.print_report(dsn):
        raise RunError("The report above is red: nothing was published, or figures differ from the source.")


def push_preview(installation: Installation, campaign: str | None, warehouse: str) -> None:
    """What a push would change today in the Odoo behind AIRFLOW_CONN_ODOO_API. ConfigError where it is not set."""
    from creamery.odoo import Login
    from creamery.push.preview import print_preview

    given = os.environ.get(ODOO_API_CONNECTION)
    if not given:
        raise ConfigError(f"{ODOO_API_CONNECTION} is not set: which Odoo to compare with (docs/push.md).")
    stack.start_postgres(installation)
    dsn = os.environ.get(WAREHOUSE_CONNECTION) or stack.prepare_warehouse(installation, warehouse)
    print_preview(environment.connection_dsn(dsn), Login.of_text(given), campaign)


def backfill(installation: Installation, first: date, last: date, every: str, warehouse: str) -> None:
    """The days of a range into `warehouse`, from what was extracted. Raises CreameryError unless every task passed."""
    with _night(installation, warehouse) as (night, _):
        api = night.start()
        print(f"every {every} from {first} to {last} into {warehouse}; logs: {night.instance.logs}", flush=True)
        asked_for = {"first_day": first.isoformat(), "last_day": last.isoformat(), "every": every}
        Follower(api, _say, night.check).follow(api.trigger("backfill_warehouse", asked_for))


def train(installation: Installation, as_of: date | None, warehouse: str) -> None:
    """The models of `warehouse` on a day (default: its newest published), and their scorecard. Raises CreameryError
    unless every task learned."""
    from creamery.modelling import scorecard

    with _night(installation, warehouse) as (night, connections):
        api = night.start()
        print(f"training on {as_of or 'the newest day'} of {warehouse}; logs: {night.instance.logs}", flush=True)
        asked_for = {"as_of_date": as_of and as_of.isoformat()}
        Follower(api, _say, night.check).follow(api.trigger("train_models", asked_for))
    scorecard.print_scorecard(environment.connection_dsn(connections[WAREHOUSE_CONNECTION]))


def has_published(installation: Installation, warehouse: str) -> bool:
    """Whether readers of the embedded warehouse see any day."""
    from creamery import publication
    from creamery.warehouse import Role, connect

    dsn = environment.connection_dsn(stack.prepare_warehouse(installation, warehouse))
    with connect(dsn, Role.TRANSFORMER) as connection:
        return publication.newest_day(connection) is not None


def extract(installation: Installation, warehouse: str, is_full: bool, accept_shrinking: Sequence[str]) -> None:
    """The extraction alone. Raises CreameryError unless every table was loaded; nothing is built or published."""
    from creamery import extraction_report

    with _night(installation, warehouse) as (night, connections):
        api = night.start()
        api.pause("build_warehouse")
        print(f"extraction into {warehouse}; logs: {night.instance.logs}", flush=True)
        first = api.trigger("extract_odoo", {"full": is_full, "accept_shrinking": list(accept_shrinking)})
        try:
            Follower(api, _say, night.check).follow(first)
        finally:
            extraction_report.print_report(environment.connection_dsn(connections[WAREHOUSE_CONNECTION]))


@contextmanager
def _night(installation: Installation, warehouse: str) -> Iterator[tuple[Night, dict[str, str]]]:
    stack.start_postgres(installation)
    connections = _connections(installation, sources.check_name(warehouse), os.environ)
    with own_airflow(installation, warehouse, connections) as night:
        yield night, connections


def _say(line: str) -> None:
    print(line, flush=True)


def _connections(installation: Installation, warehouse: str, caller: Mapping[str, str]) -> dict[str, str]:
    """The caller's connections; what it does not set is the pair of embedded databases called `warehouse`."""
    names = (SOURCE_CONNECTION, SOURCE_REPLICA_CONNECTION, WAREHOUSE_CONNECTION, SUPERSET_CONNECTION, *PUSH_CONNECTIONS)
    connections = {name: caller[name] for name in names if caller.get(name)}
    if SOURCE_CONNECTION not in connections:
        sources.require(installation, warehouse)
        connections[SOURCE_CONNECTION] = environment.source_dsn(installation, warehouse)
    if WAREHOUSE_CONNECTION not in connections:
        connections[WAREHOUSE_CONNECTION] = stack.prepare_warehouse(installation, warehouse)
    return connections

"""make nightly: one night into one warehouse, in the foreground; the exit code tells."""

import os
from collections.abc import Mapping
from datetime import date

from creamery.errors import RunError
from creamery.laptop import environment, sources, stack
from creamery.laptop.environment import SOURCE_CONNECTION, SUPERSET_CONNECTION, WAREHOUSE_CONNECTION
from creamery.laptop.follow import Follower
from creamery.laptop.installation import Installation
from creamery.laptop.own_airflow import own_airflow


def run(installation: Installation, as_of: date | None, warehouse: str) -> None:
    """One night into `warehouse`. Raises CreameryError unless every task passed and the figures reconcile."""
    from creamery import night_report

    stack.start_postgres(installation)
    connections = _connections(installation, sources.check_name(warehouse), os.environ)
    with own_airflow(installation, warehouse, connections) as night:
        api = night.start()
        print(f"the night of {as_of or 'yesterday'} into {warehouse}; logs: {night.instance.logs}", flush=True)
        first = api.trigger("extract_odoo", {"as_of_date": as_of and as_of.isoformat()})
        Follower(api, _say, night.check).follow(first)
    print()
    if not night_report.print_report(environment.connection_dsn(connections[WAREHOUSE_CONNECTION])):
        raise RunError("The report above is red: nothing was published, or figures differ from the source.")


def _say(line: str) -> None:
    print(line, flush=True)


def _connections(installation: Installation, warehouse: str, caller: Mapping[str, str]) -> dict[str, str]:
    """The caller's connections; what it does not set is the pair of embedded databases called `warehouse`."""
    names = (SOURCE_CONNECTION, WAREHOUSE_CONNECTION, SUPERSET_CONNECTION)
    connections = {name: caller[name] for name in names if caller.get(name)}
    if SOURCE_CONNECTION not in connections:
        sources.require(installation, warehouse)
        connections[SOURCE_CONNECTION] = environment.source_dsn(installation, warehouse)
    if WAREHOUSE_CONNECTION not in connections:
        connections[WAREHOUSE_CONNECTION] = stack.prepare_warehouse(installation, warehouse)
    return connections

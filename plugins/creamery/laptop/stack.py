"""Starting the parts of the installation in their order, each until it answers."""

import fcntl
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import requests

from creamery import warehouse_bootstrap
from creamery.errors import ConfigError, RunError
from creamery.laptop import airflow_metadata, databases, environment, own_airflow, tools
from creamery.laptop.airflow_api import NIGHT, AirflowApi, wait_until_ready
from creamery.laptop.installation import Installation, require_free_port
from creamery.laptop.processes import AIRFLOW, POSTGRES, SUPERSET, Supervisor

_SUPERSET_SECONDS = 240.0


@contextmanager
def exclusively(installation: Installation) -> Iterator[None]:
    """One command at a time may start or stop processes."""
    with (installation.run / "stack.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def require_ports(installation: Installation, services: Sequence[str]) -> None:
    """Raises ConfigError if a port is taken by anything but this installation's own process."""
    with exclusively(installation):
        _require_ports(installation, services)


def _require_ports(installation: Installation, services: Sequence[str]) -> None:
    supervisor = Supervisor(installation)
    recorded = installation.recorded_ports()
    if not supervisor.is_running():
        supervisor.stop()  # what a killed one left behind would hold the ports
    elif recorded != installation.ports:
        raise ConfigError(f"This installation runs with {recorded}. To change them: make down first.")
    own = {"postgres": POSTGRES, "airflow": AIRFLOW[0], "superset": SUPERSET}
    for service in services:
        if not supervisor.is_up(own[service]):
            require_free_port(service, getattr(installation.ports, service))


def start_postgres(installation: Installation) -> None:
    """Start the database server unless it runs."""
    server = installation.server
    with exclusively(installation):
        supervisor = Supervisor(installation)
        _require_ports(installation, ["postgres"])
        if not supervisor.is_up(POSTGRES):
            server.prepare()
            installation.record_ports()
            supervisor.start([POSTGRES])
        server.wait_until_ready(lambda: not supervisor.is_up(POSTGRES))


def start_airflow(installation: Installation) -> AirflowApi:
    """Prepare the metadata and start Airflow; returns when it knows the night's DAGs."""
    instance = environment.standing_airflow(installation)
    airflow_metadata.prepare(installation, instance)
    with exclusively(installation):
        Supervisor(installation).start(AIRFLOW)
    api = AirflowApi(instance.url, installation.secrets.airflow_admin)
    wait_until_ready(api, NIGHT, lambda: require_alive(installation, AIRFLOW))
    return api


def require_alive(installation: Installation, programs: Sequence[str]) -> None:
    """Raises RunError if one of the programs has ended for good."""
    Supervisor(installation).require_alive(programs)


def start_superset(installation: Installation) -> None:
    """Prepare the metadata and start Superset; returns when it answers."""
    databases.ensure(installation, "superset", "superset", installation.secrets.superset)
    (installation.state / "superset").mkdir(mode=0o700, exist_ok=True)
    script = installation.root / "superset_dashboards" / "initialise.py"
    command = [str(installation.program("superset", "python")), str(script)]
    tools.run_to_end(command, environment.superset(installation), installation.logs / "superset-initialise.log")
    with exclusively(installation):
        Supervisor(installation).start([SUPERSET])
    deadline = time.monotonic() + _SUPERSET_SECONDS
    while not superset_is_healthy(installation):
        require_alive(installation, [SUPERSET])
        if time.monotonic() > deadline:
            raise RunError(f"Superset did not answer in {_SUPERSET_SECONDS:.0f} s: make logs NAME=superset.")
        time.sleep(1)


def superset_is_healthy(installation: Installation) -> bool:
    with requests.Session() as session:
        session.trust_env = False  # no proxy on the way to this machine
        try:
            return session.get(f"{environment.superset_url(installation)}/health", timeout=5).ok
        except requests.RequestException:
            return False


def prepare_warehouse(installation: Installation, name: str) -> str:
    """Make sure that an embedded warehouse exists and is complete; gives the pipeline's URI of it."""
    database = environment.warehouse_database(name)
    logins = installation.secrets.warehouse_logins
    warehouse_bootstrap.bootstrap(installation.server.dsn(), database, logins)
    return environment.warehouse_dsn(installation, name)


def stop_outdated(installation: Installation) -> None:
    """Stop processes that run with the settings of another version of this checkout."""
    with exclusively(installation):
        supervisor = Supervisor(installation)
        if supervisor.is_outdated():
            supervisor.stop()


def stop(installation: Installation) -> None:
    """Stop every process of this installation, those of nightlies included."""
    with exclusively(installation):
        own_airflow.stop_all(installation)
        Supervisor(installation).stop()


def remove(installation: Installation) -> None:
    """Stop everything and delete it: data, logs, secrets, and environments where they lie with them."""
    stop(installation)
    installation.server.remove()
    shutil.rmtree(installation.state)

"""Airflow's home folder and metadata database, for the standing Airflow and for each nightly's own."""

import fcntl
import importlib.metadata
import json
from dataclasses import replace

import psycopg

from creamery.laptop import databases, environment, secrets_store, tools
from creamery.laptop.environment import AirflowInstance
from creamery.laptop.installation import Installation


def prepare(installation: Installation, instance: AirflowInstance) -> None:
    """Write the admin's password and make sure that the migrated metadata database exists.

    It is a copy of a template database, which is migrated once per Airflow version.
    """
    _write_password(installation, instance)
    template = f"airflow_template_{importlib.metadata.version('apache-airflow-core')}"
    with (installation.run / "airflow_template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not databases.exists(installation, template):
            _build_template(installation, instance, template)
        databases.ensure(installation, instance.metadata, "airflow", installation.secrets.airflow, template)
    if _revision(installation, instance.metadata) != _revision(installation, template):
        _migrate(installation, instance)


def _write_password(installation: Installation, instance: AirflowInstance) -> None:
    instance.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    passwords = {environment.ADMIN: installation.secrets.airflow_admin}
    secrets_store.write_private(instance.password_file, json.dumps(passwords) + "\n")


def _build_template(installation: Installation, instance: AirflowInstance, template: str) -> None:
    partial = f"{template}_partial"
    databases.drop(installation, partial)
    databases.ensure(installation, partial, "airflow", installation.secrets.airflow)
    _migrate(installation, replace(instance, metadata=partial))
    databases.rename(installation, partial, template)


def _migrate(installation: Installation, instance: AirflowInstance) -> None:
    command = [str(installation.program("airflow", "airflow")), "db", "migrate"]
    log = installation.logs / "airflow-migrate.log"
    tools.run_to_end(command, environment.airflow(installation, instance), log)


def _revision(installation: Installation, database: str) -> object:
    with psycopg.connect(installation.server.dsn(database)) as metadata:
        return metadata.execute("select version_num from alembic_version").fetchone()

"""The environment variables of each native tool: the one place that computes them.

The supervised processes, bin/airflow, bin/dbt, bin/superset and the short-lived Airflow of a nightly all get
theirs here. Secrets travel in the environment only, never as arguments.
"""

import fnmatch
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from psycopg.conninfo import make_conninfo

from creamery.laptop.databases import SOURCE_READER
from creamery.laptop.installation import Installation

SOURCE_CONNECTION = "AIRFLOW_CONN_ODOO_POSTGRES"
SOURCE_REPLICA_CONNECTION = "AIRFLOW_CONN_ODOO_POSTGRES_REPLICA"
WAREHOUSE_CONNECTION = "AIRFLOW_CONN_ANALYTICS_DW"
SUPERSET_CONNECTION = "AIRFLOW_CONN_SUPERSET"
# Writing into Odoo: over its API, and the SQL logins for points and for add-on tables.
ODOO_API_CONNECTION = "AIRFLOW_CONN_ODOO_API"
PUSH_CONNECTIONS = (ODOO_API_CONNECTION, "AIRFLOW_CONN_ODOO_LOYALTY", "AIRFLOW_CONN_ODOO_CAMPAIGN_WRITER")
DEFAULT_WAREHOUSE = "demo"
ADMIN = "admin"
# Long-running processes see these of the caller's variables; anything else (another project's AIRFLOW__...,
# tokens) stays out.
_INHERITED = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_*", "TZ", "TMPDIR"),
    *("*_proxy", "*_PROXY", "SSL_CERT_*", "REQUESTS_CA_BUNDLE", "CREAMERY_*"),
)


@dataclass(frozen=True, slots=True)
class AirflowInstance:
    """One running Airflow: the installation's own, or the short-lived one of a nightly."""

    home: Path
    logs: Path
    port: int
    metadata: str  # database in the embedded server
    connections: Mapping[str, str] = field(repr=False)  # further variables: what its tasks reach, and how
    has_schedules: bool = True  # False: nothing starts by the clock

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def password_file(self) -> Path:
        """What the simple auth manager reads."""
        return self.home / "passwords.json"


def inherited(caller: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What long-running processes take over from the shell that starts them."""
    return {
        name: value
        for name, value in caller.items()
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in _INHERITED)
    }


def source_database(name: str) -> str:
    return f"odoo_{name}"


def warehouse_database(name: str) -> str:
    return f"warehouse_{name}"


def source_dsn(installation: Installation, name: str) -> str:
    """The read-only login on an embedded source."""
    password = installation.secrets.odoo_reader
    return installation.server.dsn(source_database(name), SOURCE_READER, password)


def warehouse_dsn(installation: Installation, name: str) -> str:
    """The pipeline's login on an embedded warehouse."""
    password = installation.secrets.creamery_pipeline
    return installation.server.dsn(warehouse_database(name), "creamery_pipeline", password)


def superset_warehouse_uri(installation: Installation) -> str:
    """The address of the demonstration warehouse for Superset, without a password."""
    database = warehouse_database(DEFAULT_WAREHOUSE)
    return f"postgresql+psycopg2://creamery_bi_reader@127.0.0.1:{installation.ports.postgres}/{database}"


def superset_url(installation: Installation) -> str:
    return f"http://127.0.0.1:{installation.ports.superset}"


def standing_airflow(installation: Installation) -> AirflowInstance:
    """The Airflow of make demo: it works on the demonstration shop."""
    password = quote(installation.secrets.superset_admin, safe="")
    return AirflowInstance(
        home=installation.state / "airflow",
        logs=installation.logs / "airflow",
        port=installation.ports.airflow,
        metadata="airflow",
        connections={
            SOURCE_CONNECTION: source_dsn(installation, DEFAULT_WAREHOUSE),
            WAREHOUSE_CONNECTION: warehouse_dsn(installation, DEFAULT_WAREHOUSE),
            SUPERSET_CONNECTION: f"http://{ADMIN}:{password}@127.0.0.1:{installation.ports.superset}",
            "SUPERSET_WAREHOUSE_URI": superset_warehouse_uri(installation),
        },
    )


def airflow(installation: Installation, instance: AirflowInstance) -> dict[str, str]:
    """Everything that an Airflow process and its tasks need."""
    secrets = installation.secrets
    metadata = installation.server.dsn(instance.metadata, "airflow", secrets.airflow)
    return {
        "AIRFLOW_HOME": str(instance.home),
        "AIRFLOW__CORE__DAGS_FOLDER": os.environ.get("CREAMERY_DAGS_FOLDER") or str(installation.root / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(installation.root / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",  # the default forks 32 workers
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{instance.url}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": secrets.airflow_fernet,
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",  # no name service on the way
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{ADMIN}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(instance.password_file),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata.replace("postgresql:", "postgresql+psycopg2:", 1),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(instance.port),
        "AIRFLOW__API__BASE_URL": instance.url,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": secrets.airflow_session,
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.airflow_jwt,
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(instance.logs),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(instance.logs / "dag_processor"),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "15",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "OMP_NUM_THREADS": "1",
        "CREAMERY_DBT": str(installation.program("dbt", "dbt")),
        "CREAMERY_EXPORT_DIR": os.environ.get("CREAMERY_EXPORT_DIR") or str(installation.exports),
        "CREAMERY_SCHEDULES": "on" if instance.has_schedules else "off",
        **instance.connections,
    }


def dbt(installation: Installation, warehouse: str = DEFAULT_WAREHOUSE) -> dict[str, str]:
    """What dbt_project/profiles.yml reads."""
    return {
        "DBT_PROFILES_DIR": str(installation.root / "dbt_project"),
        "DBT_PROJECT_DIR": str(installation.root / "dbt_project"),
        "CREAMERY_DW_HOST": "127.0.0.1",
        "CREAMERY_DW_PORT": str(installation.ports.postgres),
        "CREAMERY_DW_USER": "creamery_pipeline",
        "CREAMERY_DW_DATABASE": warehouse_database(warehouse),
        "DBT_ENV_SECRET_DW_PASSWORD": installation.secrets.creamery_pipeline,
    }


def superset(installation: Installation) -> dict[str, str]:
    """What superset_dashboards/superset_config.py reads."""
    metadata = installation.server.dsn("superset", "superset", installation.secrets.superset)
    config = installation.root / "superset_dashboards" / "superset_config.py"
    return {
        "FLASK_APP": "superset",
        "SUPERSET_CONFIG_PATH": str(config),
        "SUPERSET_HOME": str(installation.state / "superset"),
        "SUPERSET_SECRET_KEY": installation.secrets.superset_session,
        "SUPERSET_METADATA_URI": metadata.replace("postgresql:", "postgresql+psycopg2:", 1),
        "SUPERSET_PUBLIC_URL": superset_url(installation),
        "SUPERSET_ADMIN_PASSWORD": installation.secrets.superset_admin,
        "SUPERSET_WAREHOUSE_URI": superset_warehouse_uri(installation),
        "SUPERSET_DB_PASSWORD_CREAMERY_BI_READER": installation.secrets.creamery_bi_reader,
        "SUPERSET_DB_PASSWORD_CREAMERY_MARKETER": installation.secrets.creamery_marketer,
    }


def connection_dsn(connection: str) -> str:
    """The libpq form of an Airflow connection (URI or JSON) of type postgres."""
    if not connection.lstrip().startswith("{"):
        return connection
    described = json.loads(connection)
    return make_conninfo(
        host=described.get("host"),
        port=described.get("port"),
        user=described.get("login"),
        password=described.get("password"),
        dbname=described.get("schema"),
        **{key: value for key, value in (described.get("extra") or {}).items() if key.startswith("ssl")},
    )

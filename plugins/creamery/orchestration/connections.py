"""Airflow connections as connection strings for psycopg."""

from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRuntimeError
from psycopg.conninfo import make_conninfo

from creamery.errors import ConfigError

SOURCE = "odoo_postgres"
SOURCE_REPLICA = "odoo_postgres_replica"
WAREHOUSE = "analytics_dw"


def source_dsn() -> str:
    """Where the extraction reads: the replica where that connection is defined, else the Odoo database itself."""
    return dsn_of(SOURCE_REPLICA if is_defined(SOURCE_REPLICA) else SOURCE)


def is_defined(connection_id: str) -> bool:
    """Whether Airflow has this connection."""
    try:
        PostgresHook.get_connection(connection_id)
    except (AirflowNotFoundException, AirflowRuntimeError):
        return False
    return True


def dsn_of(connection_id: str) -> str:
    """The connection string of an Airflow connection; ConfigError where it is not defined."""
    try:
        connection = PostgresHook.get_connection(connection_id)
    except (AirflowNotFoundException, AirflowRuntimeError) as error:
        raise ConfigError(
            f"Airflow connection {connection_id} is not defined. Set AIRFLOW_CONN_{connection_id.upper()} or add it "
            "under Admin > Connections."
        ) from error
    return make_conninfo(
        host=connection.host,
        port=connection.port or 5432,
        user=connection.login,
        password=connection.password,
        dbname=connection.schema,
        **{key: value for key, value in connection.extra_dejson.items() if key.startswith("ssl") or key == "options"},
    )

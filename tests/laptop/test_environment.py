"""What the tools find in their environment, and that it is nowhere else."""

import configparser
import json
from dataclasses import asdict
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from creamery.laptop import environment, processes
from creamery.laptop.installation import Installation


def test_airflow_listens_here_only_and_shares_no_default_secret(installation: Installation) -> None:
    instance = environment.standing_airflow(installation)
    variables = environment.airflow(installation, instance)
    assert variables["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert variables["AIRFLOW__API_AUTH__JWT_SECRET"] == installation.secrets.airflow_jwt
    assert variables["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == f"{instance.url}/execution/"
    assert variables["AIRFLOW_CONN_ODOO_POSTGRES"].endswith("/odoo_demo")
    assert variables["AIRFLOW_CONN_ANALYTICS_DW"].startswith("postgresql://creamery_pipeline:")


def test_superset_gets_the_reading_login_and_not_the_writing_one(installation: Installation) -> None:
    variables = environment.superset(installation)
    assert variables["SUPERSET_DB_PASSWORD_CREAMERY_BI_READER"] == installation.secrets.creamery_bi_reader
    assert installation.secrets.creamery_pipeline not in str(variables)


def test_dbt_gets_the_warehouse_it_is_asked_for(installation: Installation) -> None:
    assert environment.dbt(installation, "retail")["CREAMERY_DW_DATABASE"] == "warehouse_retail"


def test_other_projects_variables_and_tokens_stay_out() -> None:
    caller = {
        "PATH": "/bin",
        "https_proxy": "p",
        "AIRFLOW__CORE__EXECUTOR": "x",
        "PYTHONPATH": "y",
        "TOKEN": "z",
    }
    assert environment.inherited(caller) == {"PATH": "/bin", "https_proxy": "p"}


@pytest.mark.parametrize(
    "connection",
    [
        "postgres://reader:p%40ss@db.example:5433/odoo?sslmode=require",
        json.dumps(
            {
                "conn_type": "postgres",
                "login": "reader",
                "password": "p@ss",
                "host": "db.example",
                "port": 5433,
                "schema": "odoo",
                "extra": {"sslmode": "require", "other": 1},
            }
        ),
    ],
)
def test_both_forms_of_an_airflow_connection_are_understood(connection: str) -> None:
    assert conninfo_to_dict(environment.connection_dsn(connection)) == {
        "user": "reader",
        "password": "p@ss",
        "host": "db.example",
        "port": "5433",
        "dbname": "odoo",
        "sslmode": "require",
    }


def test_supervisord_is_configured_completely_and_without_any_secret(installation: Installation) -> None:
    text = processes.render_configuration(installation, Path("/tmp/creamery-100%/supervisor.sock"))  # noqa: S108
    assert not [name for name, value in asdict(installation.secrets).items() if value in text]
    parser = configparser.RawConfigParser(inline_comment_prefixes=(" ;",))
    parser.read_string(text)
    assert parser["unix_http_server"]["file"] == "/tmp/creamery-100%%/supervisor.sock"  # noqa: S108
    for name in processes.NAMES:
        program = parser[f"program:{name}"]
        assert program["autostart"] == "false"
        assert program["stdout_logfile"] == str(installation.logs / f"{name}.log")
    assert parser["program:postgres"]["stopsignal"] == "INT"
    assert parser["program:postgres"].get("user") == installation.server.account

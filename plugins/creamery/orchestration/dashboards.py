"""The dashboards' importer (superset_dashboards/import_dashboards.py) with the connection `superset`."""

import os
import subprocess
import sys
from pathlib import Path

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRuntimeError, AirflowSkipException

from creamery.errors import RunError

_IMPORTER = Path(__file__).resolve().parents[3] / "superset_dashboards" / "import_dashboards.py"


def import_dashboards() -> None:
    """Run the importer; skips the task without a connection, RunError where Superset refuses."""
    try:
        connection = BaseHook.get_connection("superset")
    except (AirflowNotFoundException, AirflowRuntimeError) as error:
        raise AirflowSkipException("No connection superset: dashboards are not imported.") from error
    scheme = connection.conn_type or "http"
    finished = subprocess.run(
        [sys.executable, str(_IMPORTER), "--url", f"{scheme}://{connection.host}:{connection.port or 8088}"],
        env=os.environ | {"SUPERSET_USER": connection.login or "", "SUPERSET_PASSWORD": connection.password or ""},
        check=False,
    )
    if finished.returncode != 0:
        raise RunError("The dashboards were not imported; the importer's message is in the log above.")

"""A Superset of the tests' own, and what its charts have stored."""

import datetime as dt
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
DASHBOARDS = ROOT / "superset_dashboards"
PROGRAMS = Path(os.environ.get("SUPERSET_BIN", ROOT / ".creamery/envs/superset/bin"))
# The importer runs as a script, so its modules import each other by their bare names.
sys.path.insert(0, str(DASHBOARDS))

from superset_client import Superset  # noqa: E402

from tests import nights  # noqa: E402
from tests.shops import AS_OF  # noqa: E402

# Who looks at dashboards, with the role in Superset; the administrator is there already.
PEOPLE = {"analyst": "Analyst", "marketer": "Marketer"}
NEWEST_DAY = AS_OF.isoformat()
DAY_BEFORE = (AS_OF - dt.timedelta(days=1)).isoformat()  # published too; conftest.py puts it in


@dataclass(frozen=True, slots=True)
class RunningSuperset:
    """Where it is and how to sign in; `warehouse_uri` is the warehouse's address, without a password."""

    url: str
    password: str
    environment: dict[str, str]
    warehouse_uri: str
    user: str = "admin"

    def sign_in(self, user: str | None = None) -> Superset:
        return Superset(self.url, user or self.user, self.password)

    def add_people(self, admin: Superset) -> None:
        """Somebody for each of our roles, called like it, with the administrator's password."""
        roles = {role["name"]: role["id"] for role in admin.every("security/roles")}
        for name in PEOPLE.values():
            person = {"username": name.lower(), "first_name": name, "last_name": "Test", "active": True}
            person |= {"email": f"{name}@localhost", "password": self.password, "roles": [roles[name]]}
            admin.ask("POST", "security/users/", f"adding {name}", json=person)


def initialise(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [str(PROGRAMS / "python"), str(DASHBOARDS / "initialise.py")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@contextmanager
def started(home: Path, metadata_dsn: str, warehouse_dsn: str, password: str) -> Iterator[RunningSuperset]:
    """Initialise Superset in an empty metadata database and serve it on a free port; nothing is imported."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    warehouse = urlsplit(warehouse_dsn)
    environment = (
        os.environ
        | {
            "SUPERSET_CONFIG_PATH": str(DASHBOARDS / "superset_config.py"),
            "SUPERSET_SECRET_KEY": os.urandom(24).hex(),
            "SUPERSET_METADATA_URI": metadata_dsn.replace("postgresql:", "postgresql+psycopg2:", 1),
            "SUPERSET_HOME": str(home),
            "SUPERSET_PUBLIC_URL": f"http://{address}",
            "SUPERSET_ADMIN_PASSWORD": password,
        }
        | {f"SUPERSET_DB_PASSWORD_{login.upper()}": given for login, given in nights.PASSWORDS.items()}
    )
    prepared = initialise(environment)
    assert prepared.returncode == 0, prepared.stderr
    serve = [str(PROGRAMS / "gunicorn"), "--no-control-socket", "--bind", address, "--workers", "1"]
    serve += ["--worker-class", "gthread", "--threads", "8", "superset.app:create_app()"]
    with (home / "superset.log").open("wb") as log:
        server = subprocess.Popen(serve, env=environment, stdout=log, stderr=log, cwd=home)
    # Each connection of the bundle puts its own login before it.
    uri = warehouse._replace(scheme="postgresql+psycopg2", netloc=f"{warehouse.hostname}:{warehouse.port}").geturl()
    try:
        yield RunningSuperset(f"http://{address}", password, environment, uri)
    finally:
        server.terminate()
        server.wait(60)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of a running Superset; `dashboards` are those that show it."""

    number: int
    title: str
    context: dict[str, Any]
    dashboards: tuple[int, ...]


def stored_charts(client: Superset) -> dict[str, Chart]:
    """The imported charts by file name, without suffix."""
    charts = {}
    for item in client.every("chart"):
        file = str(item["certification_details"]).removeprefix("charts/").removesuffix(".yaml")
        context = json.loads(client.get(f"chart/{item['id']}")["result"]["query_context"])
        dashboards = tuple(each["id"] for each in item["dashboards"])
        charts[file] = Chart(item["id"], item["slice_name"], context, dashboards)
    return charts

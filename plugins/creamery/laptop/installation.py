"""Where everything of this checkout's installation lies, and which ports it uses."""

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from creamery.errors import ConfigError
from creamery.laptop import postgres, secrets_store

ROOT = Path(__file__).resolve().parents[3]
PORT_SETTINGS = {
    "postgres": ("CREAMERY_PG_PORT", 54329),
    "airflow": ("CREAMERY_AIRFLOW_PORT", 8080),
    "superset": ("CREAMERY_SUPERSET_PORT", 8088),
}


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports on 127.0.0.1."""

    postgres: int
    airflow: int
    superset: int


@dataclass(frozen=True, slots=True)
class Installation:
    """`root`: the checkout, with the environments. `state`: everything else that is written."""

    root: Path
    state: Path
    ports: Ports
    secrets: secrets_store.Secrets

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def run(self) -> Path:
        return self.state / "run"

    @property
    def server(self) -> postgres.Server:
        return postgres.Server(
            home=postgres.server_home(self.state),
            port=self.ports.postgres,
            password=self.secrets.postgres,
            account=postgres.server_account(),
        )

    @property
    def exports(self) -> Path:
        """The folder that receives audience lists, in a folder per warehouse."""
        return self.state / "exports"

    def program(self, environment: str, name: str) -> Path:
        """An executable of one of the environments of bin/setup."""
        return self.root / ".creamery" / "envs" / environment / "bin" / name

    def record_ports(self) -> None:
        """Remember the ports, so that later commands need not be told."""
        _ports_file(self.state).write_text(json.dumps(asdict(self.ports)))

    def recorded_ports(self) -> Ports:
        """The ports of the last start."""
        return choose_ports({}, _read_ports(self.state))


def load() -> Installation:
    """The installation of this checkout (CREAMERY_STATE: its state folder, default .creamery).

    A port is what its variable says, else what the last start used, else the default.
    """
    state = Path(os.environ.get("CREAMERY_STATE") or ROOT / ".creamery").resolve()
    # Logs and lists name customers: nobody else on the machine may read them.
    for folder in ("logs", "run", "exports"):
        (state / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    return Installation(
        root=ROOT,
        state=state,
        ports=choose_ports(os.environ, _read_ports(state)),
        secrets=secrets_store.load(state / "secrets.json"),
    )


def choose_ports(environment: Mapping[str, str], recorded: Mapping[str, int]) -> Ports:
    """Raises ConfigError for a setting that is no port, and for one port given to two services."""
    ports = {
        service: _parse_port(variable, environment.get(variable) or recorded.get(service, default))
        for service, (variable, default) in PORT_SETTINGS.items()
    }
    if len(set(ports.values())) < len(ports):
        described = ", ".join(f"{PORT_SETTINGS[service][0]}={port}" for service, port in ports.items())
        raise ConfigError(f"Two services share a port: {described}. Give each its own.")
    return Ports(**ports)


def _parse_port(variable: str, value: str | int) -> int:
    try:
        port = int(value)
    except ValueError:
        port = 0
    if not 0 < port < 65536:
        raise ConfigError(f"{variable}={value} is not a port. Set it to a number from 1 to 65535.")
    return port


def require_free_port(service: str, port: int) -> None:
    """Raises ConfigError that names the port and its setting if something listens on it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            variable, _ = PORT_SETTINGS[service]
            raise ConfigError(
                f"Port {port} for {service} cannot be used ({error.strerror}). "
                f"Free it, or choose another: {variable}=<port>."
            ) from error


def any_free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _read_ports(state: Path) -> dict[str, int]:
    file = _ports_file(state)
    return json.loads(file.read_text()) if file.exists() else {}


def _ports_file(state: Path) -> Path:
    return state / "run" / "ports.json"

"""A short-lived Airflow of its own, and the removal of what killed ones left behind.

The folder of each carries a lock that its driver holds. By that the next one recognises a dead driver, ends
its processes (by their mark) and removes its metadata database and its folder.
"""

import fcntl
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from creamery.errors import RunError
from creamery.laptop import airflow_metadata, databases, environment, leftovers, tools
from creamery.laptop.airflow_api import NIGHT, AirflowApi, wait_until_ready
from creamery.laptop.environment import AirflowInstance
from creamery.laptop.installation import Installation, any_free_port

_COMPONENTS = (["api-server"], ["scheduler", "--skip-serve-logs"], ["dag-processor"])
_METADATA_PREFIX = "airflow_night_"
_KEPT_LOGS = 20
_DRIVER_SECONDS = 30.0
_PATIENCE = 5.0  # seconds between SIGTERM and SIGKILL: its metadata are thrown away anyway


@dataclass(frozen=True, slots=True)
class Night:
    """The short-lived Airflow: api-server, scheduler and dag-processor as children of this process."""

    installation: Installation
    instance: AirflowInstance
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self) -> AirflowApi:
        """Returns when it knows the night's DAGs."""
        airflow_metadata.prepare(self.installation, self.instance)
        self.instance.logs.mkdir(mode=0o700, parents=True, exist_ok=True)  # a first migration logs there as well
        for component in _COMPONENTS:
            self.children[component[0]] = self._spawn(component)
        api = AirflowApi(self.instance.url, self.installation.secrets.airflow_admin)
        wait_until_ready(api, NIGHT, self.check)
        return api

    def _spawn(self, component: list[str]) -> subprocess.Popen[bytes]:
        variables = {
            **environment.inherited(),
            **environment.airflow(self.installation, self.instance),
            **leftovers.variables(str(self.instance.home)),
        }
        with (self.instance.logs / f"{component[0]}.log").open("ab") as log:
            return subprocess.Popen(
                [str(self.installation.program("airflow", "airflow")), *component],
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the driver, which then ends them in order
            )

    def check(self) -> None:
        """Raises RunError if one of the processes has ended."""
        for name, child in self.children.items():
            if child.poll() is not None:
                log = self.instance.logs / f"{name}.log"
                raise RunError(f"Airflow's {name} ended with exit code {child.returncode}:\n{tools.tail(log)}")


@contextmanager
def own_airflow(installation: Installation, warehouse: str, connections: Mapping[str, str]) -> Iterator[Night]:
    """A night's Airflow, not started yet; whatever happens in the block, nothing of it stays but its logs."""
    home = _nights(installation) / f"{warehouse}_{uuid.uuid4().hex[:8]}"
    instance = AirflowInstance(
        home=home,
        logs=installation.logs / "nightly" / home.name,
        port=any_free_port(),
        metadata=_METADATA_PREFIX + home.name,
        connections=connections,
        has_schedules=False,
    )
    with _claim(installation, home), _interruptible():
        try:
            yield Night(installation, instance)
        finally:
            _remove(installation, home)


@contextmanager
def _claim(installation: Installation, home: Path) -> Iterator[None]:
    """Remove the nights whose driver is dead, then create ours and hold its lock."""
    with _in_turn(installation):
        _remove_dead(installation)
        home.mkdir(mode=0o700)
        lock = (home / "driver.lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    with lock:
        yield


@contextmanager
def _in_turn(installation: Installation) -> Iterator[None]:
    with (installation.run / "nights.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _nights(installation: Installation) -> Path:
    folder = installation.run / "nights"
    folder.mkdir(exist_ok=True)
    return folder


def _remove_dead(installation: Installation) -> None:
    for night in _nights(installation).iterdir():
        _remove_if_dead(installation, night)
    _forget_old_logs(installation.logs / "nightly")


def _remove_if_dead(installation: Installation, home: Path) -> None:
    with (home / "driver.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # another nightly at work
        print(f"removing what the killed nightly {home.name} left behind", flush=True)
        _remove(installation, home)


def _remove(installation: Installation, home: Path) -> None:
    leftovers.terminate(str(home), _PATIENCE)
    with suppress(psycopg.OperationalError):  # the server is down: the next nightly removes the rest
        databases.drop(installation, _METADATA_PREFIX + home.name)
        shutil.rmtree(home, ignore_errors=True)


def stop_all(installation: Installation) -> None:
    """End the processes of every night; a driver that lives notices, reports and tidies up."""
    with _in_turn(installation):
        for night in list(_nights(installation).iterdir()):
            leftovers.terminate(str(night), _PATIENCE)
            _wait_for_driver(night)


def _wait_for_driver(home: Path) -> None:
    deadline = time.monotonic() + _DRIVER_SECONDS
    with suppress(FileNotFoundError), (home / "driver.lock").open("a") as lock:
        while time.monotonic() < deadline:
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(0.2)


def _forget_old_logs(folder: Path) -> None:
    if folder.exists():
        newest_first = sorted(folder.iterdir(), key=lambda log: log.stat().st_mtime, reverse=True)
        for log in newest_first[_KEPT_LOGS:]:
            shutil.rmtree(log)


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends a night like Ctrl-C does: with everything tidied up."""
    numbers = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, _interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_signal: int, _frame: object) -> None:
    # Only once: a second signal (make passes on what it gets itself) must not break off the tidying up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt

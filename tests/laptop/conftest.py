"""An installation in a temporary folder with its own embedded server, as the commands see it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from creamery.laptop import secrets_store
from creamery.laptop.installation import ROOT, Installation, Ports, any_free_port


def make_installation(state: Path) -> Installation:
    ports = Ports(*distinct_ports(3))
    installation = Installation(ROOT, state, ports, secrets_store.load(state / "secrets.json"))
    for folder in (installation.run, installation.logs):
        folder.mkdir(exist_ok=True)
    return installation


def distinct_ports(count: int) -> list[int]:
    """Free ports; asked one by one, the system may give the same one twice."""
    found: set[int] = set()
    while len(found) < count:
        found.add(any_free_port())
    return sorted(found)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """Nothing runs in it."""
    return make_installation(tmp_path)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Its embedded server runs."""
    served = make_installation(tmp_path_factory.mktemp("laptop"))
    served.server.prepare()
    process = served.server.start_child(served.logs / "postgres.log")
    yield served
    process.send_signal(signal.SIGINT)
    process.wait(30)
    served.server.remove()

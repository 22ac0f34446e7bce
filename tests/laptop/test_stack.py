"""supervisord and the database server under it: started once, survived, stopped without a trace."""

import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from creamery.errors import ConfigError
from creamery.laptop import stack
from creamery.laptop.installation import Installation
from creamery.laptop.processes import Supervisor


@pytest.fixture
def started(installation: Installation) -> Iterator[Installation]:
    stack.start_postgres(installation)
    yield installation
    stack.stop(installation)
    installation.server.remove()


def _server_started_at(installation: Installation) -> object:
    with psycopg.connect(installation.server.dsn()) as connection:
        return connection.execute("select pg_postmaster_start_time()").fetchone()


def test_a_second_start_changes_nothing(started: Installation) -> None:
    before = _server_started_at(started)
    stack.start_postgres(started)
    assert _server_started_at(started) == before


def test_a_stopped_installation_leaves_no_process_and_no_port(started: Installation) -> None:
    stack.stop(started)
    assert set(Supervisor(started).states().values()) == {"STOPPED"}
    assert not started.server.is_answering()
    stack.require_ports(started, ["postgres", "airflow", "superset"])


def test_what_a_killed_supervisord_leaves_behind_is_taken_over(started: Installation) -> None:
    os.kill(int((started.run / "supervisord.pid").read_text()), signal.SIGKILL)
    stack.start_postgres(started)
    assert Supervisor(started).states()["postgres"] in ("STARTING", "RUNNING")


def test_running_with_other_ports_is_refused_with_the_way_out(started: Installation) -> None:
    other = replace(started, ports=replace(started.ports, airflow=1))
    with pytest.raises(ConfigError, match="make down"):
        stack.start_postgres(other)


def test_a_taken_port_is_told_before_anything_starts(installation: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installation.ports.postgres))
        taken.listen()
        with pytest.raises(ConfigError, match="CREAMERY_PG_PORT"):
            stack.start_postgres(installation)
    assert not installation.server.home.exists()

"""Ports: where they come from, and what is said when they cannot be used."""

import socket

import pytest

from creamery.errors import ConfigError
from creamery.laptop.installation import Installation, Ports, choose_ports, require_free_port


def test_a_port_is_the_variables_else_the_last_ones_else_the_default() -> None:
    recorded = {"postgres": 5001, "airflow": 5002}
    ports = choose_ports({"CREAMERY_AIRFLOW_PORT": "6002"}, recorded)
    assert ports == Ports(postgres=5001, airflow=6002, superset=8088)


@pytest.mark.parametrize("value", ["eighty", "0", "70000", "-1"])
def test_what_is_no_port_is_refused_by_name(value: str) -> None:
    with pytest.raises(ConfigError, match=f"CREAMERY_PG_PORT={value} is not a port"):
        choose_ports({"CREAMERY_PG_PORT": value}, {})


def test_two_services_cannot_share_a_port() -> None:
    with pytest.raises(ConfigError, match="share a port"):
        choose_ports({"CREAMERY_PG_PORT": "8080"}, {})


def test_a_taken_port_is_named_with_its_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"Port {port} for superset.*CREAMERY_SUPERSET_PORT"):
            require_free_port("superset", port)
    require_free_port("superset", port)


def test_the_last_start_is_remembered(installation: Installation) -> None:
    installation.record_ports()
    assert installation.recorded_ports() == installation.ports

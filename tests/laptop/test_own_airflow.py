"""What a killed nightly left behind goes; what a living one uses stays."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from creamery.errors import RunError
from creamery.laptop import databases, leftovers, own_airflow
from creamery.laptop.installation import Installation


def _leave_behind(served: Installation, name: str) -> tuple[Path, subprocess.Popen[bytes]]:
    home = served.run / "nights" / name
    home.mkdir(parents=True)
    databases.ensure(served, f"airflow_night_{name}", "airflow", served.secrets.airflow)
    variables = {**os.environ, **leftovers.variables(str(home))}
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], env=variables)
    return home, process


def test_a_dead_nights_processes_database_and_folder_are_removed(served: Installation) -> None:
    home, process = _leave_behind(served, "dead")
    with own_airflow.own_airflow(served, "demo", {}):
        assert process.wait(10) != 0
        assert not home.exists()
        assert not databases.exists(served, "airflow_night_dead")


def test_a_living_night_is_left_alone(served: Installation) -> None:
    home, process = _leave_behind(served, "alive")
    with (home / "driver.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with own_airflow.own_airflow(served, "demo", {}):
            assert process.poll() is None
            assert databases.exists(served, "airflow_night_alive")
    own_airflow.stop_all(served)
    assert process.wait(10) != 0


def test_nothing_of_a_night_stays_when_it_fails(served: Installation) -> None:
    def fail() -> None:
        with own_airflow.own_airflow(served, "demo", {}) as night:
            homes.append(night.instance.home)
            assert homes[0].is_dir()
            raise RunError("the night failed")

    homes: list[Path] = []
    with pytest.raises(RunError):
        fail()
    assert not homes[0].exists()

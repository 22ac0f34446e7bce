"""The embedded server: who runs it, where it lies, what outlives what."""

import os
import pwd
import signal
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from creamery.errors import ConfigError
from creamery.laptop import postgres
from creamery.laptop.installation import Installation

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root must change the account")


def test_it_wants_a_password_and_listens_here_only(served: Installation) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(served.server.dsn(password="wrong"))
    with psycopg.connect(served.server.dsn()) as connection:
        row = connection.execute("show listen_addresses").fetchone()
    assert row == ("127.0.0.1",)


def test_a_second_preparation_keeps_the_data(served: Installation) -> None:
    identity = (served.server.data / "global" / "pg_control").read_bytes()[:8]
    served.server.prepare()
    assert (served.server.data / "global" / "pg_control").read_bytes()[:8] == identity


def test_a_server_that_outlived_its_parent_is_stopped(installation: Installation, tmp_path: Path) -> None:
    server = installation.server
    server.prepare()
    process = server.start_child(tmp_path / "log")
    try:
        server.stop_leftover()
        assert process.wait(30) == 0
        assert not server.is_answering()
    finally:
        process.kill()
        server.remove()


def test_a_server_that_does_not_start_says_where_to_look(served: Installation, tmp_path: Path) -> None:
    second = replace(served.server, home=postgres.server_home(tmp_path))  # on the port that is taken
    second = replace(second, password="another")
    second.prepare()
    with pytest.raises(ConfigError, match=f"does not answer on port {second.port}"):
        second.start_child(tmp_path / "log")
    second.remove()


@needs_root
def test_as_root_it_runs_as_nobody_though_only_root_may_enter_the_checkout(
    installation: Installation, tmp_path: Path
) -> None:
    private = tmp_path / "only root"
    private.mkdir(mode=0o700)
    server = replace(installation, state=private).server
    server.prepare()
    process = server.start_child(private / "log")
    try:
        assert psutil.Process(process.pid).username() == "nobody"
        assert server.data.owner() == "nobody"
        assert server.data.stat().st_mode & 0o077 == 0
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        server.remove()
    assert not server.home.exists()


@needs_root
def test_the_account_must_exist_and_be_unprivileged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREAMERY_PG_USER", "no_such_account")
    with pytest.raises(ConfigError, match=r"no account no_such_account.*CREAMERY_PG_USER"):
        postgres.server_account()
    monkeypatch.setenv("CREAMERY_PG_USER", pwd.getpwuid(0).pw_name)
    with pytest.raises(ConfigError, match="unprivileged"):
        postgres.server_account()

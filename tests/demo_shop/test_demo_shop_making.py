"""Making the demonstration shop: the same from the same seed, all or nothing, never over something else."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from creamery.demo_shop import shop
from creamery.demo_shop.schema import create_schema
from creamery.demo_shop.shop import create_shop
from creamery.errors import ConfigError

AS_OF = dt.date(2026, 11, 19)
PLUGINS = Path(__file__).resolve().parents[2] / "plugins"


def contents(dsn: str) -> dict[str, tuple[Any, ...]]:
    """Rows and a hash of them, whatever their order, for every table."""
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname in ('public', 'truth')"
        ).fetchall()
        query = sql.SQL("select count(*), sum(hashtextextended(line::text, 0)::numeric) from {} as line")
        return {
            name: connection.execute(query.format(sql.Identifier(schema, name))).fetchall()[0]
            for schema, name in tables
        }


def test_the_same_seed_gives_the_same_shop(new_database: Callable[[str], str]) -> None:
    first, second = new_database("demo_shop"), new_database("demo_shop")
    summary = create_shop(first, customers=120, as_of=AS_OF, seed=3)
    assert create_shop(second, customers=120, as_of=AS_OF, seed=3) == summary
    hashes = contents(first)
    assert contents(second) == hashes
    # Asking again changes nothing.
    assert create_shop(first, customers=120, as_of=AS_OF, seed=3) == summary
    assert contents(first) == hashes


def test_another_seed_gives_another_shop(new_database: Callable[[str], str]) -> None:
    first, second = new_database("demo_shop"), new_database("demo_shop")
    create_shop(first, customers=60, as_of=AS_OF, seed=1)
    create_shop(second, customers=60, as_of=AS_OF, seed=2)
    ours, theirs = contents(first), contents(second)
    for table in (
        "sale_order",
        "sale_order_line",
        "res_partner",
        "pos_order",
        "mailing_trace",
        "ir_config_parameter",
    ):
        assert ours[table] != theirs[table]


def test_other_parameters_are_refused(new_database: Callable[[str], str]) -> None:
    dsn = new_database("demo_shop")
    create_shop(dsn, customers=10, as_of=AS_OF)
    with pytest.raises(ConfigError, match=r"made with .* 10, 2026-11-19, 2, 1\. Drop the database"):
        create_shop(dsn, customers=11, as_of=AS_OF)


def test_a_database_with_something_else_is_refused(new_database: Callable[[str], str]) -> None:
    dsn = new_database("demo_shop")
    with psycopg.connect(dsn) as connection:
        create_schema(connection)
    with pytest.raises(ConfigError, match="empty database"):
        create_shop(dsn, customers=10, as_of=AS_OF)


def test_a_missing_database_is_a_clear_error(admin_dsn: str) -> None:
    dsn = f"{admin_dsn.rpartition('/')[0]}/no_such_database"
    with pytest.raises(ConfigError, match="cannot be opened"):
        create_shop(dsn, as_of=AS_OF)


@pytest.mark.parametrize("wrong", [{"customers": -1}, {"years": 0}, {"seed": -1}])
def test_parameters_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="give a number"):
        create_shop("postgresql:///never_opened", as_of=AS_OF, **wrong)


@pytest.mark.parametrize("customers", [0, 1])
def test_the_smallest_shops(new_database: Callable[[str], str], customers: int) -> None:
    summary = create_shop(new_database("demo_shop"), customers=customers, as_of=AS_OF, years=1)
    assert summary.customers == customers
    assert summary.first_day == dt.date(2025, 11, 20)
    assert (summary.net_revenue > 0) == (customers > 0)


def test_a_failure_leaves_nothing(new_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    dsn = new_database("demo_shop")

    def fail(connection: psycopg.Connection) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(shop, "create_indexes", fail)
        with pytest.raises(RuntimeError):
            create_shop(dsn, customers=10, as_of=AS_OF)
    assert contents(dsn) == {}


def test_a_killed_run_leaves_nothing_and_can_be_repeated(new_database: Callable[[str], str]) -> None:
    dsn = new_database("demo_shop")
    maker = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "creamery.demo_shop",
            "--dsn",
            dsn,
            "--customers",
            "1500",
            "--as-of",
            str(AS_OF),
        ],
        env={**os.environ, "PYTHONPATH": str(PLUGINS)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with psycopg.connect(dsn, autocommit=True) as watcher:
        wait_until(lambda: has_session(watcher, "query like '-- Orders, quotations and web carts%%'"))
        maker.send_signal(signal.SIGKILL)
        maker.wait()
        wait_until(lambda: not has_session(watcher, "true"))
    assert contents(dsn) == {}
    assert create_shop(dsn, customers=20, as_of=AS_OF).customers == 20


def has_session(watcher: psycopg.Connection, condition: str) -> bool:
    """Whether the maker's session, as pg_stat_activity shows it, meets an SQL condition."""
    row = watcher.execute(
        "select count(*) from pg_stat_activity where datname = current_database()"
        f" and application_name = 'creamery demo shop' and {condition}"
    ).fetchone()
    return row != (0,)


def wait_until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_two_makers_at_once_make_one_shop(new_database: Callable[[str], str]) -> None:
    dsn = new_database("demo_shop")
    with ThreadPoolExecutor(2) as makers:
        first, second = makers.map(lambda _: create_shop(dsn, customers=30, as_of=AS_OF), range(2))
    assert first == second


def test_the_command_prints_what_it_made(new_database: Callable[[str], str]) -> None:
    command = [
        sys.executable, "-m", "creamery.demo_shop", "--dsn", new_database("demo_shop"), "--customers", "10",
        "--as-of", str(AS_OF),
    ]  # fmt: skip
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(PLUGINS)}, capture_output=True, text=True, check=True
    )
    assert "customers  10" in done.stdout
    refused = subprocess.run(
        [*command, "--seed", "2"],
        env={**os.environ, "PYTHONPATH": str(PLUGINS)},
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1
    assert "Drop the database" in refused.stderr

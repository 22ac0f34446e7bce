"""Importing again, meanwhile, and after being killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.demo_shop.importing import HEADER, PLUGINS, Shop


def test_a_newer_file_of_the_shop_keeps_ids_and_identity(shop: Shop) -> None:
    shop.load(
        f"{HEADER},country\n1,2024-01-01,7,milk,1,2,UK\n2,2024-01-02,8,cheese,1,2,UK\nC3,2024-01-03,8,cheese,-1,2,UK\n"
    )
    first = shop.content()
    shop.load(
        f"{HEADER},country\n9,2023-12-31,6,bread,1,1,France\n2,2024-01-02,8,cheese,1,2,UK\n2,2024-01-02,8,milk,2,2,UK\n"
        "C3,2024-01-03,8,cheese,-1,2,UK\n"
    )
    query = "select name, id from sale_order union all select ref, id from res_partner where ref is not null"
    assert dict(shop.rows(query)) == {"9": 3, "2": 2, "6": 7, "8": 6}
    assert shop.rows("select order_id, id, name from sale_order_line order by 1, 2") == [
        (2, 2, "cheese"),
        (2, 4, "milk"),
        (3, 3, "bread"),
    ]
    assert [row for row in shop.content() if row[0] == "setting"] == [row for row in first if row[0] == "setting"]
    shop.load(
        f"{HEADER},country\n1,2024-01-01,7,milk,1,2,UK\n2,2024-01-02,8,cheese,1,2,UK\nC3,2024-01-03,8,cheese,-1,2,UK\n"
    )
    assert len(shop.content()) == len(first)


def test_the_same_file_twice_is_the_same_database(shop: Shop) -> None:
    text = f"{HEADER}\n1,2024-01-01,7,milk,1,2\nC2,2024-01-02,7,milk,-1,2\n3,2024-01-02,,milk,1,2\n"
    shop.load(text)
    first = shop.content()
    shop.load(text)
    assert shop.content() == first


def test_an_extraction_under_way_sees_the_earlier_content(shop: Shop) -> None:
    shop.load("order,date,customer,price\n1,2024-01-01,7,1\n")
    with psycopg.connect(shop.dsn) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("select count(*) from res_company")  # the snapshot is taken here
        shop.load("order,date,customer,price\n2,2024-01-02,7,1\n3,2024-01-02,7,1\n")
        assert reader.execute("select name from sale_order").fetchall() == [("1",)]
    assert shop.rows("select name from sale_order order by 1") == [("2",), ("3",)]


@pytest.fixture
def big_file(shop: Shop) -> Path:
    rows = "\n".join(f"{n // 3},2024-01-{n % 28 + 1:02},{n // 3 % 500},{n % 90},1,2" for n in range(60_000))
    return shop.write(f"{HEADER.replace('order_id', 'order')}\n{rows}\n", "big.csv")


_RUNNING = (
    "select query from pg_stat_activity where application_name = 'creamery import' and datname = current_database()"
)


@pytest.mark.parametrize(
    "phase", ["copy import_line", "create temporary table import_sorted", "insert into sale_order_line"]
)
def test_a_killed_import_leaves_what_was_there(shop: Shop, big_file: Path, phase: str) -> None:
    shop.load(f"{HEADER}\n1,2024-01-01,7,milk,1,2\n")
    before = shop.content()
    command = [
        sys.executable,
        "-m",
        "creamery.demo_shop.importer",
        str(big_file),
        "--dsn",
        shop.dsn,
        "--name",
        "test",
    ]
    paths = os.pathsep.join([str(PLUGINS), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(command, cwd=shop.folder, env={**os.environ, "PYTHONPATH": paths})
    try:
        _wait_for(shop, phase, process)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert shop.content() == before
    for _ in _ticks():
        if not _running(shop):
            break
    assert shop.load(f"{HEADER}\n1,2024-01-01,7,milk,1,2\n").lines_imported == 1


def _wait_for(shop: Shop, phase: str, process: subprocess.Popen[bytes]) -> None:
    # Asks without a pause: some phases are over in a few hundredths of a second.
    with psycopg.connect(shop.dsn, autocommit=True) as watcher:
        while process.poll() is None:
            if any(phase in query for (query,) in watcher.execute(_RUNNING).fetchall()):
                return
    pytest.fail(f"the import ended before it could be killed in {phase}")


def _running(shop: Shop) -> list[str]:
    return [row[0] for row in shop.rows(_RUNNING)]


def _ticks() -> Iterator[int]:
    for tick in range(3000):
        yield tick
        time.sleep(0.005)

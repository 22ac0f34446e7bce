"""Nights end to end: a real scheduler, every DAG by its asset, into an embedded warehouse, from nothing to a list."""

import csv
import datetime as dt
from pathlib import Path

import psycopg
import pytest

from creamery.demo_shop.shop import create_shop
from creamery.errors import RunError
from creamery.laptop import nightly, sources
from creamery.laptop.installation import Installation

AS_OF = dt.date(2026, 11, 19)


@pytest.fixture(scope="module")
def shop(served: Installation) -> str:
    with sources.build(served, "small", {"as_of": AS_OF.isoformat(), "customers": 400}) as dsn:
        create_shop(dsn, customers=400, as_of=AS_OF)
    return "small"


def test_a_night_through_airflow(
    served: Installation, shop: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("creamery.laptop.stack.start_postgres", lambda installation: None)  # it runs already
    nightly.run(served, AS_OF, shop)
    said = capsys.readouterr().out
    tasks = ("copy_tables", "build_star", "publish", "export_lists")
    assert all(any(task in line and "success" in line for line in said.splitlines()) for task in tasks)
    assert "DIFFERS" not in said
    assert said.count("agrees") >= 3

    with psycopg.connect(served.server.dsn("warehouse_small")) as warehouse:
        published = warehouse.execute("select as_of_date, generation from ops.publication").fetchone()
        path, rows = warehouse.execute("select file_path, row_count from ops.exported_list").fetchone() or ("", 0)
        layers = warehouse.execute("select distinct layer from ops.dbt_result").fetchall()
    assert published == (AS_OF, 1)
    assert {layer for (layer,) in layers} == {"staging", "star", "marts", "reporting", "audiences"}
    with Path(path).open(newline="") as file:
        assert len(list(csv.DictReader(file))) == rows > 0


def test_a_failed_night_says_why_and_keeps_the_published_day(
    served: Installation, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("creamery.laptop.stack.start_postgres", lambda installation: None)
    with psycopg.connect(served.server.dsn("odoo_small")) as source:
        source.execute("alter table sale_order rename column date_order to when_ordered")
    with pytest.raises(RunError, match=r"ContractError: Odoo database odoo_small lacks column sale_order\.date_order"):
        nightly.run(served, AS_OF + dt.timedelta(days=1), shop)
    with psycopg.connect(served.server.dsn("warehouse_small")) as warehouse:
        assert warehouse.execute("select as_of_date from ops.publication").fetchone() == (AS_OF,)

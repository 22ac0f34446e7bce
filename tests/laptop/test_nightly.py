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
        path, rows = warehouse.execute(
            "select file_path, row_count from ops.exported_list where campaign = 'win_back_1'"
        ).fetchone() or ("", 0)
        layers = warehouse.execute("select distinct layer from ops.dbt_result").fetchall()
        champions = warehouse.execute("select task, model_name from reporting.vw_model_champion").fetchall()
    assert published == (AS_OF, 1)
    built = {"staging", "star", "features", "training", "marts", "reporting", "eligibility", "audiences"}
    assert {layer for (layer,) in layers} == built
    assert len(champions) == 4
    assert "untrained" not in {model for _, model in champions}
    with Path(path).open(newline="") as file:
        assert len(list(csv.DictReader(file))) == rows > 0


@pytest.mark.slow
def test_a_failed_night_says_why_and_keeps_the_published_day(
    served: Installation, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("creamery.laptop.stack.start_postgres", lambda installation: None)
    with psycopg.connect(served.server.dsn("odoo_small")) as source:
        source.execute("create table states as select id, state from sale_order")
        source.execute("update sale_order set state = 'draft'")
        source.execute("alter table pos_order rename to pos_orders")
    with pytest.raises(RunError, match=r"SourceError: Odoo database odoo_small has no confirmed order yet"):
        nightly.run(served, AS_OF + dt.timedelta(days=1), shop)
    with psycopg.connect(served.server.dsn("warehouse_small")) as warehouse:
        assert warehouse.execute("select as_of_date from ops.publication").fetchone() == (AS_OF,)
    with psycopg.connect(served.server.dsn("odoo_small")) as source:
        source.execute("update sale_order set state = states.state from states where sale_order.id = states.id")
        source.execute("alter table pos_orders rename to pos_order")


@pytest.mark.slow
def test_a_table_that_cannot_be_read_turns_the_run_red_but_not_the_night(
    served: Installation, shop: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("creamery.laptop.stack.start_postgres", lambda installation: None)
    with psycopg.connect(served.server.dsn("odoo_small")) as source:
        source.execute("alter table crm_lead rename column partner_id to x_partner_id")
    with pytest.raises(RunError, match=r"Table crm_lead is not read: column crm_lead\.partner_id does not exist"):
        nightly.run(served, AS_OF + dt.timedelta(days=1), shop)
    assert "STALE  crm_lead" in capsys.readouterr().out
    with psycopg.connect(served.server.dsn("warehouse_small")) as warehouse:
        published = warehouse.execute("select as_of_date from ops.publication").fetchone()
    assert published == (AS_OF + dt.timedelta(days=1),)

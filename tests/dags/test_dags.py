"""The DAGs as Airflow sees them, and the days that their events carry."""

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creamery.orchestration import assets

ROOT = Path(__file__).resolve().parents[2]
DAYS = st.lists(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), max_size=5)


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[str]]]:
    """What a DagBag in a process of its own finds: schedule and outlets of each DAG."""
    script = (
        "import json\n"
        "from airflow.dag_processing.dagbag import DagBag\n"
        f"bag = DagBag({str(ROOT / 'dags')!r})\n"
        "assert not bag.import_errors, bag.import_errors\n"
        "names = lambda found: sorted(asset.name for asset in found)\n"
        "print('RESULT' + json.dumps({dag.dag_id: {\n"
        "    'triggered_by': names(getattr(dag.timetable.asset_condition, 'objects', [])),\n"
        "    'outlets': names(o for task in dag.tasks for o in task.outlets),\n"
        "    'doc': [dag.doc_md or ''],\n"
        "} for dag in bag.dags.values()}))\n"
    )
    home = tmp_path_factory.mktemp("airflow")
    folders = {"AIRFLOW__CORE__DAGS_FOLDER": ROOT / "dags", "AIRFLOW__CORE__PLUGINS_FOLDER": ROOT / "plugins"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ
        | {name: str(folder) for name, folder in folders.items()}
        | {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "PYTHONPATH": str(ROOT / "plugins")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, dict[str, list[str]]] = json.loads(done.stdout.split("RESULT")[1])
    return result


def test_the_night_is_one_chain(listed: dict[str, dict[str, list[str]]]) -> None:
    chain = {dag: (found["triggered_by"], sorted(set(found["outlets"]))) for dag, found in listed.items()}
    assert chain == {
        "extract_odoo": ([], ["raw_odoo"]),
        "backfill_warehouse": ([], ["raw_odoo"]),
        "build_warehouse": (["raw_odoo"], ["published_warehouse"]),
        "build_audiences": (["published_warehouse"], ["exported_audiences"]),
        "publish_dashboards": (["published_warehouse"], []),
        "push_audiences": (["exported_audiences"], []),
        "push_addon_tables": (["exported_audiences"], []),
        "push_loyalty_awards": (["exported_audiences"], []),
        "push_loyalty_expiries": (["exported_audiences"], []),
        "train_models": ([], []),
        "push_carts": ([], []),
        "weekly_report": ([], []),
    }


def test_every_dag_says_what_to_do_when_it_is_red(listed: dict[str, dict[str, list[str]]]) -> None:
    assert all("**Red?**" in found["doc"][0] for found in listed.values())


def events(*lists: list[dt.date]) -> dict[str, list[SimpleNamespace]]:
    return {"asset": [SimpleNamespace(extra=assets.extra_for(days)) for days in lists]}


@given(st.lists(DAYS, max_size=4))
def test_days_of_all_events_come_once_and_oldest_first(lists: list[list[dt.date]]) -> None:
    assert assets.days_of(events(*lists), None) == sorted({day for days in lists for day in days})


@given(DAYS)
def test_a_day_asked_for_beats_the_events(days: list[dt.date]) -> None:
    assert assets.days_of(events(days), "2026-11-19") == [dt.date(2026, 11, 19)]


def test_an_event_without_days_is_no_day() -> None:
    assert assets.days_of({"asset": [SimpleNamespace(extra={})]}, None) == []

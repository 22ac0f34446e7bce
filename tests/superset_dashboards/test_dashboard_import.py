"""The importer: same ids every time, no leftovers, nobody else's objects touched, errors that help."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from bundle import read
from dashboard_layout import rows
from import_dashboards import KINDS, Report, import_dashboards
from running_superset import DASHBOARDS, RunningSuperset, initialise, stored_charts
from superset_client import ImportFailedError, Superset

pytestmark = pytest.mark.slow

COUNTS = {kind: len(getattr(read(), f"{kind}s")) for kind in ("database", "dataset", "chart", "dashboard")}
IMPORTER = [sys.executable, str(DASHBOARDS / "import_dashboards.py"), "--url"]


def everything(client: Superset) -> dict[str, str]:
    """Number and kind of every object, by uuid."""
    return {item["uuid"]: f"{kind} {item['id']}" for kind in KINDS for item in client.every(kind)}


@pytest.fixture
def folder(tmp_path: Path, client: Superset, superset: RunningSuperset) -> Any:
    """A copy of the files to change; the true ones are imported again afterwards."""
    copy = shutil.copytree(DASHBOARDS, tmp_path / "dashboards")
    yield copy
    import_dashboards(client, warehouse_uri=superset.warehouse_uri)


def edit(path: Path, **changes: Any) -> None:
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | changes))


def without_chart(folder: Path, name: str) -> None:
    """Delete a chart's file and its cell on Segmentation, the only dashboard that shows it."""
    (folder / "charts" / f"{name}.yaml").unlink()
    dashboard = folder / "dashboards" / "segmentation.yaml"
    spec = yaml.safe_load(dashboard.read_text())
    for row in rows(spec):
        row["cells"] = [cell for cell in row["cells"] if cell.get("chart") != name]
    for each in spec["filters"]:
        each["except"] = [chart for chart in each.get("except", []) if chart != name]
    edit(dashboard, **spec)


def run(client: Superset, superset: RunningSuperset, folder: Path) -> Report:
    return import_dashboards(client, folder, superset.warehouse_uri)


def test_importing_again_changes_no_id(client: Superset, superset: RunningSuperset) -> None:
    before = everything(client)
    report = import_dashboards(client, warehouse_uri=superset.warehouse_uri)
    assert everything(client) == before
    assert report.imported == COUNTS
    assert (report.pruned, report.kept) == ([], [])
    assert report.dashboards["Segmentation"] == f"{superset.url}/superset/dashboard/segmentation/"
    assert len(report.dashboards) == COUNTS["dashboard"]


def test_a_changed_file_changes_its_object(client: Superset, superset: RunningSuperset, folder: Path) -> None:
    edit(folder / "charts" / "customers.yaml", slice_name="Everybody")
    number = stored_charts(client)["customers"].number
    run(client, superset, folder)
    assert stored_charts(client)["customers"].title == "Everybody"
    assert stored_charts(client)["customers"].number == number


def test_what_left_the_files_leaves_superset(client: Superset, superset: RunningSuperset, folder: Path) -> None:
    without_chart(folder, "recency_frequency_heatmap")
    assert run(client, superset, folder).pruned == ["charts/recency_frequency_heatmap.yaml"]
    assert "recency_frequency_heatmap" not in stored_charts(client)


def test_peoples_own_objects_stay(client: Superset, superset: RunningSuperset, folder: Path) -> None:
    """A copy of our chart keeps our certification but is theirs, and so it keeps the dataset it stands on."""
    datasets = {item["table_name"]: item["id"] for item in client.every("dataset")}
    theirs = {
        "slice_name": "My own copy",
        "viz_type": "table",
        "datasource_id": datasets["vw_customer_rfm"],
        "datasource_type": "table",
        "certified_by": "Creamery",
        "certification_details": "charts/customers_by_code.yaml",
    }
    number = client.ask("POST", "chart/", "creating a chart", json=theirs).json()["id"]
    without_chart(folder, "customers_by_code")
    (folder / "datasets" / "creamery" / "vw_customer_rfm.yaml").unlink()

    report = run(client, superset, folder)

    assert report.pruned == ["charts/customers_by_code.yaml"]
    assert report.kept == ["datasets/creamery/vw_customer_rfm.yaml"]
    assert client.get(f"chart/{number}")["result"]["slice_name"] == "My own copy"
    client.delete("chart", number)
    assert run(client, superset, folder).pruned == ["datasets/creamery/vw_customer_rfm.yaml"]


def test_superset_says_what_is_wrong_with_a_file(client: Superset, superset: RunningSuperset, folder: Path) -> None:
    edit(folder / "charts" / "customers.yaml", cache_timeout="for ever")
    with pytest.raises(ImportFailedError, match=r"(?s)422.*charts/customers\.yaml.*cache_timeout"):
        run(client, superset, folder)


def test_the_command_needs_nothing_but_its_environment(client: Superset, superset: RunningSuperset) -> None:
    environment = os.environ | {
        "SUPERSET_USER": superset.user,
        "SUPERSET_PASSWORD": superset.password,
        "SUPERSET_WAREHOUSE_URI": superset.warehouse_uri,
    }
    done = subprocess.run([*IMPORTER, superset.url], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{COUNTS['dataset']} datasets, {COUNTS['chart']} charts, {COUNTS['dashboard']} dashboard" in done.stdout
    assert f"Segmentation: {superset.url}/superset/dashboard/segmentation/" in done.stdout


def test_a_wrong_password_is_said_plainly(superset: RunningSuperset) -> None:
    with pytest.raises(ImportFailedError, match="check SUPERSET_USER and SUPERSET_PASSWORD"):
        Superset(superset.url, superset.user, "wrong")


def test_no_superset_there_is_said_plainly() -> None:
    with pytest.raises(ImportFailedError, match=r"No Superset at http://127\.0\.0\.1:9 within 0 s"):
        Superset("http://127.0.0.1:9", "admin", "x", patience=0)


def test_missing_credentials_are_said_plainly() -> None:
    done = subprocess.run(
        [*IMPORTER, "http://127.0.0.1:9"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "SUPERSET_USER and SUPERSET_PASSWORD" in done.stderr


def test_initialising_again_takes_no_time(superset: RunningSuperset) -> None:
    started = time.perf_counter()
    again = initialise(superset.environment)
    assert again.returncode == 0
    assert "is ready" in again.stdout
    assert time.perf_counter() - started < 2


def test_a_short_administrator_password_is_refused(superset: RunningSuperset) -> None:
    refused = initialise(superset.environment | {"SUPERSET_ADMIN_PASSWORD": "admin"})
    assert refused.returncode == 1
    assert "at least 12 characters" in refused.stderr

"""The named rows of dbt_project/models/**/_unit_tests.yml, run by dbt against a real database."""

import os
import subprocess
from pathlib import Path

import yaml

from creamery.orchestration import dbt
from creamery.settings import DBT_PROJECT_FOLDER
from tests.shops import AS_OF, Built


def test_every_unit_test_of_the_models_passes(built: Built, tmp_path: Path) -> None:
    folders = ["--project-dir", DBT_PROJECT_FOLDER, "--profiles-dir", DBT_PROJECT_FOLDER]
    options = ["--target-path", tmp_path, "--log-path", tmp_path, "--vars", f'{{"as_of_date": "{AS_OF}"}}']
    finished = subprocess.run(
        [os.environ["CREAMERY_DBT"], "--no-use-colors", "test", "--select", "test_type:unit", *folders, *options],
        env=os.environ | dbt.environment(built.warehouse, "creamery unit tests"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    written = [
        test
        for file in (DBT_PROJECT_FOLDER / "models").rglob("_unit_tests*.yml")
        for test in yaml.safe_load(file.read_text())["unit_tests"]
    ]
    assert f"PASS={len(written)} " in finished.stdout, finished.stdout

"""The dbt manifest, which the policy tests read."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What dbt knows of its project, without a database."""
    target = tmp_path_factory.mktemp("target")
    dbt = ROOT / ".creamery" / "envs" / "dbt" / "bin" / "dbt"
    nothing = {
        "CREAMERY_DW_HOST": "-", "CREAMERY_DW_PORT": "1", "CREAMERY_DW_USER": "-", "CREAMERY_DW_DATABASE": "-",
        "DBT_ENV_SECRET_DW_PASSWORD": "-",
    }  # fmt: skip
    subprocess.run(
        [dbt, "parse", "--project-dir", ROOT / "dbt_project", "--profiles-dir", ROOT / "dbt_project",
         "--target-path", target, "--log-path", target],
        env=os.environ | nothing, check=True, capture_output=True,
    )  # fmt: skip
    return json.loads((target / "manifest.json").read_text())

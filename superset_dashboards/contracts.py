"""What the warehouse promises of its views: the columns' types and descriptions, from dbt's model files."""

from pathlib import Path
from typing import Any

import yaml

Spec = dict[str, Any]

MODELS = Path(__file__).resolve().parents[1] / "dbt_project" / "models"
READABLE = ("reporting", "audiences")


def read_contracts(models: Path = MODELS) -> dict[str, Spec]:
    """The models that a dataset may stand on, by name: description, and columns by name in their order."""
    contracts = {}
    for layer in READABLE:
        for path in sorted((models / layer).rglob("_models.yml")):
            for model in yaml.safe_load(path.read_text())["models"]:
                columns = {column["name"]: column for column in model["columns"]}
                contracts[model["name"]] = {"description": model["description"].strip(), "columns": columns}
    return contracts

"""The dbt docs site as one HTML file: models, columns, tests, lineage and exposures, read without a server."""

import shutil
import tempfile
from pathlib import Path

from creamery.laptop import environment, tools
from creamery.laptop.installation import Installation


def page(installation: Installation) -> Path:
    """Where the file lies once it has been made."""
    return installation.state / "docs" / "index.html"


def is_current(installation: Installation) -> bool:
    """No file of the dbt project is newer."""
    made = page(installation)
    project = installation.root / "dbt_project"
    return made.exists() and made.stat().st_mtime >= max(file.stat().st_mtime for file in project.rglob("*"))


def generate(installation: Installation, warehouse: str) -> Path:
    """Make the file anew; types of columns are those of `warehouse`. Raises RunError if dbt fails."""
    variables = environment.dbt(installation, warehouse)
    with tempfile.TemporaryDirectory(prefix="creamery-dbt-") as target:
        command = [str(installation.program("dbt", "dbt")), "docs", "generate", "--static"]
        command += ["--target-path", target, "--log-path", target]
        tools.run_to_end(command, variables, installation.logs / "dbt-docs.log")
        page(installation).parent.mkdir(exist_ok=True)
        shutil.move(Path(target) / "static_index.html", page(installation))
    return page(installation)

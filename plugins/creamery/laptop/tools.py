"""Running the native tools: to their end with a log, or in place of this process."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from creamery.errors import ConfigError, RunError
from creamery.laptop import environment
from creamery.laptop.installation import Installation

_LINES_SHOWN = 15
# Tool -> environment of bin/setup that holds it.
_TOOLS = {"airflow": "airflow", "dbt": "dbt", "superset": "superset", "gunicorn": "superset"}


def run_to_end(command: Sequence[str], variables: Mapping[str, str], log: Path) -> None:
    """Run a command with its output in `log`. Raises RunError with the last lines if it fails."""
    with log.open("w") as output:
        outcome = subprocess.run(
            command,
            env={**environment.inherited(), **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if outcome.returncode != 0:
        raise RunError(f"{Path(command[0]).name} failed with exit code {outcome.returncode} ({log}):\n{tail(log)}")


def tail(log: Path) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-_LINES_SHOWN:])


def replace_process(installation: Installation, tool: str, arguments: Sequence[str]) -> None:
    """Become `tool`, with the environment of this installation. Raises ConfigError for an unknown tool."""
    if tool not in _TOOLS:
        raise ConfigError(f"There is no tool {tool}; there are: {', '.join(_TOOLS)}.")
    program = installation.program(_TOOLS[tool], tool)
    if not program.exists():
        raise ConfigError(f"{tool} is not installed in this checkout. Run bin/setup {_TOOLS[tool]}.")
    variables = {**os.environ, **_variables(installation, tool)}
    variables.pop("PYTHONPATH", None)  # ours, for this package; not the tool's
    if tool == "dbt":
        os.chdir(installation.root / "dbt_project")
    os.execve(program, [str(program), *arguments], variables)  # noqa: S606


def _variables(installation: Installation, tool: str) -> dict[str, str]:
    match tool:
        case "airflow":
            return environment.airflow(installation, environment.standing_airflow(installation))
        case "dbt":
            warehouse = os.environ.get("CREAMERY_WAREHOUSE") or environment.DEFAULT_WAREHOUSE
            return environment.dbt(installation, warehouse)
        case _:
            return environment.superset(installation)

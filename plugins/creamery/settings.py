"""Settings that Python and SQL share: the vars of dbt_project/dbt_project.yml, where each is explained."""

from dataclasses import dataclass
from pathlib import Path

import yaml

DEFAULT_TIME_ZONE = "Asia/Dhaka"
DBT_PROJECT_FOLDER = Path(__file__).resolve().parents[2] / "dbt_project"


@dataclass(frozen=True, slots=True)
class Settings:
    """Those vars that Python needs as well."""

    business_time_zone: str | None


def load() -> Settings:
    """Read the project file."""
    project = yaml.safe_load((DBT_PROJECT_FOLDER / "dbt_project.yml").read_text())
    return Settings(business_time_zone=project["vars"]["business_time_zone"] or None)

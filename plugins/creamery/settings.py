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
    extraction_streams: int
    write_date_overlap_hours: int
    follow_changes_from_rows: int
    max_shrink_percent: int
    raw_history_days: int | None
    daily_snapshot_days: int
    daily_snapshot_days_of_large_shops: int
    large_shop_customers: int
    exported_list_days: int | None
    companies: tuple[int, ...]
    marketing_lists: tuple[str, ...]
    assume_consent: bool
    global_control_percent: int
    churn_horizon_days: int
    discount_rate_percent: float
    least_repeat_customers: int


def load() -> Settings:
    """Read the project file."""
    given = yaml.safe_load((DBT_PROJECT_FOLDER / "dbt_project.yml").read_text())["vars"]
    return Settings(
        business_time_zone=given["business_time_zone"] or None,
        extraction_streams=given["extraction_streams"],
        write_date_overlap_hours=given["write_date_overlap_hours"],
        follow_changes_from_rows=given["follow_changes_from_rows"],
        max_shrink_percent=given["max_shrink_percent"],
        raw_history_days=given["raw_history_days"] or None,
        daily_snapshot_days=given["daily_snapshot_days"],
        daily_snapshot_days_of_large_shops=given["daily_snapshot_days_of_large_shops"],
        large_shop_customers=given["large_shop_customers"],
        exported_list_days=given["exported_list_days"] or None,
        companies=tuple(given["companies"]),
        marketing_lists=tuple(given["marketing_lists"]),
        assume_consent=given["assume_consent"],
        global_control_percent=given["global_control_percent"],
        churn_horizon_days=given["churn_horizon_days"],
        discount_rate_percent=given["discount_rate_percent"],
        least_repeat_customers=given["least_repeat_customers"],
    )

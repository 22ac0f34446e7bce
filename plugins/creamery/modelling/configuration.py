"""What a shop sets about its models, in the vars of dbt_project/dbt_project.yml."""

from creamery.errors import ConfigError
from creamery.scoring.churn.labels import LONGEST_HORIZON, SHORTEST_HORIZON, ChurnConfig
from creamery.scoring.clv.config import ClvConfig
from creamery.settings import Settings


def of_values(given: Settings) -> ClvConfig:
    """Raises ConfigError."""
    _require("discount_rate_percent", given.discount_rate_percent, 0, 100)
    _require("least_repeat_customers", given.least_repeat_customers, 1, 1_000_000)
    return ClvConfig(
        discount_rate=given.discount_rate_percent / 100, least_repeat_customers=given.least_repeat_customers
    )


def of_churn(given: Settings) -> ChurnConfig:
    """Raises ConfigError."""
    _require("churn_horizon_days", given.churn_horizon_days, SHORTEST_HORIZON, LONGEST_HORIZON)
    return ChurnConfig(horizon_days=given.churn_horizon_days)


def _require(name: str, value: float, least: int, most: int) -> None:
    if not least <= value <= most:
        raise ConfigError(f"{name} in dbt_project/dbt_project.yml must be {least} to {most}, not {value}. Correct it.")

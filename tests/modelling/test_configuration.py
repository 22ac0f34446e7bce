"""What a shop sets reaches its models."""

from dataclasses import replace

import pytest

from creamery import settings
from creamery.errors import ConfigError
from creamery.modelling import configuration
from creamery.settings import Settings

SHIPPED = settings.load()


def test_as_shipped_the_spec_holds() -> None:
    values = configuration.of_values(SHIPPED)
    assert (values.discount_rate, values.least_repeat_customers) == (0.1, 100)
    assert configuration.of_churn(SHIPPED).horizon_days == 90


def test_what_is_set_is_taken() -> None:
    values = configuration.of_values(replace(SHIPPED, discount_rate_percent=7.5, least_repeat_customers=40))
    assert (values.discount_rate, values.least_repeat_customers) == (0.075, 40)
    assert configuration.of_churn(replace(SHIPPED, churn_horizon_days=28)).horizon_days == 28


@pytest.mark.parametrize("days", [27, 91])
def test_a_horizon_without_evidence_is_refused(days: int) -> None:
    with pytest.raises(ConfigError, match=f"churn_horizon_days in dbt_project/.* must be 28 to 90, not {days}"):
        configuration.of_churn(replace(SHIPPED, churn_horizon_days=days))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("discount_rate_percent", replace(SHIPPED, discount_rate_percent=-1)),
        ("discount_rate_percent", replace(SHIPPED, discount_rate_percent=101)),
        ("least_repeat_customers", replace(SHIPPED, least_repeat_customers=0)),
    ],
)
def test_what_cannot_be_is_refused(name: str, given: Settings) -> None:
    with pytest.raises(ConfigError, match=f"{name} in dbt_project/dbt_project.yml"):
        configuration.of_values(given)

"""What the DAGs share."""

from datetime import timedelta

from airflow.sdk import Param

from creamery import settings

TIME_ZONE = settings.load().business_time_zone or settings.DEFAULT_TIME_ZONE

DAG_DEFAULTS = {
    "owner": "creamery",
    # A lost connection deserves another try; a failed test or a wrong password fails the same way again, quickly.
    "retries": 1,
    "retry_delay": timedelta(seconds=20),
}


def as_of_param(when_empty: str) -> Param:
    """The form field for the business day."""
    return Param(
        None,
        type=["null", "string"],
        format="date",
        title="As-of day",
        description=f"Business day (YYYY-MM-DD) to compute. Empty: {when_empty}.",
    )

"""What the DAGs share."""

import os
from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, Param

from creamery import settings


def clock(cron: str) -> CronTriggerTimetable | None:
    """A schedule in the company's zone; none where CREAMERY_SCHEDULES is off: a night that somebody started by hand
    must not be joined by the clock's."""
    if os.environ.get("CREAMERY_SCHEDULES") == "off":
        return None
    return CronTriggerTimetable(cron, timezone=settings.load().business_time_zone or settings.DEFAULT_TIME_ZONE)


def approval_patience() -> timedelta:
    """How long an approval waits for a person: a working day. In a night that somebody started by hand, as long as
    somebody sits there."""
    return timedelta(minutes=10) if os.environ.get("CREAMERY_SCHEDULES") == "off" else timedelta(hours=16)


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

"""What the size of a campaign can show: told in the night's log before the first message goes out."""

from dataclasses import dataclass
from datetime import date

import psycopg

from creamery.audiences.experiment_power import DetectableEffect, detectable_rate

# Enrolments so far, and how many of the shop's buyers order within the campaign's window anyway. Service messages and
# campaigns without a control group are not measured.
_ARMS = """
    select
        campaign.campaign_name,
        count(enrolment.enrolment_sk) filter (where enrolment.arm = 'treated'),
        count(enrolment.enrolment_sk) filter (where enrolment.arm <> 'treated'),
        (
            select coalesce(avg((rfm.days_since_last_order < campaign.conversion_window_days)::integer), 0)::float
            from marts.fact_customer_rfm as rfm
            where rfm.as_of_date = %(as_of_date)s and rfm.generation_from <= %(generation)s
            and (rfm.generation_to is null or rfm.generation_to > %(generation)s)
        )
    from campaigns.campaign as campaign
    inner join campaigns.enrolment as enrolment on campaign.campaign_name = enrolment.campaign_name
    where not campaign.is_service and campaign.control_percent > 0 and campaign.removed_date is null
    group by campaign.campaign_name, campaign.conversion_window_days
    order by campaign.campaign_name
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """A campaign's arms so far, and the smallest rise of the share who order within its window that they can show."""

    campaign_name: str
    treated_count: int
    control_count: int
    effect: DetectableEffect

    def __str__(self) -> str:
        arms = f"{self.treated_count} to be written to, {self.control_count} in control"
        return f"{self.campaign_name}: {arms}: {self.effect}"


def reaches(connection: psycopg.Connection, as_of_date: date, generation: int) -> list[Reach]:
    """Of every campaign that is measured and has enrolled somebody."""
    rows = connection.execute(_ARMS.encode(), {"as_of_date": as_of_date, "generation": generation}).fetchall()
    return [
        Reach(name, treated, control, detectable_rate(base_rate, treated, control))
        for name, treated, control, base_rate in rows
    ]

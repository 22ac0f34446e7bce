"""Results of experiments, day by day, and the verdict that falls once. Customers never leave the database: what is
read are counts of customers with the same outcome, by arm."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import psycopg

from creamery import publication
from creamery.audiences.definition import LoadedCampaigns
from creamery.audiences.experiment_definition import MetricName, design_of
from creamery.audiences.experiment_statistics import FloatArray
from creamery.audiences.experiments import Comparison, Experiment, Metric, Outcome, Verdict, judge
from creamery.errors import InputError

_TAKE_BACK = (
    "delete from campaigns.experiment_result where as_of_date = %(as_of_date)s",
    "update campaigns.experiment set decided_date = null, outcome = null, winner = null, why = null"
    " where decided_date >= %(as_of_date)s",
)

# One outcome per customer, of the first enrolment that was drawn: who comes back does not count twice.
_OBSERVED = """
    with drawn as (
        select distinct on (enrolments.customer_sk) enrolments.enrolment_sk, enrolments.variant
        from campaigns.enrolment as enrolments
        where enrolments.experiment_name = %(experiment_name)s and enrolments.enrolled_date <= %(as_of_date)s
        order by enrolments.customer_sk, enrolments.enrolled_date, enrolments.enrolment_sk
    )
    select
        drawn.variant,
        coalesce(conversions.is_window_closed, false) as is_measured,
        (conversions.order_count > 0)::integer as conversion,
        conversions.net_amount::float as revenue,
        count(*)
    from drawn
    left join audiences.campaign_conversion as conversions
        on drawn.enrolment_sk = conversions.enrolment_sk and conversions.as_of_date = %(as_of_date)s
    group by drawn.variant, is_measured, conversion, revenue
    order by drawn.variant, is_measured, conversion, revenue
"""

# A verdict that has fallen stands, with the figures of its day.
_REPEAT = """
    insert into campaigns.experiment_result
    select (jsonb_populate_record(results, jsonb_build_object('as_of_date', %(as_of_date)s::date))).*
    from campaigns.experiment_result as results
    inner join campaigns.experiment as experiments
        on results.experiment_name = experiments.experiment_name and results.as_of_date = experiments.decided_date
    where results.experiment_name = %(experiment_name)s
"""

_DECIDE = """
    update campaigns.experiment
    set decided_date = %(as_of_date)s, outcome = %(outcome)s, winner = %(winner)s, why = %(why)s
    where experiment_name = %(experiment_name)s
"""

_STORE = """
    insert into campaigns.experiment_result
    select (jsonb_populate_record(null::campaigns.experiment_result, rows.value)).*
    from jsonb_array_elements(%s::jsonb) as rows (value)
"""


@dataclass(frozen=True, slots=True)
class Judged:
    """What may be said of an experiment on the day."""

    experiment_name: str
    outcome: str
    why: str

    def __str__(self) -> str:
        return f"experiment {self.experiment_name}: {self.outcome}: {self.why}"


def judge_experiments(
    connection: psycopg.Connection, campaigns: LoadedCampaigns, as_of_date: date
) -> tuple[Judged, ...]:
    """Write the day's results of every campaign's experiment, in one transaction; running the day again replaces them.

    Reads what dbt has built of conversions. Raises InputError for any day but the newest published one.
    """
    newest = publication.newest_day(connection)
    if newest != as_of_date:
        raise InputError(
            f"Experiments are judged on the newest published day alone, {newest or 'and there is none yet'}, not on"
            f" {as_of_date}: what was said of a past day stands."
        )
    experiments = [each.experiment for each in campaigns.definitions if each.experiment is not None]
    with connection.transaction():
        for statement in _TAKE_BACK:
            connection.execute(statement.encode(), {"as_of_date": as_of_date})
        judged = [_judge_one(connection, experiment, as_of_date) for experiment in experiments]
    return tuple(each for each in judged if each is not None)


def _judge_one(connection: psycopg.Connection, experiment: Experiment, as_of_date: date) -> Judged | None:
    """None for an experiment that enrolment has not stored, or stores by another design."""
    parameters = {"as_of_date": as_of_date, "experiment_name": experiment.name}
    stored = connection.execute(
        "select outcome, why from campaigns.experiment"
        " where experiment_name = %(experiment_name)s and design = %(design)s::jsonb",
        parameters | {"design": design_of(experiment)},
    ).fetchone()
    if stored is None:
        return None
    if stored[0] is not None:
        connection.execute(_REPEAT, parameters)
        return Judged(experiment.name, stored[0], stored[1])
    drawn, observed = _read(connection, experiment, parameters)
    verdict = judge(experiment, observed)
    is_decided = verdict.outcome is not Outcome.RUNNING
    if is_decided:
        connection.execute(
            _DECIDE, parameters | {"outcome": verdict.outcome, "winner": verdict.winner, "why": verdict.why}
        )
    rows = [
        _row(experiment, verdict, metric, arm, observed[arm][metric.name])
        | {
            "as_of_date": as_of_date.isoformat(),
            "drawn_count": drawn[arm],
            "decided_date": as_of_date.isoformat() if is_decided else None,
        }
        for metric in (experiment.primary, *experiment.secondary)
        for arm in experiment.weights
    ]
    connection.execute(_STORE, (json.dumps(rows),))
    return Judged(experiment.name, verdict.outcome, verdict.why)


def _read(
    connection: psycopg.Connection, experiment: Experiment, parameters: Mapping[str, object]
) -> tuple[dict[str, int], dict[str, dict[str, FloatArray]]]:
    """Customers drawn by arm, and the outcomes of those whose window has closed."""
    rows = connection.execute(_OBSERVED, parameters).fetchall()
    drawn = {arm: sum(count for variant, *_, count in rows if variant == arm) for arm in experiment.weights}
    observed: dict[str, dict[str, FloatArray]] = {}
    for arm in experiment.weights:
        measured = np.array([row[2:] for row in rows if row[0] == arm and row[1]], dtype=np.float64).reshape(-1, 3)
        counts = measured[:, 2].astype(np.int64)
        observed[arm] = {
            MetricName.CONVERSION: np.repeat(measured[:, 0], counts),
            MetricName.REVENUE: np.repeat(measured[:, 1], counts),
        }
    return drawn, observed


def _row(experiment: Experiment, verdict: Verdict, metric: Metric, arm: str, values: FloatArray) -> dict[str, object]:
    is_shown = verdict.outcome is not Outcome.STOPPED and len(values) > 0
    compared = next((each for each in verdict.comparisons if (each.metric, each.arm) == (metric.name, arm)), None)
    return {
        "experiment_name": experiment.name,
        "metric": metric.name,
        "variant": arm,
        "is_primary": metric == experiment.primary,
        "is_control": arm == experiment.control,
        "planned_size": experiment.planned_per_arm,
        "measured_count": len(values),
        "metric_value": float(values.mean()) if is_shown else None,
        **_difference(compared),
        "sample_ratio_p": verdict.sample_ratio_p,
        "outcome": verdict.outcome,
        "winner": verdict.winner,
        "why": verdict.why,
    }


def _difference(compared: Comparison | None) -> dict[str, float | None]:
    if compared is None:
        return {}
    return {
        "difference": compared.difference.value,
        "difference_low": compared.difference.low,
        "difference_high": compared.difference.high,
        "adjusted_p": compared.adjusted_p,
    }

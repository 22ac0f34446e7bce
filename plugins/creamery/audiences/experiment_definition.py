"""The key `experiment` of a campaign, and the experiment as rows, by which SQL draws."""

import json
import math
from collections.abc import Iterator
from enum import StrEnum

from creamery.audiences.experiments import MINIMUM_PER_ARM, Experiment, Metric, MetricKind
from creamery.audiences.vocabulary import CampaignCode
from creamery.errors import InputError
from creamery.segments.catalogue import parse_name
from creamery.segments.document import Cursor

_REQUIRED = ("name", "variants", "primary_metric", "planned_size")
_OPTIONAL = ("test_share", "secondary_metrics")


class MetricName(StrEnum):
    """What becomes of an enrolment, as audiences.campaign_conversion counts it for all arms alike: as assigned."""

    CONVERSION = "conversion"
    REVENUE = "revenue"


METRICS = {
    MetricName.CONVERSION: Metric(MetricName.CONVERSION, MetricKind.RATE),
    MetricName.REVENUE: Metric(MetricName.REVENUE, MetricKind.AMOUNT),
}


def parse_experiment(cursor: Cursor, campaign: str) -> Experiment:
    """The experiment of the campaign, named <campaign>.<name>: two campaigns never draw alike. Raises SegmentError."""
    keys = cursor.mapping(_REQUIRED, _OPTIONAL)
    name = f"{campaign}.{parse_name(keys['name'])}"
    weights = _weights(keys["variants"])
    primary = _metric(keys["primary_metric"])
    secondary = tuple(map(_metric, keys["secondary_metrics"].items())) if "secondary_metrics" in keys else ()
    planned_size = keys["planned_size"].integer(MINIMUM_PER_ARM)
    test_share = float(keys["test_share"].number()) if "test_share" in keys else 1.0
    try:
        return Experiment(name, weights, primary, planned_size, secondary, test_share)
    except InputError as error:
        raise cursor.refusal(CampaignCode.BAD_EXPERIMENT, str(error)) from error


def design_of(experiment: Experiment) -> str:
    """What must not change once customers were drawn, as JSON; the share may, for it moves nobody."""
    return json.dumps(
        {
            "variants": [{"name": arm, "weight": weight} for arm, weight in experiment.weights.items()],
            "primary_metric": experiment.primary.name,
            "secondary_metrics": [metric.name for metric in experiment.secondary],
            "planned_size": experiment.planned_per_arm,
        }
    )


def reached_weights(experiment: Experiment) -> Iterator[tuple[str, int, float]]:
    """Arm, place and the weights up to it, added as `assign` adds them; the last one takes what rounding leaves."""
    reached = 0.0
    for place, (arm, weight) in enumerate(experiment.weights.items(), 1):
        reached += weight
        yield arm, place, math.inf if place == len(experiment.weights) else reached


def _weights(cursor: Cursor) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in cursor.items():
        keys = item.mapping(["name"], ["weight"])
        name = parse_name(keys["name"])
        if name in weights:
            raise keys["name"].refusal(CampaignCode.BAD_EXPERIMENT, f"the variant {name} stands twice")
        weights[name] = float(keys["weight"].number()) if "weight" in keys else 1.0
    return weights


def _metric(cursor: Cursor) -> Metric:
    return METRICS[MetricName(cursor.choice(MetricName, CampaignCode.UNKNOWN_METRIC))]

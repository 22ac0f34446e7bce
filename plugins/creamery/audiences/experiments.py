"""Experiments on customers: who gets which arm, and what may be said of the result. Pure.

Arms are drawn by a hash of test and customer: the same customer has the same arm on every day and in every warehouse,
and two tests are drawn independently. Customers are analysed in the arm they were drawn into, whatever reached them.
A verdict falls once, at the planned sample: looking before and stopping at a good moment finds differences that are
none (docs/experiments.md).
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scipy import stats

from creamery.audiences.experiment_statistics import (
    SIGNIFICANCE,
    Difference,
    FloatArray,
    holm,
    mean_difference,
    rate_difference,
)
from creamery.errors import InputError

MINIMUM_PER_ARM = 1_000
# Arms this unlikely apart were not drawn as planned: a list was cut, an arm lost members on the way.
SAMPLE_RATIO_LIMIT = 0.001
_HASH_DIGITS = 15  # 60 bits: PostgreSQL holds them in a bigint, so that SQL draws the same arms
_HASHES: int = 16**_HASH_DIGITS


class MetricKind(StrEnum):
    """How a metric is compared: shares by chi-square, amounts by bootstrap."""

    RATE = "rate"
    AMOUNT = "amount"


class Outcome(StrEnum):
    """What may be said of an experiment."""

    RUNNING = "running"
    WINNER = "winner"
    CANNOT_TELL = "cannot tell"
    STOPPED = "stopped: sample ratio"


@dataclass(frozen=True, slots=True)
class Metric:
    """One number per customer; 0 or 1 where it is a rate. Larger is better."""

    name: str
    kind: MetricKind


@dataclass(frozen=True, slots=True)
class Experiment:
    """A test: arms with their weights (the first is the control), and the share of customers that takes part.

    `planned_per_arm` is the number of customers in the smallest arm at which the verdict falls.
    """

    name: str
    weights: Mapping[str, float]
    primary: Metric
    planned_per_arm: int
    secondary: tuple[Metric, ...] = ()
    test_share: float = 1.0

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise InputError(f"Experiment {self.name!r}: {problem}.")

    @property
    def control(self) -> str:
        return next(iter(self.weights))

    @property
    def challengers(self) -> tuple[str, ...]:
        return tuple(self.weights)[1:]


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm against the control in one metric. `adjusted_p` is Holm's, over all comparisons of its class (primary,
    secondary); the interval is of this comparison alone."""

    metric: str
    arm: str
    is_primary: bool
    difference: Difference
    adjusted_p: float

    @property
    def is_significant(self) -> bool:
        return self.adjusted_p < SIGNIFICANCE


@dataclass(frozen=True, slots=True)
class Verdict:
    """`sample_ratio_p`: how likely arms of these sizes are by chance. `why` says it to people."""

    outcome: Outcome
    winner: str | None
    why: str
    customers: Mapping[str, int]
    sample_ratio_p: float
    comparisons: tuple[Comparison, ...] = ()


def assign(experiment: Experiment, customer: str) -> str | None:
    """The arm of a customer (its code, the same in every warehouse); None for who takes no part."""
    if draw(experiment.name, "takes part", customer) >= experiment.test_share:
        return None
    place = draw(experiment.name, "arm", customer) * math.fsum(experiment.weights.values())
    reached = 0.0
    for arm, weight in experiment.weights.items():
        reached += weight
        if place < reached:
            return arm
    return list(experiment.weights)[-1]


def draw(experiment: str, purpose: str, customer: str) -> float:
    """A number of the customer, evenly spread over [0, 1); others for another purpose or experiment."""
    return _hash(experiment, purpose, customer) / _HASHES


def roll_out(experiment: Experiment, customer: str, verdict: Verdict, took_part: bool = True) -> str:
    """What a customer gets once the verdict has fallen: the winner, where there is one, else the control. Who took
    part keeps its arm, so that later effects can still be measured, unless the experiment was stopped; `took_part` is
    false for whom nothing was enrolled in while it ran."""
    arm = assign(experiment, customer)
    if took_part and arm is not None and verdict.outcome is not Outcome.STOPPED:
        return arm
    return verdict.winner or experiment.control


def sample_ratio_p(experiment: Experiment, customers: Mapping[str, int]) -> float:
    """Probability of arms as unequal as these if they were drawn by the weights; 1 where nobody was."""
    total = sum(customers.values())
    if not total:
        return 1.0
    weight = math.fsum(experiment.weights.values())
    expected = [total * share / weight for share in experiment.weights.values()]
    return float(stats.chisquare([customers.get(arm, 0) for arm in experiment.weights], expected).pvalue)


def judge(experiment: Experiment, observed: Mapping[str, Mapping[str, FloatArray]]) -> Verdict:
    """The verdict on `observed`: by arm and metric one number for each customer drawn, those included whom nothing
    reached or who did nothing."""
    customers = {arm: _count(experiment, arm, observed) for arm in experiment.weights}
    ratio_p = sample_ratio_p(experiment, customers)
    if ratio_p < SAMPLE_RATIO_LIMIT:
        why = (
            f"the arms have {_listed(customers)} customers, which the weights explain with a probability of "
            f"{ratio_p:.1g}. Find what drops or adds customers"
        )
        return Verdict(Outcome.STOPPED, None, why, customers, ratio_p)
    smallest = min(customers.values())
    if smallest < 2:
        return Verdict(Outcome.RUNNING, None, _how_far(experiment, smallest), customers, ratio_p)
    comparisons = (
        *_compare(experiment, (experiment.primary,), observed, is_primary=True),
        *_compare(experiment, experiment.secondary, observed, is_primary=False),
    )
    if smallest < experiment.planned_per_arm:
        return Verdict(Outcome.RUNNING, None, _how_far(experiment, smallest), customers, ratio_p, comparisons)
    return _verdict(experiment, customers, ratio_p, comparisons)


def _verdict(
    experiment: Experiment, customers: Mapping[str, int], ratio_p: float, comparisons: tuple[Comparison, ...]
) -> Verdict:
    primary = [each for each in comparisons if each.is_primary]
    better = [each for each in primary if each.is_significant and each.difference.value > 0]
    if better:
        best = max(better, key=lambda each: each.difference.value)
        why = f"{best.arm} beats {experiment.control} in {best.metric} by {best.difference}"
        return Verdict(Outcome.WINNER, best.arm, why, customers, ratio_p, comparisons)
    if all(each.is_significant for each in primary):
        why = f"no arm comes up to {experiment.control} in {experiment.primary.name}"
        return Verdict(Outcome.WINNER, experiment.control, why, customers, ratio_p, comparisons)
    why = f"what sets the arms apart in {experiment.primary.name} may be chance: " + "; ".join(
        f"{each.arm} {each.difference}" for each in primary
    )
    return Verdict(Outcome.CANNOT_TELL, None, why, customers, ratio_p, comparisons)


def _compare(
    experiment: Experiment,
    metrics: Sequence[Metric],
    observed: Mapping[str, Mapping[str, FloatArray]],
    is_primary: bool,
) -> list[Comparison]:
    pairs = [(metric, arm) for metric in metrics for arm in experiment.challengers]
    differences = [
        _difference(experiment, metric, arm, observed[arm][metric.name], observed[experiment.control][metric.name])
        for metric, arm in pairs
    ]
    adjusted = holm([difference.p_value for difference in differences])
    return [
        Comparison(metric.name, arm, is_primary, difference, p)
        for (metric, arm), difference, p in zip(pairs, differences, adjusted, strict=True)
    ]


def _difference(
    experiment: Experiment, metric: Metric, arm: str, values: FloatArray, control: FloatArray
) -> Difference:
    if metric.kind is MetricKind.RATE:
        return rate_difference(int(values.sum()), len(values), int(control.sum()), len(control))
    return mean_difference(values, control, seed=_hash(experiment.name, metric.name, arm))


def _count(experiment: Experiment, arm: str, observed: Mapping[str, Mapping[str, FloatArray]]) -> int:
    """How many customers an arm has. InputError where its metrics do not agree, or a rate is none."""
    metrics = (experiment.primary, *experiment.secondary)
    try:
        values = {metric: observed[arm][metric.name] for metric in metrics}
    except KeyError as error:
        raise InputError(f"Experiment {experiment.name!r}: arm {arm} has no values of {error}.") from error
    counts = {len(each) for each in values.values()}
    if len(counts) > 1:
        raise InputError(f"Experiment {experiment.name!r}: the metrics of arm {arm} are of {sorted(counts)} customers.")
    for metric, each in values.items():
        if metric.kind is MetricKind.RATE and not ((each == 0) | (each == 1)).all():
            raise InputError(f"Experiment {experiment.name!r}: rate {metric.name} of arm {arm} is not only 0 and 1.")
    return counts.pop()


def _how_far(experiment: Experiment, smallest: int) -> str:
    return f"{smallest:,} of {experiment.planned_per_arm:,} customers in the smallest arm; the verdict waits for all"


def _listed(customers: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,}" for count in customers.values())


def _hash(*parts: str) -> int:
    return int(hashlib.sha256("|".join(parts).encode()).hexdigest()[:_HASH_DIGITS], 16)


def _problem(experiment: Experiment) -> str | None:
    names = [experiment.primary.name, *(metric.name for metric in experiment.secondary)]
    if "|" in experiment.name or not experiment.name:
        return "needs a name, without '|'"
    if len(experiment.weights) < 2:
        return "needs a control and at least one other arm"
    if any(not math.isfinite(weight) or weight <= 0 for weight in experiment.weights.values()):
        return "weights must be above 0; leave an arm out instead"
    if not 0 < experiment.test_share <= 1:
        return f"test share is {experiment.test_share}, not above 0 and at most 1"
    if experiment.planned_per_arm < MINIMUM_PER_ARM:
        return f"{experiment.planned_per_arm:,} customers are planned per arm; {MINIMUM_PER_ARM:,} are the least"
    if len(set(names)) < len(names):
        return "a metric is named twice"
    return None

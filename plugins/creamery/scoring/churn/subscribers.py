"""Churn of those who only ever subscribed: nothing is known of their purchases, but subscriptions end visibly."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creamery.scoring.churn.inputs import Population
from creamery.scoring.churn.reasons import rule_contributions
from creamery.scoring.churn.rhythm_rule import rhythm_rule
from creamery.scoring.clv.subscriptions import Survival

RUNNING, ENDED = "subscription", "subscription_ended"


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """Per row: the probability, the name of the method, and contributions to it, one column per input."""

    probability: NDArray[np.float64]
    method: NDArray[np.object_]
    contributions: pd.DataFrame


def explained(population: Population, survival: Survival) -> Explained:
    """A running subscription ends within the horizon, by survival; of who has none left, the rule score.

    The rule says why; of a running subscription nothing raises the risk but its age.
    """
    features = population.features
    is_running = features["active_subscription_count"].to_numpy() > 0
    probability = np.where(
        is_running, survival.ending_within(features, population.horizons), rhythm_rule(features) / 100
    )
    contributions = rule_contributions(features).mul(~is_running, axis=0)
    return Explained(probability, np.where(is_running, RUNNING, ENDED).astype(object), contributions)

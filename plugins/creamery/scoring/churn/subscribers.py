"""Churn of subscribers: of who bought nothing else no purchases are known, but subscriptions end visibly."""

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
    """Of those who only ever subscribed: the running subscription ends, by survival; with none left, the rule score.

    The rule says why; of a running subscription nothing raises the risk but its age.
    """
    features, is_running = population.features, population.is_subscribed
    probability = np.where(is_running, ending(population, survival), rhythm_rule(features) / 100)
    contributions = rule_contributions(features).mul(~is_running, axis=0)
    return Explained(probability, np.where(is_running, RUNNING, ENDED).astype(object), contributions)


def ending(population: Population, survival: Survival) -> NDArray[np.float64]:
    """P(the running subscription ends within the horizon), shape (rows,)."""
    return survival.ending_within(population.features, population.horizons)

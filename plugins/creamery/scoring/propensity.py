"""Propensity to buy: the calibrated probability of a purchase in the next 30 days (spec, section 5)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from creamery.scoring.churn.inputs import Population
from creamery.scoring.churn.labels import HorizonRule
from creamery.scoring.classifier import Classifier, fit_classifier
from creamery.scoring.clv.bg_nbd import BgNbd
from creamery.scoring.cutoffs import teaching_rows
from creamery.scoring.discrimination import scorecard

PROPENSITY_DAYS = 30


@dataclass(frozen=True, slots=True)
class PropensityFit:
    """The classifier, and what it, its rivals and the baseline bg_nbd did on the newest closed cut-off."""

    classifier: Classifier
    comparison: pd.DataFrame


def fit(features: pd.DataFrame, outcomes: pd.DataFrame, bg_nbd: BgNbd | None = None) -> PropensityFit:
    """Fit on several past cut-offs, as churn is: frames keyed by customer_sk and as_of_date, closed windows only."""
    rows, parts = teaching_rows(features, outcomes, PROPENSITY_DAYS)
    label = np.sign(rows[f"purchase_days_next_{PROPENSITY_DAYS}"].to_numpy(float))
    classifier, comparison = fit_classifier(rows, parts, _inputs(rows), label)
    if bg_nbd is None or parts is None or comparison.empty:
        return PropensityFit(classifier, comparison)
    judged = parts.validation
    baseline = 1 - bg_nbd.no_purchase_probability(rows[judged], PROPENSITY_DAYS)
    card = pd.DataFrame([{"candidate": "bg_nbd", **scorecard(label[judged] == 1, baseline)}])
    return PropensityFit(classifier, pd.concat([comparison, card], ignore_index=True))


def score(features: pd.DataFrame, classifier: Classifier, bg_nbd: BgNbd | None = None) -> pd.DataFrame:
    """One row per row of `features`: customer_sk, purchase_probability_30, propensity_percentile, propensity_method.

    Where nothing could be learned, BG/NBD's probability serves, and the method says so; without it, NaN.
    """
    probability, method = classifier.probability(_inputs(features)), classifier.method
    if method == "none" and bg_nbd is not None:
        probability, method = 1 - bg_nbd.no_purchase_probability(features, PROPENSITY_DAYS), "bg_nbd"
    ranks = pd.Series(probability).rank(method="average").to_numpy()
    return pd.DataFrame(
        {
            "customer_sk": features["customer_sk"].to_numpy(),
            f"purchase_probability_{PROPENSITY_DAYS}": np.round(probability, 4),
            "propensity_percentile": np.round((ranks - 0.5) / max(len(ranks), 1) * 100, 2),
            "propensity_method": method,
        }
    )


def _inputs(features: pd.DataFrame) -> pd.DataFrame:
    return Population.of(features, HorizonRule(PROPENSITY_DAYS, is_personal=False)).inputs

"""Customer lifetime value of a shop: one fit, one score."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from creamery.errors import ScoringError
from creamery.scoring.clv import intervals, purchasing, value
from creamery.scoring.clv.backtest import Factors, closed_windows, predict_past, seasonal_factors
from creamery.scoring.clv.config import DAYS_PER_YEAR, HORIZONS, WINDOWS, ClvConfig
from creamery.scoring.clv.frames import FloatArray, Parameters, PastCutoff, column, integers, known_before
from creamery.scoring.clv.purchasing import GenerativeModel, PurchaseModel
from creamery.scoring.clv.rates import Heuristic
from creamery.scoring.clv.record import FitRecord
from creamery.scoring.clv.seasonal import in_season
from creamery.scoring.clv.spending import GammaGamma, fit_spending
from creamery.scoring.clv.subscriptions import Survival, fit_survival

YEARS = {"predicted_clv_1_year": 1, "predicted_clv_3_year": 3, "predicted_clv_lifetime": 10}
_MONTHS = [years * value.MONTHS_PER_YEAR for years in YEARS.values()]
_SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True)
class ClvModel:
    """A fitted model. Without a generative one the heuristic serves; `champion` is None where the generative model is
    the champion itself; `seasonal` scales expected_purchases_<days> of windows under a year; `median_width` is the
    shop's, that of clv_confidence_score."""

    generative: GenerativeModel | None
    champion: PurchaseModel | None
    spending: GammaGamma
    survival: Survival
    judged_days: int
    widening: float = 1.0
    seasonal: Factors = ()
    median_width: float = 0.0

    @property
    def method(self) -> str:
        """For clv_method: the purchase model, then the spending model."""
        purchase = self.champion or self.generative or Heuristic()
        return f"{purchase.name}+{'gamma_gamma' if self.spending.is_fitted else 'mean_value'}"

    def to_parameters(self) -> Parameters:
        """Plain values, JSON through and through."""
        return {
            "generative": purchasing.to_parameters(self.generative) if self.generative else None,
            "champion": purchasing.to_parameters(self.champion) if self.champion else None,
            "spending": self.spending.to_parameters(),
            "survival": self.survival.to_parameters(),
            "judged_days": self.judged_days,
            "widening": self.widening,
            "seasonal": [list(each) for each in self.seasonal],
            "median_width": self.median_width,
        }

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> "ClvModel":
        """The model that scores identically. Raises ScoringError for names that are not known."""
        generative, champion = parameters["generative"], parameters["champion"]
        return cls(
            generative=purchasing.generative_from_parameters(generative) if generative else None,
            champion=purchasing.from_parameters(champion) if champion else None,
            spending=GammaGamma.from_parameters(parameters["spending"]),
            survival=Survival.from_parameters(parameters["survival"]),
            judged_days=parameters["judged_days"],
            widening=parameters["widening"],
            seasonal=tuple((days, factor) for days, factor in parameters["seasonal"]),
            median_width=parameters["median_width"],
        )


@dataclass(frozen=True, slots=True)
class ClvFitRecord:
    """What is kept about a fit; `interval_coverage` is the share that intervals covered in the last back-test, with
    the widening learned from it (NaN: no closed window)."""

    method: str
    repeat_customers: int
    purchases: FitRecord
    champion: FitRecord | None
    spending: FitRecord
    survival: FitRecord
    interval_coverage: float
    interval_days: int | None


def fit(
    purchases: pd.DataFrame,
    history: Sequence[PastCutoff],
    config: ClvConfig,
    subscriptions: pd.DataFrame | None = None,
) -> tuple[ClvModel, ClvFitRecord]:
    """Everything that `score` needs, from the customers at D and past cut-offs (any order, may be none).

    `subscriptions` has age_months, has_ended, count. Raises NotConvergedError, TooLittleHistoryError: the caller keeps
    the last good model. With fewer repeat customers than the setting the heuristic serves.
    """
    history = known_before(history, 0)  # what observation after D would add
    spending, spending_record = fit_spending(purchases)
    survival, survival_record = fit_survival(subscriptions, config)
    repeat = int((integers(purchases, "frequency") > 0).sum())
    model = ClvModel(None, None, spending, survival, config.judged_days)
    fitted = FitRecord(Heuristic.name, len(purchases), len(purchases))
    champion_record, covered = None, None
    if repeat >= config.least_repeat_customers:
        model, fitted, champion_record = _fit_purchases(model, purchases, history, config)
        model, covered = _with_widening(model, history, config)
        model = replace(model, seasonal=seasonal_factors(history, config))
        model = replace(model, median_width=_median_width(model, purchases, config))
    return model, ClvFitRecord(
        model.method,
        repeat,
        fitted,
        champion_record,
        spending_record,
        survival_record,
        covered[0].share if covered else np.nan,
        covered[1] if covered else None,
    )


def score(purchases: pd.DataFrame, model: ClvModel, config: ClvConfig) -> pd.DataFrame:
    """One row per row of `purchases`, in its order and with its index; money in the unit of value_per_purchase.

    Columns: customer_sk, probability_alive, expected_purchases_30, _90, _365, value_per_purchase (expected),
    predicted_clv_1_year, _3_year, _lifetime, clv_p10, clv_p90, clv_confidence_score, clv_method. NaN where the
    heuristic cannot say: probability_alive, the bounds, the confidence. Who has no frequency only ever subscribed:
    nothing is expected besides the subscription, and probability_alive and value_per_purchase are NaN.
    """
    has_bought = purchases["frequency"].notna().to_numpy()
    buyers, subscribers = purchases[has_bought], purchases[~has_bought]
    scores = pd.concat([_purchase_scores(buyers, model, config), _no_purchases(subscribers)])
    places = np.concatenate([np.flatnonzero(has_bought), np.flatnonzero(~has_bought)])
    return _with_subscriptions(scores.iloc[np.argsort(places)], purchases, model, config)


def _purchase_scores(purchases: pd.DataFrame, model: ClvModel, config: ClvConfig) -> pd.DataFrame:
    """The columns of `score`, but for confidence, of purchases alone."""
    rate = value.monthly_rate(config.discount_rate)
    presence = _presence(model, purchases)
    expected_value = model.spending.expected_value(purchases)
    scores = pd.DataFrame({"customer_sk": purchases["customer_sk"]})
    scores["probability_alive"] = model.generative.probability_alive(purchases) if model.generative else np.nan
    for days, expected in _expected_windows(model, purchases, presence).items():
        scores[f"expected_purchases_{days}"] = expected
    scores["value_per_purchase"] = expected_value
    bought = _discounted_purchases(model, purchases, presence, rate) * expected_value[:, None]
    for place, name in enumerate(YEARS):
        scores[name] = bought[:, place]
    scores["clv_p10"], scores["clv_p90"] = _bounds(model, purchases, presence, bought[:, 0], config)
    return scores.assign(clv_method=model.method)


def _no_purchases(purchases: pd.DataFrame) -> pd.DataFrame:
    """`_purchase_scores` of customers who only ever subscribed."""
    scores = pd.DataFrame({"customer_sk": purchases["customer_sk"], "probability_alive": np.nan})
    scores = scores.assign(**{f"expected_purchases_{days}": 0.0 for days in WINDOWS}, value_per_purchase=np.nan)
    return scores.assign(**dict.fromkeys(YEARS, 0.0), clv_p10=0.0, clv_p90=0.0, clv_method=_SUBSCRIPTION)


def _with_subscriptions(
    scores: pd.DataFrame, purchases: pd.DataFrame, model: ClvModel, config: ClvConfig
) -> pd.DataFrame:
    """Add what running subscriptions still bring to values and bounds; the confidence in the sum."""
    rate = value.monthly_rate(config.discount_rate)
    yearly = column(purchases, "subscription_value_per_year")
    yearly = np.where(yearly > 0, yearly, 0.0)
    values = scores[list(YEARS)] + model.survival.expected_years(purchases, _MONTHS, rate) * yearly[:, None]
    low, high = (
        scores[name] + model.survival.quantile_years(purchases, level, rate) * yearly
        for name, level in (("clv_p10", intervals.LOW), ("clv_p90", intervals.HIGH))
    )
    width = intervals.relative_width(low.to_numpy(), high.to_numpy(), values["predicted_clv_1_year"].to_numpy())
    confidence = np.where(low.isna(), np.nan, intervals.confidence_score(width, model.median_width))
    is_added = (yearly > 0) & (scores["clv_method"] != _SUBSCRIPTION)
    method = scores["clv_method"].where(~is_added, scores["clv_method"] + f"+{_SUBSCRIPTION}")
    scores = scores.drop(columns="clv_method").assign(**values, clv_p10=low, clv_p90=high)
    return scores.assign(clv_confidence_score=confidence, clv_method=method)


def _fit_purchases(
    model: ClvModel, purchases: pd.DataFrame, history: Sequence[PastCutoff], config: ClvConfig
) -> tuple[ClvModel, FitRecord, FitRecord | None]:
    name = config.purchase_model
    generative, record = purchasing.fit_generative_of(purchases, config)
    model = replace(model, generative=generative)
    if name in purchasing.GENERATIVE:
        return model, record, None
    champion, champion_record = purchasing.kind_of(name).fit(purchases, history, config)
    return replace(model, champion=champion), record, champion_record


def _with_widening(
    model: ClvModel, history: Sequence[PastCutoff], config: ClvConfig
) -> tuple[ClvModel, tuple[intervals.Coverage, int] | None]:
    """Learn it on the longest closed window for which the champion could have been fitted, of the newest cut-off."""
    for past, days in closed_windows(history, HORIZONS):
        try:
            learned = predict_past(past, history, config)
        except ScoringError:  # too little was known then
            continue
        spending, _ = fit_spending(past.purchases)
        closed = past.closed(days)
        present = value.presence(learned.generative, learned.champion, closed.purchases, config.judged_days)
        prediction = intervals.Prediction(closed.purchases, present, days)
        actual = column(closed.outcomes, f"value_next_{days}")
        covered = intervals.learn_widening(learned.generative, spending, prediction, actual, config)
        return replace(model, widening=covered.widening), (covered, days)
    return model, None


def _presence(model: ClvModel, purchases: pd.DataFrame) -> FloatArray:
    if not model.generative:
        return np.ones(len(purchases))
    return value.presence(model.generative, model.champion, purchases, model.judged_days)


def _expected_windows(model: ClvModel, purchases: pd.DataFrame, presence: FloatArray) -> dict[int, FloatArray]:
    return in_season(lambda days: _expected(model, purchases, presence, days), dict(model.seasonal), WINDOWS)


def _expected(model: ClvModel, purchases: pd.DataFrame, presence: FloatArray, days: float) -> FloatArray:
    if not model.generative:
        return Heuristic().expected_purchases(purchases, days)
    return value.expected_if_alive(model.generative, purchases, days) * presence


def _discounted_purchases(model: ClvModel, purchases: pd.DataFrame, presence: FloatArray, rate: float) -> FloatArray:
    """Shape (rows, len(YEARS))."""
    if not model.generative:
        return value.discounted(lambda days: Heuristic().expected_purchases(purchases, days), _MONTHS, rate)
    return value.discounted_if_alive(model.generative, purchases, _MONTHS, rate) * presence[:, None]


def _bounds(
    model: ClvModel, purchases: pd.DataFrame, presence: FloatArray, discounted: FloatArray, config: ClvConfig
) -> tuple[FloatArray, FloatArray]:
    """Of one year's value of purchases, discounted as its expectation is: NaN without a generative model."""
    if not model.generative:
        unknown = np.full(len(purchases), np.nan)
        return unknown, unknown
    prediction = intervals.Prediction(purchases, presence, DAYS_PER_YEAR)
    low, high = intervals.interval(model.generative, model.spending, prediction, model.widening, config)
    undiscounted = _expected(model, purchases, presence, DAYS_PER_YEAR) * model.spending.expected_value(purchases)
    share = np.divide(discounted, undiscounted, out=np.ones_like(discounted), where=undiscounted > 0)
    return low * share, high * share


def _median_width(model: ClvModel, purchases: pd.DataFrame, config: ClvConfig) -> float:
    """Of the customers whose interval has a width."""
    scores = score(purchases, model, config)
    bounds = (scores[name].to_numpy() for name in ("clv_p10", "clv_p90", "predicted_clv_1_year"))
    width = intervals.relative_width(*bounds)
    return float(np.median(width[width > 0])) if (width > 0).any() else 0.0

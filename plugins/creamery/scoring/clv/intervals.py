"""Intervals of a customer's value in a window, by simulation; and whether past ones held what they promised.

What happens to a customer who is alive depends on frequency and age alone, so it is simulated once per distinct pair.
P(alive) is a point mass at zero that is mixed in exactly, and the customer's own spending is a factor (`scale` of
Gamma-Gamma): spend / (v + x m) = Gamma(p n) / Gamma(p x + q). All draws come from tables of fixed seeds whose first
rows do not depend on how many follow: a state's draws are the same in any frame, chunk and order of rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from creamery.scoring.clv.config import ClvConfig
from creamery.scoring.clv.frames import FloatArray, IntArray, distinct, integers
from creamery.scoring.clv.purchasing import GenerativeModel
from creamery.scoring.clv.spending import GammaGamma

LOW, HIGH = 0.1, 0.9
_CHUNK = 4_000  # states at a time, so that memory stays the same at any number of customers
_WIDENINGS = np.round(np.arange(1.0, 4.01, 0.05), 2)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is simulated: customers, their presence (P(alive), or the champion's: value.presence), the window."""

    purchases: pd.DataFrame
    presence: FloatArray
    days: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of each customer's randomised PIT within 0.1 to 0.9, in expectation: shape (customers,), and the factor by
    which intervals were widened."""

    covered: FloatArray
    widening: float

    @property
    def share(self) -> float:
        return float(self.covered.mean()) if len(self.covered) else np.nan


def interval(
    model: GenerativeModel, spending: GammaGamma, prediction: Prediction, widening: float, config: ClvConfig
) -> tuple[FloatArray, FloatArray]:
    """The 10 % and 90 % quantile of the value in the window, not discounted, each of shape (rows,).

    Widened about the median by the factor (1 or more), never below zero.
    """
    low, high = (np.zeros(len(prediction.purchases)) for _ in range(2))
    scale = _own_scale(spending, prediction)
    for rows, place, draws in _simulated(model, spending, prediction, config):
        alive = np.minimum(prediction.presence[rows], 1.0)
        median = _quantile(draws, place, alive, 0.5)
        for level, bound in ((LOW, low), (HIGH, high)):
            at_level = _quantile(draws, place, alive, level)
            bound[rows] = np.maximum(median + widening * (at_level - median), 0.0) * scale[rows]
    return low, high


def coverage(
    model: GenerativeModel,
    spending: GammaGamma,
    prediction: Prediction,
    actual: FloatArray,
    widening: float,
    config: ClvConfig,
) -> Coverage:
    """Of the actual values of a closed window, shape (rows,); losses count as nothing."""
    return Coverage(_covered(model, spending, prediction, actual, np.array([widening]), config)[0], widening)


def learn_widening(
    model: GenerativeModel, spending: GammaGamma, prediction: Prediction, actual: FloatArray, config: ClvConfig
) -> Coverage:
    """The least factor, 1 or more, with which intervals would have covered 80 %; of all too small ones the best."""
    covered = _covered(model, spending, prediction, actual, _WIDENINGS, config)
    if not covered.shape[1]:
        return Coverage(covered[0], 1.0)
    shares = covered.mean(axis=1)
    enough = np.flatnonzero(shares >= HIGH - LOW)
    best = int(enough[0]) if len(enough) else int(np.argmax(shares))
    return Coverage(covered[best], float(_WIDENINGS[best]))


def relative_width(low: FloatArray, high: FloatArray, expected: FloatArray) -> FloatArray:
    """Width over the expectation, zero where the interval has none."""
    width = high - low
    tiny = np.finfo(np.float64).tiny
    return np.asarray(np.where(width > 0, width / np.maximum(expected, tiny), 0.0))


def confidence_score(width: FloatArray, median_width: float) -> FloatArray:
    """0 to 100: 50 at the shop's median relative width, 100 without any, towards 0 the wider."""
    if not median_width > 0:
        return np.where(width > 0, 0.0, 100.0)
    return np.asarray(100 * median_width / (median_width + width))


class _Tables:
    """Draws by frequency or number of purchases, each of shape (rows, draws)."""

    def __init__(self, model: GenerativeModel, spending: GammaGamma, frequencies: int, most: int, config: ClvConfig):
        self._draws, self._seed = config.draws, config.seed
        self.rate = self._cumulated(1, model.r, 1.0, frequencies)
        self.own_spend = self._cumulated(2, spending.q, spending.p, frequencies)
        self.spend = np.vstack([np.zeros(self._draws), np.cumsum(self._gamma(3, spending.p, most), axis=0)])
        # Arrivals of a Poisson process of rate 1, one row per draw.
        self.arrivals = np.ascontiguousarray(np.cumsum(self._gamma(4, 1.0, most), axis=0).T)
        self.last = np.full((frequencies, self._draws), most)
        if model.dropout:
            a, b = model.dropout
            stop, stay = self._gamma(5, a, 1), self._cumulated(6, b, 1.0, frequencies)
            staying = np.clip(stay / (stop + stay), 1e-12, 1 - 1e-12)
            purchases = np.ceil(np.log(self._uniform(7)) / np.log(staying))
            self.last = np.clip(purchases, 1, most).astype(np.int64)

    def _gamma(self, stream: int, shape: float, rows: int) -> FloatArray:
        return self._random(stream).standard_gamma(shape, size=(rows, self._draws))

    def _cumulated(self, stream: int, first: float, step: float, rows: int) -> FloatArray:
        """Row x: Gamma(first + step x), because gammas of the same scale add."""
        steps = self._gamma(stream + 100, step, rows - 1)
        return np.cumsum(np.vstack([self._gamma(stream, first, 1), steps]), axis=0)

    def _uniform(self, stream: int) -> FloatArray:
        return 1 - self._random(stream).random(self._draws)

    def _random(self, stream: int) -> np.random.Generator:
        return np.random.Generator(np.random.Philox(np.random.SeedSequence([self._seed, stream])))


def _simulated(
    model: GenerativeModel, spending: GammaGamma, prediction: Prediction, config: ClvConfig
) -> Iterator[tuple[IntArray, IntArray, FloatArray]]:
    """Customers (places in the frame), each one's row in the draws, and the ascending draws of spend over scale, of
    shape (states, draws), if alive: chunk by chunk."""
    purchases = prediction.purchases
    states = distinct(integers(purchases, "frequency"), integers(purchases, "age_days"))
    if not len(states.index):
        return
    frequency, age = states.columns
    tables = _Tables(model, spending, int(frequency.max()) + 1, prediction.days, config)
    mean_purchases = prediction.days / (model.alpha + age)
    order = np.argsort(states.index, kind="stable")
    ends = np.searchsorted(states.index[order], np.arange(_CHUNK, len(frequency) + _CHUNK, _CHUNK))
    for number, rows in enumerate(np.split(order, ends[:-1])):
        chunk = slice(number * _CHUNK, (number + 1) * _CHUNK)
        draws = _draw(tables, frequency[chunk], mean_purchases[chunk])
        yield rows, states.index[rows] - number * _CHUNK, draws


def _draw(tables: _Tables, frequency: IntArray, mean_purchases: FloatArray) -> FloatArray:
    drawn = np.empty((len(frequency), tables.arrivals.shape[0]))
    for draw, arrivals in enumerate(tables.arrivals):
        wished = np.searchsorted(arrivals, tables.rate[frequency, draw] * mean_purchases, side="right")
        bought = np.minimum(wished, tables.last[frequency, draw])
        drawn[:, draw] = tables.spend[bought, draw] / tables.own_spend[frequency, draw]
    drawn.sort(axis=1)
    return drawn


def _own_scale(spending: GammaGamma, prediction: Prediction) -> FloatArray:
    """A presence above 1 is no probability: what is above it multiplies the spending."""
    return np.asarray(spending.scale(prediction.purchases) * np.maximum(prediction.presence, 1.0))


def _quantile(draws: FloatArray, place: IntArray, alive: FloatArray, level: float) -> FloatArray:
    """Of the mixture of zero (1 - alive) and the draws (alive): shape (customers,)."""
    within = np.clip((level - (1 - alive)) / np.maximum(alive, 1e-300), 0.0, 1.0)
    position = within * (draws.shape[1] - 1)
    below = position.astype(np.int64)
    above = np.minimum(below + 1, draws.shape[1] - 1)
    share = position - below
    value = draws[place, below] * (1 - share) + draws[place, above] * share
    return np.asarray(np.where(level <= 1 - alive, 0.0, value))


def _covered(
    model: GenerativeModel,
    spending: GammaGamma,
    prediction: Prediction,
    actual: FloatArray,
    widenings: FloatArray,
    config: ClvConfig,
) -> FloatArray:
    """Shape (widenings, rows). Widening spreads the distribution about its median, cut at zero."""
    covered = np.zeros((len(widenings), len(actual)))
    scale = np.maximum(_own_scale(spending, prediction), np.finfo(np.float64).tiny)
    for rows, place, draws in _simulated(model, spending, prediction, config):
        alive = np.minimum(prediction.presence[rows], 1.0)
        median = _quantile(draws, place, alive, 0.5)
        value = np.maximum(actual[rows], 0.0) / scale[rows]
        flat = (np.arange(len(draws))[:, None] + _squeezed(draws)).ravel()  # ascending: one search serves all rows
        for number, widening in enumerate(widenings):
            known = median + (value - median) / widening
            found = np.searchsorted(flat, place + _squeezed(known), side="right") - place * draws.shape[1]
            probability = 1 - alive + alive * found / draws.shape[1]
            inside = (probability >= LOW) & (probability <= HIGH)
            at_zero = np.clip(np.minimum(probability, HIGH) - LOW, 0.0, None) / np.maximum(probability, 1e-300)
            covered[number, rows] = np.where(value > 0, inside, at_zero)
    return covered


def _squeezed(value: FloatArray) -> FloatArray:
    """From 0 and more into [0, 1), in the same order."""
    return np.asarray(value / (1 + value) * 0.999)

"""The top three factors of every customer: what raises the risk most, in words that are true of that customer."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creamery.scoring.churn.inputs import GROUPS, Population
from creamery.scoring.churn.rhythm_rule import rule_parts
from creamery.scoring.churn.stories import STORIES, Known, Story, write

Floats = NDArray[np.float64]

FACTORS = 3
_LEAST_CONTRIBUTION = 0.01  # log-odds; less is a hundredth of a probability at most, and no reason

# The input under whose name each part of the rule score is explained.
_RULE_INPUTS = ("days_since_last_order", "purchase_days_90", "spend_90", "gap_change_percent")


def rule_contributions(features: pd.DataFrame) -> pd.DataFrame:
    """The rule score's own parts, in hundredths of its scale: additive as it is."""
    parts = rule_parts(features)
    points = np.c_[parts.recency, parts.frequency, parts.spending, parts.trend] / 100
    return pd.DataFrame(points * ~parts.is_new[:, None], columns=list(_RULE_INPUTS))


def reasons(population: Population, contributions: pd.DataFrame, usual: Mapping[str, float]) -> pd.DataFrame:
    """Columns top_churn_factor_1 to _3 and churn_factor_code_1 to _3, None where fewer factors raise the risk.

    `contributions` has a column per input, in log-odds; `usual` has the inputs' training means. A factor is a group of
    inputs with a positive sum, told by the story that is true of the customer and explains most of it.
    """
    columns = Known(population.features.assign(engagement_trend=population.inputs["engagement_trend"]))
    raised = {str(name): np.maximum(contributions[name].to_numpy(), 0) for name in contributions}
    strengths, told = [], []
    for group, inputs in GROUPS.items():
        total = _sum(contributions, inputs)
        story, strength = _best_story(group, columns, raised, usual, len(total))
        strengths.append(np.where((strength > 0) & (total >= _LEAST_CONTRIBUTION), total, 0.0))
        told.append(story)
    return _table(np.array(strengths).T, np.array(told).T, columns)


def _sum(contributions: pd.DataFrame, inputs: tuple[str, ...]) -> Floats:
    total = np.zeros(len(contributions))
    for name in inputs:
        if name in contributions:
            total += contributions[name].to_numpy()
    return total


def _best_story(
    group: str, columns: Known, raised: Mapping[str, Floats], usual: Mapping[str, float], rows: int
) -> tuple[NDArray[np.int64], Floats]:
    """The number of the story that explains most, of equals the first, and how much; -1 and 0 where none is true."""
    best, strength = np.full(rows, -1), np.zeros(rows)
    for number, story in enumerate(STORIES):
        if story.group != group or not any(name in raised for name in story.told_by):
            continue
        explained = np.where(story.is_true(columns, usual), _explained(story, raised, rows), 0.0)
        is_better = explained > strength
        best, strength = np.where(is_better, number, best), np.where(is_better, explained, strength)
    return best, strength


def _explained(story: Story, raised: Mapping[str, Floats], rows: int) -> Floats:
    return sum((raised[name] for name in story.told_by if name in raised), start=np.zeros(rows))


def _table(strengths: Floats, told: NDArray[np.int64], columns: Known) -> pd.DataFrame:
    """`strengths` and `told` have a row per customer and a column per group."""
    order = np.argsort(-strengths, axis=1, kind="stable")[:, :FACTORS]
    chosen = np.where(np.take_along_axis(strengths, order, axis=1) > 0, np.take_along_axis(told, order, axis=1), -1)
    texts, codes = (np.full(chosen.shape, None, dtype=object) for _ in range(2))
    for number, story in enumerate(STORIES):
        rows, places = np.nonzero(chosen == number)
        if len(rows):
            texts[rows, places] = write(story, columns, rows)
            codes[rows, places] = story.code
    told_columns = {
        f"{name}_{place + 1}": pd.Series(cells[:, place], dtype=object)  # None stays None, and is no text 'nan'
        for name, cells in (("top_churn_factor", texts), ("churn_factor_code", codes))
        for place in range(FACTORS)
    }
    return pd.DataFrame(told_columns)

"""Clusters: planted groups are found, keep their numbers, and have names of their own."""

import json

import numpy as np
import pandas as pd
import pytest

from creamery.scoring.clusters import ClusterModel, fit_clusters
from tests.scoring import frames


def _planted(seed: int, shares: tuple[float, ...] = (0.4, 0.3, 0.3)) -> pd.DataFrame:
    """Frequent small buyers, rare large ones, and those who left; `group` tells which."""
    random = np.random.default_rng(seed)
    group = random.choice(len(shares), 600, p=shares)
    centre = np.array([[5, 40, 12], [60, 4, 400], [600, 0, 60], [60, 40, 9000]])[group]
    values = np.round(centre * random.lognormal(0, 0.15, (600, 3)), 2)
    frame = pd.DataFrame(values, columns=["days_since_last_order", "purchase_days_365", "mean_order_value"])
    return frame.assign(customer_sk=np.arange(600), group=group)


def _group_numbers(frame: pd.DataFrame, model: ClusterModel) -> dict[int, int]:
    """The cluster of each planted group; fails where a group is torn apart."""
    numbers = model.assign(frame)["cluster_number"].groupby(frame["group"])
    assert (numbers.nunique() == 1).all()
    return numbers.first().to_dict()


def test_planted_groups_are_found_and_named() -> None:
    frame = _planted(0)
    model = fit_clusters(frame)
    assert sorted(_group_numbers(frame, model).values()) == [1, 2, 3]
    names = model.assign(frame)["cluster_name"].groupby(frame["group"]).first()
    assert "many orders" in names[0].lower()
    assert "large orders" in names[1].lower()
    assert "long silent" in names[2].lower()
    assert model.silhouette > 0.5


def test_numbers_stay_when_sizes_and_customers_change() -> None:
    before = fit_clusters(_planted(0))
    other = _planted(1, (0.2, 0.3, 0.5))
    assert _group_numbers(other, fit_clusters(other, before)) == _group_numbers(_planted(0), before)


def test_numbers_are_handed_on_from_the_model_and_not_counted_again() -> None:
    before = fit_clusters(_planted(0))
    relabelled = ClusterModel.from_parameters({**before.to_parameters(), "numbers": [7, 5, 9]})
    after = fit_clusters(_planted(1), relabelled)
    assert _group_numbers(_planted(1), after) == _group_numbers(_planted(1), relabelled)


def test_a_further_cluster_gets_a_number_of_its_own() -> None:
    before = fit_clusters(_planted(0))
    grown = _planted(2, (0.25, 0.25, 0.25, 0.25))
    numbers = _group_numbers(grown, fit_clusters(grown, before))
    assert {number: group for group, number in numbers.items()}[4] in (1, 3)
    assert sorted(numbers.values()) == [1, 2, 3, 4]


def test_the_order_of_rows_changes_nothing_and_a_round_trip_neither() -> None:
    frame = _planted(3)
    model = fit_clusters(frame)
    mixed = fit_clusters(frame.sample(frac=1, random_state=0))
    assert mixed.to_parameters() == model.to_parameters()
    again = ClusterModel.from_parameters(json.loads(json.dumps(model.to_parameters(), allow_nan=False)))
    pd.testing.assert_frame_equal(again.assign(frame), model.assign(frame))


@pytest.mark.parametrize("rows", [0, 1, 29])
def test_few_customers_are_one_cluster(rows: int) -> None:
    frame = frames.customers(rows)
    assigned = fit_clusters(frame).assign(frame)
    assert assigned["cluster_name"].tolist() == ["All customers"] * rows
    assert assigned["cluster_number"].tolist() == [1] * rows


def test_customers_who_are_all_alike_are_one_cluster() -> None:
    frame = pd.DataFrame({"customer_sk": range(100), "mean_order_value": 5.0})
    assert fit_clusters(frame).names == ("All customers",)


def test_one_feature_of_two_values() -> None:
    frame = pd.DataFrame({"customer_sk": range(100), "mean_order_value": [5.0, 80.0] * 50})
    model = fit_clusters(frame)
    assert len(model.assign(frame)) == 100


def test_names_are_unique_on_ordinary_frames() -> None:
    model = fit_clusters(frames.customers(500))
    assert len(set(model.names)) == len(model.names)

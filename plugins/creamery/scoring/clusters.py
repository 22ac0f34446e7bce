"""Behavioural clusters: k-means on scaled behaviour, with numbers and names that stay (spec, section 5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

from creamery.scoring.cutoffs import customer_hash

Floats = NDArray[np.float64]

# What customers with little and with much of it are called.
_WORDS = {
    "days_since_last_order": ("bought lately", "long silent"),
    "purchase_days_365": ("few orders", "many orders"),
    "last_gap_mean_days": ("quick rhythm", "slow rhythm"),
    "mean_order_value": ("small orders", "large orders"),
    "age_days": ("new", "old customers"),
    "discount_share": ("full price", "discounts"),
    "return_share": ("keeps what it buys", "returns much"),
    "category_count_365": ("few categories", "many categories"),
    "cart_count_30": ("no carts", "many carts"),
    "mail_opens_90": ("opens no mail", "opens mail"),
    "active_subscription_count": ("no subscription", "subscribed"),
}
_SAMPLE = 20_000
_SILHOUETTE_SAMPLE = 5_000  # its cost is quadratic
_LEAST_CUSTOMERS = 30
_CLIP = 3.0
_KEEPS_K_WITHIN = 0.02  # of the best silhouette: the number of clusters does not flicker from night to night
_NAMED_FROM = 0.3  # scaled units off the mean
_QUARTILES_OF_NORMAL = 1.349


@dataclass(frozen=True, slots=True, eq=False)
class ClusterModel:
    """`scales` has a median and a spread per feature (after log1p); `centroids` a row per cluster, in scaled units.

    `numbers` and `names` belong to the rows of `centroids`; `silhouette` is that of the fit, NaN for one cluster.
    """

    features: tuple[str, ...]
    scales: Floats
    centroids: Floats
    numbers: tuple[int, ...]
    names: tuple[str, ...]
    silhouette: float

    def assign(self, features: pd.DataFrame) -> pd.DataFrame:
        """One row per row of `features`: customer_sk, cluster_number, cluster_name, cluster_distance."""
        scaled = _scaled(_logs(features, self.features), self.scales)
        distances = np.sqrt(np.stack([((scaled - centre) ** 2).sum(axis=1) for centre in self.centroids], axis=1))
        nearest = distances.argmin(axis=1)
        return pd.DataFrame(
            {
                "customer_sk": features["customer_sk"].to_numpy(),
                "cluster_number": np.array(self.numbers)[nearest],
                "cluster_name": np.array(self.names, dtype=object)[nearest],
                "cluster_distance": np.round(distances.min(axis=1), 4),
            }
        )

    def to_parameters(self) -> dict[str, Any]:
        return {
            "features": list(self.features),
            "scales": self.scales.tolist(),
            "centroids": self.centroids.tolist(),
            "numbers": list(self.numbers),
            "names": list(self.names),
            "silhouette": None if np.isnan(self.silhouette) else self.silhouette,
        }

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Self:
        count, silhouette = len(parameters["features"]), parameters["silhouette"]
        return cls(
            tuple(parameters["features"]),
            np.array(parameters["scales"], dtype=float).reshape(count, 2),
            np.array(parameters["centroids"], dtype=float).reshape(len(parameters["numbers"]), count),
            tuple(parameters["numbers"]),
            tuple(parameters["names"]),
            np.nan if silhouette is None else float(silhouette),
        )


def fit_clusters(
    features: pd.DataFrame, previous: ClusterModel | None = None, least: int = 3, most: int = 8
) -> ClusterModel:
    """Between `least` and `most` clusters, by silhouette; under 30 customers, or without a difference, one for all.

    With the model of the night before, its k stays while it is about as good, and each cluster takes over the number of
    the one it lies nearest to; a further one gets a new number.
    """
    sample = _sample(features)
    logs = _logs(sample, tuple(_WORDS))
    spreads = np.array([_scale(column) for column in logs.T])
    used = np.flatnonzero(spreads[:, 1] > 0)
    names, scales = tuple(np.array(tuple(_WORDS))[used].tolist()), spreads[used]
    if len(sample) < _LEAST_CUSTOMERS or not names:
        return ClusterModel((), np.empty((0, 2)), np.empty((1, 0)), (1,), ("All customers",), np.nan)
    scaled = _scaled(logs[:, used], scales)
    start = _in_scale_of(names, scales, previous) if previous else None
    with threadpool_limits(1):
        centroids, silhouette = _centroids(scaled, range(least, most + 1), start)
    centroids = centroids[np.lexsort(centroids.T[::-1])]
    numbers = _numbers(centroids, start, previous)
    return ClusterModel(names, scales, centroids, numbers, _names(centroids, scaled.mean(axis=0), names), silhouette)


def _sample(features: pd.DataFrame) -> pd.DataFrame:
    """The same customers whatever the order of the rows."""
    return features.iloc[np.argsort(customer_hash(features["customer_sk"]), kind="stable")[:_SAMPLE]]


def _logs(features: pd.DataFrame, names: tuple[str, ...]) -> Floats:
    values = features.reindex(columns=list(names)).to_numpy(dtype=float, na_value=np.nan)
    logs: Floats = np.sign(values) * np.log1p(np.abs(values))
    return logs


def _scale(values: Floats) -> tuple[float, float]:
    """Median and spread: of the middle half, or the deviation where half of the customers share one value."""
    present = values[~np.isnan(values)]
    if not len(present) or present.min() == present.max():
        return 0.0, 0.0
    low, middle, high = np.quantile(present, [0.25, 0.5, 0.75])
    return float(middle), float((high - low) / _QUARTILES_OF_NORMAL or present.std())


def _scaled(logs: Floats, scales: Floats) -> Floats:
    """Missing values stand at the median."""
    if not len(scales):
        return np.zeros((len(logs), 0))
    return np.nan_to_num(np.clip((logs - scales[:, 0]) / scales[:, 1], -_CLIP, _CLIP))


def _in_scale_of(names: tuple[str, ...], scales: Floats, previous: ClusterModel) -> Floats:
    """The previous centroids in tonight's units; what they do not know stands at the median."""
    result = np.zeros((len(previous.centroids), len(names)))
    for column, name in enumerate(names):
        if name in previous.features:
            place = previous.features.index(name)
            middle, spread = previous.scales[place]
            result[:, column] = (previous.centroids[:, place] * spread + middle - scales[column, 0]) / scales[column, 1]
    return result


def _centroids(scaled: Floats, sizes: range, start: Floats | None) -> tuple[Floats, float]:
    """Centroids of the best size and their silhouette."""
    distinct = len(np.unique(scaled, axis=0))
    fits: dict[int, tuple[Floats, float]] = {}
    for size in sizes:
        if size >= distinct:
            break
        is_kept = start is not None and len(start) == size
        model = KMeans(size, init=start if is_kept else "k-means++", n_init=1 if is_kept else 4, random_state=0)
        labels = model.fit_predict(scaled)[:_SILHOUETTE_SAMPLE]
        quality = silhouette_score(scaled[:_SILHOUETTE_SAMPLE], labels) if len(np.unique(labels)) > 1 else -1.0
        fits[size] = model.cluster_centers_, float(quality)
    if not fits:
        return scaled.mean(axis=0)[None, :], np.nan
    best = max(fits, key=lambda size: fits[size][1])
    if start is not None and len(start) in fits and fits[len(start)][1] >= fits[best][1] - _KEEPS_K_WITHIN:
        best = len(start)
    return fits[best]


def _numbers(centroids: Floats, start: Floats | None, previous: ClusterModel | None) -> tuple[int, ...]:
    """Numbers of the previous clusters by the least total distance (Kuhn 1955), new ones above them."""
    if start is None or previous is None:
        return tuple(range(1, len(centroids) + 1))
    distances = ((centroids[:, None, :] - start[None, :, :]) ** 2).sum(axis=2)
    rows, columns = linear_sum_assignment(distances)
    taken = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    free = iter(range(max(previous.numbers) + 1, max(previous.numbers) + 1 + len(centroids)))
    return tuple(previous.numbers[taken[row]] if row in taken else next(free) for row in range(len(centroids)))


def _names(centroids: Floats, mean: Floats, features: tuple[str, ...]) -> tuple[str, ...]:
    """The two features in which a cluster differs most from the mean customer, or more until the name is its own."""
    names: list[str] = []
    for offset in centroids - mean:
        order = np.argsort(-np.abs(offset), kind="stable")
        words = [_WORDS[features[place]][int(offset[place] > 0)] for place in order]
        strong = max(1, int((np.abs(offset) >= _NAMED_FROM).sum()))
        own = (", ".join(words[:count]).capitalize() for count in range(min(2, strong), len(words) + 1))
        names.append(next((name for name in own if name not in names), f"Cluster {len(names) + 1}"))
    return tuple(names)

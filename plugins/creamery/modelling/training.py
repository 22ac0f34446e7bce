"""What every task learns, and from which models it may choose."""

from collections.abc import Callable

from threadpoolctl import threadpool_limits

from creamery import settings
from creamery.modelling import churn_training, cluster_training, configuration, value_training
from creamery.modelling.history import History
from creamery.modelling.registry import Champion, Task, Training

# Name, what it is, and whether it is what others have to beat.
_MODELS = {
    Task.LIFETIME_VALUE: (
        ("bg_nbd", "BG/NBD and Gamma-Gamma (Fader, Hardie & Lee 2005)", False),
        ("nbd", "NBD: nobody leaves for good (Ehrenberg 1959)", False),
        ("decayed_rate", "Rate of purchases, half-life 56 days", False),
        ("boosting", "Additive Poisson boosting on past windows", False),
        ("mean", "Mean of BG/NBD, decayed rate and boosting", False),
        ("same_as_last_window", "The next days bring what the last ones brought", True),
        ("heuristic", "Rate times retention (customer-analytics.md)", True),
    ),
    Task.CHURN: (
        ("rhythm_rule", "Rule score of customer-analytics.md, by the customer's own rhythm", True),
        ("bg_nbd", "Exact probability of no purchase by BG/NBD", False),
        ("logistic", "Penalised logistic regression", False),
        ("boosting", "Gradient boosting without interactions", False),
        ("average", "Average of logistic regression and boosting", False),
    ),
    Task.PROPENSITY: (
        ("bg_nbd", "Exact probability of a purchase by BG/NBD", True),
        ("base_rate", "One probability for everybody", True),
        ("none", "Nothing to learn from", True),
        ("logistic", "Penalised logistic regression", False),
        ("boosting", "Gradient boosting without interactions", False),
        ("average", "Average of logistic regression and boosting", False),
    ),
    Task.CLUSTERS: (("k_means", "k-means on scaled behaviour, k by silhouette", False),),
}


def learn(task: Task, known: History, incumbent: Champion | None) -> Training:
    """One task's candidates against each other, and against who serves now."""
    # More threads than one wait for each other longer than they work, on so little data.
    with threadpool_limits(1):
        return _TASKS[task](known, incumbent)


def models_of(task: Task) -> tuple[tuple[str, str, bool], ...]:
    """Name, description and whether it is a baseline, of every model that may serve the task."""
    return _MODELS[task]


_TASKS: dict[Task, Callable[[History, Champion | None], Training]] = {
    Task.LIFETIME_VALUE: lambda known, incumbent: value_training.train(
        known, incumbent, configuration.of_values(settings.load())
    ),
    Task.CHURN: lambda known, incumbent: churn_training.train(
        known, incumbent, configuration.of_churn(settings.load())
    ),
    Task.PROPENSITY: lambda known, _: churn_training.train_propensity(known),
    Task.CLUSTERS: cluster_training.train,
}

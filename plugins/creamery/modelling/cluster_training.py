"""Training of behavioural clusters; numbers stay with the clusters that they belonged to."""

from creamery.modelling.history import History
from creamery.modelling.registry import Champion, Decision, Fit, Metric, Task, Training, Verdict
from creamery.scoring.clusters import ClusterModel, fit_clusters


def train(history: History, incumbent: Champion | None) -> Training:
    """Fit to the customers of the training's day; there is nothing to foretell, so it always serves."""
    previous = ClusterModel.from_parameters(incumbent.parameters) if incumbent else None
    model = fit_clusters(history.today, previous)
    customers = len(history.today)
    fit = Fit(
        "k_means",
        history.window,
        customers,
        customers,
        history.fingerprint,
        parameters=model.to_parameters(),
        metrics={"clusters": len(model.numbers)},
    )
    silhouette = None if model.silhouette != model.silhouette else model.silhouette
    metrics = [Metric("k_means", history.as_of, 0, "all", "silhouette", silhouette, customers)]
    verdict = Verdict(Decision.PROMOTION, "k_means", fit.version(history.as_of), f"{len(model.numbers)} clusters.")
    return Training(Task.CLUSTERS, history.as_of, [fit], metrics, [], verdict)

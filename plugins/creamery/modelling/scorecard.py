"""The newest training for people: every model and baseline on every closed window, and who serves."""

from typing import Any

import psycopg

from creamery import warehouse
from creamery.night_report import print_table

# What is shown of each population, in this order, and how.
_SHOWN = {
    "purchases": {"root_mean_squared_error": "RMSE", "mean_absolute_error": "MAE", "pearson": "Pearson",
                  "bias_percent": "bias %", "top_decile_lift": "top 10 %"},
    "value": {"root_mean_squared_error": "RMSE", "bias_percent": "bias %", "interval_coverage": "within 80 %"},
    "all": {"auc": "AUC", "average_precision": "AP", "brier": "Brier", "calibration_error": "calibration",
            "silhouette": "silhouette"},
    "active": {"auc": "AUC", "brier": "Brier"},
    "repeat": {"auc": "AUC", "brier": "Brier"},
}  # fmt: skip


def print_scorecard(dsn: str) -> None:
    """Print what the newest training of each task of the warehouse behind `dsn` found."""
    with warehouse.connect(dsn, warehouse.Role.TRANSFORMER) as connection:
        for task, day, model, kind, reason in _decisions(connection):
            print(f"\n{connection.info.dbname}, {task} trained on {day}: {model} serves ({kind}). {reason}")
            for cutoff, horizon, population in _windows(connection, task, day):
                _print_window(connection, (task, day, cutoff, horizon, population))


def _decisions(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "select distinct on (task) task, as_of_date, model_name, kind, reason from ml.promotion"
        " order by task desc, as_of_date desc, promotion_id desc"
    ).fetchall()


def _windows(connection: psycopg.Connection, task: str, day: object) -> list[tuple[Any, ...]]:
    return connection.execute(
        "select distinct cutoff_date, horizon_days, population from ml.backtest where task = %s and as_of_date = %s"
        " order by population, horizon_days, cutoff_date desc",
        (task, day),
    ).fetchall()


def _print_window(connection: psycopg.Connection, window: tuple[Any, ...]) -> None:
    rows = connection.execute(
        "select backtest.model_name || case when model.is_baseline then ' (baseline)' else '' end,"
        " jsonb_object_agg(metric, metric_value), max(row_count)"
        " from ml.backtest join ml.model using (task, model_name)"
        " where task = %s and as_of_date = %s and cutoff_date = %s and horizon_days = %s and population = %s"
        " group by backtest.model_name, model.is_baseline",
        window,
    ).fetchall()
    _, _, cutoff, horizon, population = window
    measures = {metric: title for metric, title in _SHOWN[population].items() if any(metric in row[1] for row in rows)}
    first = next(iter(measures))
    rows.sort(key=lambda row: (row[1].get(first) is None, row[1].get(first)))
    print(f"\n  {population} in {horizon} days from {cutoff}, {rows[0][2]:,} customers")
    print_table(
        ("model", *measures.values()),
        [(name, *(_text(numbers.get(metric)) for metric in measures)) for name, numbers, _ in rows],
    )


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"

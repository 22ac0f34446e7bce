"""For each dashboard a figure that one can find without its view: the chart, and SQL over star and marts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`metric` of a chart, summed over its lines, equals what `sql` finds for %(day)s."""

    dashboard: str
    chart: str
    metric: str
    sql: str


FIGURES = [
    Figure(
        "segmentation",
        "customers",
        "customers",
        "select count(*) from marts.fact_customer_rfm where as_of_date = %(day)s",
    ),
    Figure(
        "segmentation",
        "revenue_by_segment",
        "net_revenue",
        "select sum(total_spend_365_days) from marts.fact_customer_rfm where as_of_date = %(day)s",
    ),
    Figure(
        "segmentation",
        "recency_frequency_heatmap",
        "customers",
        "select count(*) from marts.fact_customer_rfm where as_of_date = %(day)s",
    ),
]

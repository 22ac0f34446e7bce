"""For each dashboard a figure that one can find without its view: the chart, and SQL over star and marts."""

from dataclasses import dataclass
from typing import LiteralString


@dataclass(frozen=True, slots=True)
class Figure:
    """`metric` of a chart, summed over its lines, equals what `sql` finds for %(day)s."""

    dashboard: str
    chart: str
    metric: str
    sql: LiteralString


FIGURES = [
    Figure(
        "contacts",
        "contactable",
        "customers",
        "select count(*) from star.dim_customer_contact as contacts where contacts.generation_to is null"
        " and not exists (select from audiences.suppression as why where why.customer_sk = contacts.customer_sk)",
    ),
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
    Figure(
        "customer_value",
        "value_by_tier",
        "predicted_value",
        "select sum(predicted_clv_lifetime) from marts.fact_customer_ltv"
        " where as_of_date = %(day)s and generation_to is null",
    ),
    Figure(
        "customer_value",
        "top_customers",
        "predicted_clv_lifetime",
        "select sum(best.predicted_clv_lifetime) from (select predicted_clv_lifetime from marts.fact_customer_ltv"
        " where as_of_date = %(day)s and generation_to is null order by 1 desc nulls last limit 100) as best",
    ),
    Figure(
        "churn",
        "risk_table",
        "value_at_risk",
        "select sum(value_at_risk) from marts.fact_customer_churn_risk"
        " where as_of_date = %(day)s and generation_to is null",
    ),
    Figure(
        "churn",
        "savable",
        "savable",
        "select count(*) from marts.fact_customer_churn_risk where as_of_date = %(day)s and generation_to is null"
        " and churn_risk_score > 50 and not is_already_silent",
    ),
    Figure(
        "model_evidence",
        "models_serving",
        "models",
        "select count(*) from marts.model_champion where as_of_date = %(day)s and generation_to is null",
    ),
]

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
        "executive_overview",
        "customers_by_month",
        "new_customers",
        "select count(*) from marts.customer_lifecycle"
        " where as_of_date = %(day)s and generation_to is null and first_order_date is not null",
    ),
    Figure(
        "customer_360",
        "customer_revenue",
        "revenue",
        "select max(total_revenue) from marts.customer_lifecycle where as_of_date = %(day)s and generation_to is null",
    ),
    Figure(
        "contacts",
        "contactable",
        "customers",
        "select count(*) from star.dim_customer_contact as contacts where contacts.generation_to is null"
        " and not exists (select from audiences.suppression as why where why.customer_sk = contacts.customer_sk"
        " and why.channel = 'email')",
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
    Figure(
        "cohorts",
        "cohort_customers",
        "customers",
        "select count(*) from marts.fact_customer_rfm where as_of_date = %(day)s and generation_to is null",
    ),
    Figure(
        "acquisition",
        "channel_table",
        "new_customers",
        "select count(conversion_date) from marts.fact_customer_acquisition"
        " where as_of_date = %(day)s and generation_to is null",
    ),
    Figure(
        "lifecycle_journey",
        "stage_churned",
        "churned_customers",
        "select count(*) from marts.customer_lifecycle"
        " where as_of_date = %(day)s and current_stage = 'churned' and generation_to is null",
    ),
    Figure(
        "campaigns",
        "campaign_messages",
        "delivered",
        "select count(*) from star.fact_mailing_send where is_delivered and generation_to is null",
    ),
    Figure(
        "carts",
        "cart_outcomes",
        "carts",
        "select count(*) from star.fact_cart where cart_created_date <= %(day)s::date and generation_to is null",
    ),
    Figure(
        "feedback",
        "nps_now",
        "nps",
        "select 100.0 * sum(case when nps_score >= 9 then 1 when nps_score <= 6 then -1 else 0 end) / count(*)"
        " from star.fact_nps where answer_date > %(day)s::date - 365 and answer_date <= %(day)s::date"
        " and generation_to is null",
    ),
    Figure(
        "pipeline_health",
        "pipeline_reconciliation",
        "source_rows",
        "select sum(source_row_count) from star.source_reconciliation where generation_to is null",
    ),
    Figure(
        "loyalty",
        "loyalty_tier_table",
        "balance",
        "select sum(points_balance) from marts.fact_loyalty_balance"
        " where as_of_date = %(day)s and generation_to is null",
    ),
]

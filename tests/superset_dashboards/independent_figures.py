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
    Figure(
        "cohorts",
        "cohort_customers",
        "customers",
        "select count(*) from marts.fact_customer_rfm where as_of_date = %(day)s",
    ),
    Figure(
        "acquisition",
        "channel_table",
        "new_customers",
        "select count(conversion_date) from marts.fact_customer_acquisition where as_of_date = %(day)s",
    ),
    Figure(
        "lifecycle_journey",
        "stage_churned",
        "churned_customers",
        "select count(*) from marts.customer_lifecycle where as_of_date = %(day)s and current_stage = 'churned'",
    ),
    Figure(
        "campaigns",
        "campaign_messages",
        "delivered",
        "select count(*) from star.fact_mailing_send where is_delivered",
    ),
    Figure(
        "carts",
        "cart_outcomes",
        "carts",
        "select count(*) from star.fact_cart where cart_created_date <= %(day)s",
    ),
    Figure(
        "feedback",
        "nps_now",
        "nps",
        "select 100.0 * sum(case when nps_score >= 9 then 1 when nps_score <= 6 then -1 else 0 end) / count(*)"
        " from star.fact_nps where answer_date > date %(day)s - 365 and answer_date <= %(day)s",
    ),
    Figure(
        "pipeline_health",
        "pipeline_reconciliation",
        "source_rows",
        "select sum(source_row_count) from star.source_reconciliation",
    ),
]

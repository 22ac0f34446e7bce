{{
    config(
        key=["as_of_date", "customer_sk"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
        reader_indexes=[["as_of_date", "churn_risk_category"]],
    )
}}

with features as (
    select * from {{ ref("customer_features") }}
    where as_of_date in ({{ as_of_dates() }})
),

scores as (
    select * from {{ ref("stg_scores__customer_churn") }}
),

values_of_customers as (
    select * from {{ latest("fact_customer_ltv") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

rule_churn as (
    select * from {{ ref("customer_rule_churn") }}
),

engagement as (
    select * from {{ latest("fact_customer_engagement") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

customers as (
    select * from {{ latest("dim_customer") }} as dimension
),

population as (
    select
        features.*,
        scores.churn_method,
        scores.model_version,
        scores.reasons_model,
        scores.horizon_days,
        scores.churn_probability,
        scores.churn_probability_day_before,
        scores.rhythm_rule_score,
        rule_churn.rule_churn_score,
        scores.decline_probability,
        scores.is_single_order,
        scores.is_already_silent,
        scores.predicted_churn_date,
        scores.top_churn_factor_1,
        scores.top_churn_factor_2,
        scores.top_churn_factor_3,
        scores.top_churn_factor_code_1,
        scores.top_churn_factor_code_2,
        scores.top_churn_factor_code_3,
        round(100 * scores.churn_probability)::integer as churn_risk_score,
        greatest(values_of_customers.predicted_clv_1_year, 0) * scores.churn_probability as value_at_risk,
        values_of_customers.predicted_clv_1_year,
        engagement.engagement_trend,
        customers.salesperson_user_id
    from features
    inner join scores on features.as_of_date = scores.as_of_date and features.customer_sk = scores.customer_sk
    left join values_of_customers
        on
            features.as_of_date = values_of_customers.as_of_date
            and features.customer_sk = values_of_customers.customer_sk
    left join rule_churn
        on features.as_of_date = rule_churn.as_of_date and features.customer_sk = rule_churn.customer_sk
    left join engagement
        on features.as_of_date = engagement.as_of_date and features.customer_sk = engagement.customer_sk
    left join customers
        on
            features.customer_sk = customers.customer_sk
            and features.as_of_date between customers.valid_from_date and customers.valid_to_date
),

ranked as (
    select
        population.*,
        count(*) over (partition by population.as_of_date) as customers,
        {{ double_mid_rank("population.churn_probability") }} as probability_mid_rank,
        {{ double_mid_rank("population.value_at_risk") }} as value_mid_rank,
        {{ risk_category("population.churn_risk_score") }} as churn_risk_category
    from population
),

final as (
    select
        {{ surrogate_key(["'churn'", "ranked.as_of_date", "ranked.customer_sk"]) }} as churn_risk_sk,
        {{ date_key("ranked.as_of_date") }} as date_sk,
        ranked.as_of_date,
        ranked.customer_sk,
        ranked.days_since_last_order,
        ranked.days_since_last_activity as days_since_last_interaction,
        ranked.orders_30::integer as orders_last_30_days,
        ranked.orders_90::integer as orders_last_90_days,
        round(ranked.spend_30::numeric, 2) as spend_last_30_days,
        round(ranked.spend_90::numeric, 2) as spend_last_90_days,
        {{ month_trend("ranked.orders_30", "ranked.orders_90") }} as order_frequency_trend,
        {{ month_trend("ranked.spend_30", "ranked.spend_90") }} as spend_trend,
        ranked.engagement_trend,
        round(ranked.gap_change_percent::numeric, 2) as avg_order_interval_change_pct,
        null::integer as declined_orders_count,
        ranked.complaint_count_90::integer as complaints_count,
        ranked.refund_count_90::integer as returns_count_90_days,
        null::integer as support_tickets_open,
        round(ranked.churn_probability::numeric, 4) as churn_probability,
        {{ mid_rank_percentile("ranked.probability_mid_rank") }} as churn_percentile,
        ranked.churn_risk_score,
        ranked.rhythm_rule_score,
        ranked.rule_churn_score,
        ranked.churn_risk_category,
        round(ranked.decline_probability::numeric, 4) as decline_probability,
        ranked.horizon_days,
        ranked.is_single_order,
        ranked.is_already_silent,
        ranked.predicted_churn_date,
        ranked.predicted_churn_date - ranked.as_of_date as days_until_predicted_churn,
        ranked.top_churn_factor_1,
        ranked.top_churn_factor_2,
        ranked.top_churn_factor_3,
        ranked.top_churn_factor_code_1,
        ranked.top_churn_factor_code_2,
        ranked.top_churn_factor_code_3,
        ranked.churn_method,
        ranked.model_version,
        ranked.reasons_model,
        round(ranked.value_at_risk::numeric, 2) as value_at_risk,
        6 - {{ mid_rank_fifth("ranked.value_mid_rank") }} as intervention_priority,
        case ranked.churn_risk_category
            when 'Critical' then 'Immediate personal outreach'
            when 'High' then 'Send win-back campaign'
            when 'Medium' then 'Include in retention program'
            else 'Monitor engagement'
        end as recommended_action,
        ranked.salesperson_user_id as assigned_to,
        -- Worth a call today: critical since today, of the most valuable fifth. Yesterday by the same model.
        coalesce(
            ranked.churn_risk_category = 'Critical'
            and {{ risk_category("round(100 * ranked.churn_probability_day_before)") }} <> 'Critical'
            and 6 - {{ mid_rank_fifth("ranked.value_mid_rank") }} = 1,
            false
        ) as is_new_alert,
        ranked.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from ranked
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
)

select * from final

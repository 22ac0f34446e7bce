{{ config(key=["as_of_date", "customer_sk"], scope="as_of_date in (" ~ as_of_dates() ~ ")") }}

with scores as (
    select * from {{ ref("stg_scores__customer_propensity") }}
    where as_of_date in ({{ as_of_dates() }})
),

ranked as (
    select
        population.*,
        count(*) over (partition by population.as_of_date) as customers,
        {{ double_mid_rank("population.purchase_probability_30") }} as probability_mid_rank
    from scores as population
),

final as (
    select
        {{ surrogate_key(["'propensity'", "ranked.as_of_date", "ranked.customer_sk"]) }} as propensity_sk,
        {{ date_key("ranked.as_of_date") }} as date_sk,
        ranked.as_of_date,
        ranked.customer_sk,
        round(ranked.purchase_probability_30::numeric, 4) as purchase_probability_30,
        {{ mid_rank_percentile("ranked.probability_mid_rank") }} as propensity_percentile,
        ranked.model_version,
        ranked.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from ranked
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
)

select * from final

{{ config(key=["as_of_date", "customer_sk"], scope="as_of_date in (" ~ as_of_dates() ~ ")") }}

with scores as (
    select * from {{ ref("stg_scores__customer_cluster") }}
    where as_of_date in ({{ as_of_dates() }})
),

final as (
    select
        {{ surrogate_key(["'cluster'", "scores.as_of_date", "scores.customer_sk"]) }} as customer_cluster_sk,
        {{ date_key("scores.as_of_date") }} as date_sk,
        scores.as_of_date,
        scores.customer_sk,
        scores.cluster_number,
        scores.cluster_name,
        scores.model_version,
        scores.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from scores
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
)

select * from final

with days as (
    select * from {{ ref("stg_ops__published_day") }}
),

publication as (
    select * from {{ ref("stg_ops__publication") }}
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        days.as_of_date,
        days.generation,
        days.published_at,
        days.as_of_date = publication.as_of_date as is_latest,
        days.is_reconstructed,
        warehouse.reporting_currency,
        warehouse.business_time_zone
    from days
    cross join publication
    cross join warehouse
)

select * from final

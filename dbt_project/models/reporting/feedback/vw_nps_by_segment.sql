with days as (
    select * from {{ ref("stg_ops__published_day") }}
),

responses as (
    select * from {{ published("fact_nps") }} as facts
),

customers as (
    select * from {{ published("dim_customer") }} as dimension
),

rfm as (
    select * from {{ published("fact_customer_rfm") }} as facts
),

segments as (
    select * from {{ published("dim_customer_segment") }} as dimension
),

final as (
    select
        days.as_of_date,
        coalesce(segments.segment_name, 'No order yet') as rfm_segment,
        coalesce(customers.country_name, 'Unknown') as country,
        count(*) as responses,
        count(*) filter (where responses.nps_category = 'promoter') as promoters,
        count(*) filter (where responses.nps_category = 'passive') as passives,
        count(*) filter (where responses.nps_category = 'detractor') as detractors,
        count(*) filter (where responses.has_comment) as comments
    from days
    inner join responses on responses.answer_date between days.as_of_date - 364 and days.as_of_date
    left join customers
        on
            responses.customer_sk = customers.customer_sk
            and days.as_of_date between customers.valid_from_date and customers.valid_to_date
    left join rfm on responses.customer_sk = rfm.customer_sk and days.as_of_date = rfm.as_of_date
    left join segments on rfm.rfm_segment_sk = segments.segment_sk
    group by
        days.as_of_date,
        coalesce(segments.segment_name, 'No order yet'),
        coalesce(customers.country_name, 'Unknown')
)

select * from final

{{
    config(
        key=["as_of_date", "from_segment_sk", "to_segment_sk"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
    )
}}

with segments as (
    select * from {{ ref("rfm_customer_segments") }}
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

current_day as (
    select * from segments
    where segments.as_of_date in ({{ as_of_dates() }})
),

moves as (
    select
        current_day.as_of_date,
        coalesce(before.rfm_segment_sk, 0) as from_segment_sk,
        current_day.rfm_segment_sk as to_segment_sk
    from current_day
    left join segments as before
        on
            current_day.as_of_date - 30 = before.as_of_date
            and current_day.customer_sk = before.customer_sk
),

summed as (
    select
        moves.as_of_date,
        moves.from_segment_sk,
        moves.to_segment_sk,
        count(*) as customer_count
    from moves
    group by moves.as_of_date, moves.from_segment_sk, moves.to_segment_sk
),

final as (
    select
        {{ date_key("summed.as_of_date") }} as date_sk,
        summed.as_of_date,
        summed.from_segment_sk,
        summed.to_segment_sk,
        summed.customer_count,
        summed.as_of_date < warehouse.first_witnessed_date as is_reconstructed
    from summed
    cross join warehouse
)

select * from final

with days as (
    select days.as_of_date
    from unnest(array[{{ as_of_dates() }}]) as days (as_of_date)
),

awards as (
    select * from {{ published("fact_loyalty_award_due") }} as facts
),

orders as (
    select * from {{ published("fact_order") }} as facts
),

-- The shop's own engine has had a whole day; an order that came back earns nothing.
final as (
    select
        days.as_of_date,
        -- A tier can be reached again, on another day.
        'Awarded ' || awards.award_name
        || case when awards.award_type = 'tier' then '/' || days.as_of_date else '' end as award_key,
        awards.program_id,
        awards.card_id,
        awards.customer_sk,
        awards.award_type,
        awards.source_id,
        awards.due_date as occurred_date,
        awards.points,
        awards.entry_limit,
        awards.allow_downgrade,
        awards.award_mode
    from awards
    inner join days on awards.due_date < days.as_of_date
    left join orders on awards.order_sk = orders.order_sk
    where awards.order_sk is null or orders.counted_days @> days.as_of_date
)

select * from final

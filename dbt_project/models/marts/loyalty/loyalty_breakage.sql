{{
    config(
        key=["as_of_date", "loyalty_program_sk", "opened_month"],
        scope="as_of_date in (" ~ as_of_dates() ~ ")",
    )
}}

with lots as (
    select * from {{ latest("loyalty_lot") }} as facts
    where facts.as_of_date in ({{ as_of_dates() }})
),

final as (
    select
        lots.as_of_date,
        {{ date_key("lots.as_of_date") }} as date_sk,
        lots.loyalty_program_sk,
        date_trunc('month', lots.opened_date)::date as opened_month,
        sum(lots.points_opened) as points_opened,
        sum(lots.points_used) as points_used,
        sum(lots.points_expired) as points_expired,
        sum(lots.points_left) as points_left,
        -- Of what is decided, how much nobody will ever use.
        round(
            100 * sum(lots.points_expired) / nullif(sum(lots.points_used) + sum(lots.points_expired), 0), 2
        ) as breakage_rate
    from lots
    group by lots.as_of_date, lots.loyalty_program_sk, date_trunc('month', lots.opened_date)
)

select * from final

{{ config(materialized="table", schema="intermediate", contract={"enforced": false}) }}

with days as (
    {{ compared_days([0]) }}
),

sales as (
    select * from {{ latest("fact_sales") }} as facts
    where facts.customer_sk is not null and facts.sale_date <= {{ last_as_of_date() }}
),

final as (
    select
        days.as_of_date,
        sales.customer_sk,
        sum(sales.net_amount) as net_total,
        sum(sales.margin_amount) as margin_total,
        sum(sales.net_amount) filter (where sales.margin_amount is not null) as net_with_margin,
        sum(sales.margin_amount) filter (where sales.sale_date > days.as_of_date - 365) as margin_365_days,
        sum({{ sale_value("sales") }}) as value_total,
        case
            when bool_and(sales.margin_amount is not null) then 'margin'
            when bool_or(sales.margin_amount is not null) then 'margin_and_rate'
            else 'rate'
        end as value_basis
    from days
    inner join sales on days.as_of_date >= sales.sale_date
    group by days.as_of_date, sales.customer_sk
)

select * from final

{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, tags=["training"]) }}

{%- set horizons = [30, 56, 90, 180, 365] %}

with days as (
    {{ compared_days([0]) }}
),

purchase_days as (
    select * from {{ ref("customer_purchase_days") }} as purchase_days
    where {{ last_as_of_date() }} >= purchase_days.known_from and {{ last_as_of_date() }} < purchase_days.known_to
),

refunds as (
    select
        refunds.customer_sk,
        refunds.purchase_date,
        sum(refunds.value_amount) as value_amount
    from {{ ref("purchase_refunds") }} as refunds
    where refunds.as_of_date = {{ last_as_of_date() }}
    group by refunds.customer_sk, refunds.purchase_date
),

later_purchases as (
    select
        days.as_of_date,
        purchase_days.customer_sk,
        purchase_days.purchase_date - days.as_of_date as days_later,
        purchase_days.value_amount + coalesce(refunds.value_amount, 0) as value_amount
    from days
    inner join purchase_days
        on days.as_of_date < purchase_days.purchase_date and days.as_of_date + 365 >= purchase_days.purchase_date
    left join refunds
        on
            purchase_days.customer_sk = refunds.customer_sk
            and purchase_days.purchase_date = refunds.purchase_date
),

final as (
    select
        later_purchases.as_of_date,
        later_purchases.customer_sk,
        {% for horizon in horizons -%}
        count(*) filter (where later_purchases.days_later <= {{ horizon }}) as purchase_days_next_{{ horizon }},
        coalesce(sum(later_purchases.value_amount) filter (where later_purchases.days_later <= {{ horizon }}), 0)
            as value_next_{{ horizon }},
        {% endfor -%}
        min(later_purchases.days_later) as next_purchase_days
    from later_purchases
    group by later_purchases.as_of_date, later_purchases.customer_sk
)

select * from final

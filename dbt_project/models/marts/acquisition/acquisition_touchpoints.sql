with activities as (
    select * from {{ latest("fact_customer_activity") }} as facts
),

carts as (
    select * from {{ latest("fact_cart") }} as facts
    where facts.order_sk is not null
),

-- Not what became of a mail or a lead afterwards, nor what only customers do.
kinds as (
    select *
    from (
        values
        ('inquiry', 'created', 'lead'),
        ('mailing', 'open', 'mail opened'),
        ('mailing', 'click', 'mail clicked'),
        ('mailing', 'reply', 'mail answered'),
        ('browse', 'visit', 'visit'),
        ('cart', 'created', 'cart')
    ) as kinds_of_touchpoints (activity_type, activity_subtype, touchpoint)
),

final as (
    select
        activities.customer_sk,
        kinds.touchpoint,
        activities.activity_at as touched_at,
        activities.activity_date as touch_date,
        carts.order_sk as became_order_sk
    from activities
    inner join kinds
        on
            activities.activity_type = kinds.activity_type
            and activities.activity_subtype = kinds.activity_subtype
    left join carts
        on activities.activity_type = 'cart' and activities.activity_reference = 'sale.order,' || carts.cart_id
)

select * from final

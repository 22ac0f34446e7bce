{#
What had become of each cart by the end of each published day, with the segment and country that its customer had then.

Carts keep the moment of their last change only. One that was changed after the day is taken as left on the day that it
was begun: what lay between is not known any more.
#}
{% macro cart_outcomes() -%}
    (
        select
            days.as_of_date,
            carts.cart_created_date,
            coalesce(carts.net_amount, 0) as cart_value,
            coalesce(segments.segment_name, 'No order yet') as rfm_segment,
            coalesce(customers.country_name, 'Unknown') as country,
            carts.customer_sk is not null as is_customer_known,
            case
                when carts.addon_last_recovery_mail_date <= days.as_of_date then 'add-on'
                when carts.is_recovery_mail_sent then 'Odoo'
                else 'none'
            end as reminder,
            case
                when carts.order_date <= days.as_of_date and carts.order_date = carts.cart_created_date
                    then 'ordered the same day'
                when carts.order_date <= days.as_of_date then 'ordered later'
                when carts.cart_status = 'cancelled' and carts.last_activity_date <= days.as_of_date then 'cancelled'
                when carts.cart_status = 'awaiting_payment' and carts.last_activity_date <= days.as_of_date
                    then 'awaiting payment'
                when
                    carts.next_order_date <= days.as_of_date
                    and carts.next_order_date <= left_on.left_date + {{ cart_expiry_days() }}
                    then 'bought otherwise'
                when left_on.left_date = days.as_of_date then 'in use'
                when left_on.left_date >= days.as_of_date - {{ cart_expiry_days() }} then 'abandoned'
                else 'expired'
            end as outcome,
            case
                when carts.order_date <= days.as_of_date then carts.order_date - carts.cart_created_date
                when
                    carts.next_order_date <= days.as_of_date
                    and carts.next_order_date <= left_on.left_date + {{ cart_expiry_days() }}
                    then carts.next_order_date - left_on.left_date
            end as days_to_order
        from {{ ref("stg_ops__published_day") }} as days
        inner join {{ published("fact_cart") }} as carts on days.as_of_date >= carts.cart_created_date
        cross join lateral (
            select
                case
                    when carts.last_activity_date <= days.as_of_date then carts.last_activity_date
                    else carts.cart_created_date
                end as left_date
        ) as left_on
        left join {{ published("dim_customer") }} as customers
            on
                carts.customer_sk = customers.customer_sk
                and days.as_of_date between customers.valid_from_date and customers.valid_to_date
        left join {{ published("fact_customer_rfm") }} as rfm
            on carts.customer_sk = rfm.customer_sk and days.as_of_date = rfm.as_of_date
        left join {{ published("dim_customer_segment") }} as segments on rfm.rfm_segment_sk = segments.segment_sk
    )
{%- endmacro %}

{# Nobody comes back to a cart after that long (spec, section 9). #}
{% macro cart_expiry_days() -%} 30 {%- endmacro %}

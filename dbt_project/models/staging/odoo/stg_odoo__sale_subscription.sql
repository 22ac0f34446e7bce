{# Subscriptions of Odoo Enterprise, which are sale orders, and of OCA's module, which are a table of their own. #}
with enterprise as (
    select
        'enterprise' as subscription_source,
        orders.id as subscription_id,
        orders.name as subscription_name,
        orders.partner_id,
        orders.company_id,
        orders.currency_id,
        orders.id as order_id,
        orders.origin_order_id,
        case
            when orders.state = 'cancel' then 'closed'
            -- Odoo 17 on, and the words of 16.
            when orders.subscription_state = '3_progress' or orders.stage_category = 'progress' then 'active'
            when orders.subscription_state = '4_paused' or orders.stage_category = 'paused' then 'paused'
            when orders.subscription_state = '5_renewed' then 'renewed'
            when orders.subscription_state = '6_churn' or orders.stage_category = 'closed' then 'closed'
            else 'draft'
        end as subscription_state,
        coalesce(plans.billing_period_unit, recurrences.unit) as interval_unit,
        coalesce(plans.billing_period_value, recurrences.duration) as interval_count,
        orders.recurring_monthly as monthly_net,
        orders.start_date as started_date,
        orders.end_date as ends_date,
        orders.next_invoice_date,
        {{ translated("reasons.name") }} as close_reason
    from {{ known_rows("sale_order") }} as orders
    left join {{ known_rows("sale_subscription_plan") }} as plans on orders.plan_id = plans.id
    left join {{ known_rows("sale_temporal_recurrence") }} as recurrences on orders.recurrence_id = recurrences.id
    left join {{ known_rows("sale_order_close_reason") }} as reasons on orders.close_reason_id = reasons.id
    where orders.is_subscription and orders.subscription_state is distinct from '7_upsell'
),

oca as (
    select
        'oca' as subscription_source,
        subscriptions.id as subscription_id,
        subscriptions.name as subscription_name,
        subscriptions.partner_id,
        subscriptions.company_id,
        subscriptions.currency_id,
        subscriptions.sale_order_id as order_id,
        null::integer as origin_order_id,
        case
            when stages.type = 'post' then 'closed'
            when subscriptions.is_paused then 'paused'
            when stages.type = 'in_progress' or subscriptions.in_progress then 'active'
            else 'draft'
        end as subscription_state,
        rtrim(templates.recurring_rule_type, 's') as interval_unit,
        templates.recurring_interval as interval_count,
        round(
            case templates.recurring_rule_type
                when 'days' then subscriptions.recurring_total * 365.25 / 12
                when 'weeks' then subscriptions.recurring_total * 365.25 / 7 / 12
                when 'months' then subscriptions.recurring_total
                when 'years' then subscriptions.recurring_total / 12
            end / nullif(templates.recurring_interval, 0), 6
        ) as monthly_net,
        subscriptions.date_start as started_date,
        subscriptions.date as ends_date,
        subscriptions.recurring_next_date as next_invoice_date,
        {{ translated("reasons.name") }} as close_reason
    from {{ known_rows("sale_subscription") }} as subscriptions
    left join {{ known_rows("sale_subscription_template") }} as templates on subscriptions.template_id = templates.id
    left join {{ known_rows("sale_subscription_stage") }} as stages on subscriptions.stage_id = stages.id
    left join {{ known_rows("sale_subscription_close_reason") }} as reasons
        on subscriptions.close_reason_id = reasons.id
),

final as (
    select * from enterprise
    union all
    select * from oca
)

select * from final
where company_id is null or {{ in_scope("company_id") }}

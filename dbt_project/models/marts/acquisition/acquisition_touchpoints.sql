with sends as (
    select * from {{ latest("fact_mailing_send") }} as facts
    where facts.customer_sk is not null
),

leads as (
    select * from {{ latest("fact_lead_funnel") }} as facts
    where facts.customer_sk is not null
),

-- Visits of fact_customer_activity belong here too, as one more kind.
final as (
    select
        sends.customer_sk,
        'mail opened' as touchpoint,
        sends.opened_at as touched_at,
        sends.open_date as touch_date
    from sends
    where sends.is_opened
    union all
    select
        sends.customer_sk,
        'mail clicked' as touchpoint,
        sends.clicked_at as touched_at,
        sends.click_date as touch_date
    from sends
    where sends.is_clicked
    union all
    select
        leads.customer_sk,
        'lead' as touchpoint,
        leads.lead_created_at as touched_at,
        leads.lead_created_date as touch_date
    from leads
)

select * from final

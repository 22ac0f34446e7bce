with leads as (
    select * from {{ known_rows("crm_lead") }} as current_leads
    where current_leads.company_id is null or {{ in_scope("current_leads.company_id") }}
),

stages as (
    select * from {{ known_rows("crm_stage") }} as current_stages
),

final as (
    select
        leads.id as lead_id,
        leads.partner_id,
        leads.name as lead_name,
        coalesce(leads.type = 'opportunity', false) as is_opportunity,
        leads.company_id,
        leads.stage_id as crm_stage_id,
        -- Before Odoo 19, which stores it, what it would store.
        coalesce(leads.won_status = 'won', stages.is_won and leads.probability = 100, false) as is_won,
        coalesce(leads.won_status = 'lost', not leads.active and leads.probability = 0, false) as is_lost,
        leads.lost_reason_id,
        not coalesce(leads.active, true) as is_archived,
        leads.expected_revenue,
        leads.probability as probability_percent,
        leads.user_id as salesperson_user_id,
        leads.team_id as sales_team_id,
        leads.campaign_id,
        leads.source_id,
        leads.medium_id,
        leads.referred as referred_by,
        leads.contact_name,
        leads.partner_name as contact_company_name,
        leads.email_normalized as email,
        leads.phone_sanitized as phone_normalized,
        leads.country_id,
        leads.city,
        leads.date_open as assigned_at,
        {{ business_date("leads.date_open") }} as assigned_date,
        leads.date_conversion as converted_at,
        {{ business_date("leads.date_conversion") }} as converted_date,
        leads.date_last_stage_update as stage_entered_at,
        {{ business_date("leads.date_last_stage_update") }} as stage_entered_date,
        leads.date_closed as closed_at,
        {{ business_date("leads.date_closed") }} as closed_date,
        leads.date_deadline as expected_closing_date,
        leads.create_date as created_at,
        {{ business_date("leads.create_date") }} as created_date,
        leads.write_date as updated_at
    from leads
    left join stages on leads.stage_id = stages.id
)

select * from final

{{ config(materialized="table") }}

{# Odoo keeps when a lead entered the stage where it is now, not those it passed. #}
with leads as (
    select * from {{ ref("stg_odoo__crm_lead") }}
),

stages as (
    select * from {{ ref("stg_odoo__crm_stage") }}
),

later_stages as (
    select stages.crm_stage_id
    from stages
    where stages.stage_order > (select min(first_stages.stage_order) from stages as first_stages)
),

signs as (
    select
        lead_id,
        'assigned' as sign,
        assigned_at as signed_at,
        assigned_date as sign_date
    from leads
    union all
    select
        lead_id,
        'converted' as sign,
        converted_at as signed_at,
        converted_date as sign_date
    from leads
    union all
    select
        lead_id,
        'moved' as sign,
        stage_entered_at as signed_at,
        stage_entered_date as sign_date
    from leads
    where crm_stage_id in (select later_stages.crm_stage_id from later_stages)
    union all
    select
        lead_id,
        'won' as sign,
        coalesce(closed_at, stage_entered_at) as signed_at,
        coalesce(closed_date, stage_entered_date) as sign_date
    from leads
    where is_won
    union all
    select
        lead_id,
        'lost' as sign,
        closed_at as signed_at,
        closed_date as sign_date
    from leads
    where is_lost
),

-- Nothing happens to a lead before it is there, whatever an import says.
dated as (
    select
        signs.lead_id,
        signs.sign,
        greatest(signs.signed_at, leads.created_at) as signed_at,
        greatest(signs.sign_date, leads.created_date) as sign_date
    from signs
    inner join leads on signs.lead_id = leads.lead_id
    where signs.signed_at is not null
),

final as (
    select
        leads.lead_id,
        min(dated.signed_at) filter (where dated.sign <> 'lost') as contacted_at,
        min(dated.sign_date) filter (where dated.sign <> 'lost') as contacted_date,
        min(dated.signed_at) filter (where dated.sign in ('converted', 'moved', 'won')) as qualified_at,
        min(dated.sign_date) filter (where dated.sign in ('converted', 'moved', 'won')) as qualified_date,
        min(dated.signed_at) filter (where dated.sign = 'won') as won_at,
        min(dated.sign_date) filter (where dated.sign = 'won') as won_date,
        min(dated.signed_at) filter (where dated.sign = 'lost') as lost_at,
        min(dated.sign_date) filter (where dated.sign = 'lost') as lost_date
    from leads
    left join dated on leads.lead_id = dated.lead_id
    group by leads.lead_id
)

select * from final

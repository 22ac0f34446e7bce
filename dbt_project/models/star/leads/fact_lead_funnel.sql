{{ config(key=["lead_sk"], reader_indexes=[["customer_sk"], ["lead_created_date"]]) }}

with leads as (
    select * from {{ ref("stg_odoo__crm_lead") }}
),

milestones as (
    select * from {{ ref("int_leads__milestones") }}
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

addresses as (
    select * from {{ ref("int_customer__addresses") }}
),

stages as (
    select * from {{ ref("stg_odoo__crm_stage") }}
),

teams as (
    select * from {{ ref("stg_odoo__crm_team") }}
),

lost_reasons as (
    select * from {{ ref("stg_odoo__crm_lost_reason") }}
),

utm_channels as (
    select * from {{ ref("int_utm__channels") }} as channels_of_carriers
    where channels_of_carriers.carrier = 'lead'
),

campaigns as (
    select * from {{ latest("dim_campaign") }} as dimension
),

mediums as (
    select * from {{ ref("stg_odoo__utm_medium") }}
),

companies as (
    select * from {{ ref("stg_odoo__res_company") }}
),

currencies as (
    select * from {{ ref("stg_odoo__res_currency") }}
),

rates as (
    select * from {{ ref("int_currency__daily_rates") }}
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

sale_orders as (
    select * from {{ ref("stg_odoo__sale_order") }}
),

orders as (
    select * from {{ latest("fact_order") }} as facts
),

-- A lead gets its partner when it is won; the address tells earlier, and of those who bought without it.
identified as (
    select
        leads.*,
        case when leads.partner_id is null then addresses.customer_id else contacts.customer_id end as customer_id
    from leads
    left join contacts on leads.partner_id = contacts.partner_id
    left join addresses on leads.email = addresses.email
),

keyed as (
    select
        identified.*,
        case
            when identified.customer_id is not null
                then {{ surrogate_key(["'customer'", "identified.customer_id"]) }}
        end as customer_sk
    from identified
),

first_orders as (
    select distinct on (keyed.lead_id)
        keyed.lead_id,
        orders.order_sk,
        orders.ordered_at,
        orders.order_date
    from keyed
    inner join orders on keyed.customer_sk = orders.customer_sk and keyed.created_at <= orders.ordered_at
    order by keyed.lead_id, orders.ordered_at, orders.order_sk
),

named_by_orders as (
    select
        sale_orders.lead_id,
        count(*)::integer as order_count,
        sum(orders.sold_net_amount) as net_amount
    from sale_orders
    inner join orders on {{ surrogate_key(["'order'", "sale_orders.order_id"]) }} = orders.order_sk
    where sale_orders.lead_id is not null
    group by sale_orders.lead_id
),

final as (
    select
        {{ surrogate_key(["'lead'", "keyed.lead_id"]) }} as lead_sk,
        keyed.lead_id,
        {{ date_key("keyed.created_date") }} as lead_created_date_sk,
        keyed.customer_sk,
        keyed.company_id,
        keyed.is_opportunity,
        case
            when keyed.is_won then 'won'
            when keyed.is_lost then 'lost'
            when milestones.qualified_at is not null then 'qualified'
            when milestones.contacted_at is not null then 'contacted'
            else 'created'
        end as funnel_stage,
        keyed.is_won,
        keyed.is_lost,
        stages.stage_name as crm_stage_name,
        stages.stage_order as crm_stage_order,
        teams.team_name,
        lost_reasons.lost_reason,
        case
            when utm_channels.channel_code is not null
                then {{ surrogate_key(["'channel'", "utm_channels.channel_code"]) }}
        end as utm_channel_sk,
        utm_channels.campaign_sk,
        campaigns.campaign_name,
        utm_channels.source_name as utm_source_name,
        mediums.medium_name,
        keyed.probability_percent,
        currencies.currency_code,
        keyed.expected_revenue as expected_revenue_in_company_currency,
        round(keyed.expected_revenue * coalesce(rates.reporting_units_per_company_unit, 1), 2)
            as expected_revenue_amount,
        keyed.created_at as lead_created_at,
        keyed.created_date as lead_created_date,
        milestones.contacted_at,
        milestones.contacted_date,
        milestones.qualified_at,
        milestones.qualified_date,
        milestones.won_at,
        milestones.won_date,
        milestones.lost_at,
        milestones.lost_date,
        first_orders.order_sk as first_order_sk,
        first_orders.ordered_at as first_ordered_at,
        first_orders.order_date as first_order_date,
        milestones.contacted_date - keyed.created_date as days_to_contact,
        milestones.qualified_date - keyed.created_date as days_to_qualification,
        milestones.won_date - keyed.created_date as days_to_win,
        milestones.lost_date - keyed.created_date as days_to_loss,
        first_orders.order_date - keyed.created_date as days_to_first_order,
        coalesce(named_by_orders.order_count, 0) as linked_order_count,
        round(coalesce(named_by_orders.net_amount, 0), 2) as linked_order_net_amount
    from keyed
    inner join milestones on keyed.lead_id = milestones.lead_id
    cross join warehouse
    left join stages on keyed.crm_stage_id = stages.crm_stage_id
    left join teams on keyed.sales_team_id = teams.sales_team_id
    left join lost_reasons on keyed.lost_reason_id = lost_reasons.lost_reason_id
    left join utm_channels on keyed.lead_id = utm_channels.carrier_id
    left join campaigns on utm_channels.campaign_sk = campaigns.campaign_sk
    left join mediums on keyed.medium_id = mediums.medium_id
    left join companies on keyed.company_id = companies.company_id
    left join currencies
        on coalesce(companies.company_currency_id, warehouse.reporting_currency_id) = currencies.currency_id
    left join rates on keyed.company_id = rates.company_id and keyed.created_date = rates.date_actual
    left join first_orders on keyed.lead_id = first_orders.lead_id
    left join named_by_orders on keyed.lead_id = named_by_orders.lead_id
)

select * from final

with campaigns as (
    select * from {{ ref("stg_ops__campaign") }}
),

results as (
    select * from {{ ref("campaign_result") }}
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

outcomes as (
    select
        all_outcomes.as_of_date,
        definitions.campaign_name,
        all_outcomes.outcome
    from {{ ref("list_outcome") }} as all_outcomes
    inner join {{ ref("list_definition") }} as definitions on all_outcomes.list_name = definitions.list_name
    where definitions.campaign_name is not null
),

reached as (
    select
        outcomes.as_of_date,
        outcomes.campaign_name,
        count(*) as in_reach_count,
        count(*) filter (where outcomes.outcome = 'handed over') as handed_over_count,
        count(*) filter (where outcomes.outcome like '%control group') as control_group_count,
        count(*) filter (
            where outcomes.outcome in ('contact cap reached', 'maximum of the campaign reached', 'cool-down')
        ) as capped_count,
        count(*) filter (where outcomes.outcome = 'no consent') as no_consent_count
    from outcomes
    group by outcomes.as_of_date, outcomes.campaign_name
),

days as (
    select
        reached.as_of_date,
        reached.campaign_name
    from reached
    union distinct
    select
        results.as_of_date,
        results.campaign_name
    from results
),

final as (
    select
        days.as_of_date,
        days.campaign_name as campaign_code,
        campaigns.campaign_title,
        campaigns.campaign_type,
        campaigns.is_service,
        coalesce(reached.in_reach_count, 0) as in_reach_count,
        coalesce(reached.handed_over_count, 0) as handed_over_count,
        coalesce(reached.control_group_count, 0) as control_group_count,
        coalesce(reached.capped_count, 0) as capped_count,
        coalesce(reached.no_consent_count, 0) as no_consent_count,
        coalesce(
            reached.in_reach_count - reached.handed_over_count - reached.control_group_count - reached.capped_count
            - reached.no_consent_count,
            0
        ) as otherwise_suppressed_count,
        coalesce(results.enrolled_count, 0) as enrolled_count,
        coalesce(results.enrolled_today_count, 0) as enrolled_today_count,
        coalesce(results.active_count, 0) as active_count,
        coalesce(results.treated_count, 0) as treated_count,
        coalesce(results.control_count, 0) as control_count,
        coalesce(results.contacted_count, 0) as contacted_count,
        coalesce(results.converted_count, 0) as converted_count,
        coalesce(results.conversion_net_amount, 0) as conversion_net_amount,
        coalesce(results.treated_measured_count, 0) as treated_measured_count,
        coalesce(results.control_measured_count, 0) as control_measured_count,
        results.treated_order_percent,
        results.control_order_percent,
        results.incremental_net_amount,
        results.incremental_net_low,
        results.incremental_net_high,
        coalesce(results.verdict, 'cannot tell') as verdict,
        warehouse.reporting_currency
    from days
    cross join warehouse
    inner join campaigns on days.campaign_name = campaigns.campaign_name
    left join reached
        on days.as_of_date = reached.as_of_date and days.campaign_name = reached.campaign_name
    left join results
        on days.as_of_date = results.as_of_date and days.campaign_name = results.campaign_name
)

select * from final

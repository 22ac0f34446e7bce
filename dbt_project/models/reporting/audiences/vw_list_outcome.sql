with outcomes as (
    select * from {{ ref("list_outcome") }}
),

definitions as (
    select * from {{ ref("list_definition") }}
),

final as (
    select
        outcomes.as_of_date,
        outcomes.list_name,
        definitions.title as list_title,
        coalesce(definitions.kind, 'removed') as list_kind,
        definitions.campaign_name,
        definitions.step,
        definitions.channel,
        outcomes.outcome,
        outcomes.outcome = 'handed over' as is_handed_over,
        outcomes.consent_rule,
        count(*) as customer_count
    from outcomes
    left join definitions on outcomes.list_name = definitions.list_name
    group by
        outcomes.as_of_date,
        outcomes.list_name,
        definitions.title,
        definitions.kind,
        definitions.campaign_name,
        definitions.step,
        definitions.channel,
        outcomes.outcome,
        outcomes.consent_rule
)

select * from final

-- An amount in another currency counts as unknown: better said than found out from an empty column.
{{ config(severity="warn") }}

with amounts as (
    select
        'campaign_plan' as seed,
        plans.campaign_code as amount_of,
        plans.currency_code
    from {{ ref("campaign_plan") }} as plans
    where plans.budget is not null
    union all
    select
        'campaign_cost' as seed,
        costs.campaign_code as amount_of,
        costs.currency_code
    from {{ ref("campaign_cost") }} as costs
    union all
    select
        'acquisition_cost' as seed,
        costs.channel_code as amount_of,
        costs.currency_code
    from {{ ref("acquisition_cost") }} as costs
)

select amounts.*
from amounts
cross join {{ ref("stg_ops__warehouse") }} as warehouse
where amounts.currency_code is distinct from warehouse.reporting_currency

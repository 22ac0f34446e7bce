with lifecycle as (
    select * from {{ published("customer_lifecycle") }} as facts
),

groups_of_customers as (
    select * from {{ published("customer_group") }} as facts
),

stages as (
    select * from {{ published("dim_lifecycle_stage") }} as dimension
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

compared as (
    select
        lifecycle.as_of_date,
        lifecycle.customer_sk,
        lifecycle.total_revenue,
        vocabularies.*
    from lifecycle
    cross join lateral (
        values
        ('stage', lifecycle.stage_30_days_ago, lifecycle.current_stage),
        ('retention_state', lifecycle.retention_state_30_days_ago, lifecycle.retention_state),
        ('clm_stage', lifecycle.clm_stage_30_days_ago, lifecycle.clm_stage)
    ) as vocabularies (vocabulary, from_stage, to_stage)
),

summed as (
    select
        compared.as_of_date,
        compared.vocabulary,
        compared.from_stage,
        compared.to_stage,
        groups_of_customers.rfm_segment,
        groups_of_customers.tier_name,
        groups_of_customers.country,
        groups_of_customers.acquisition_channel,
        count(*) as customer_count,
        sum(compared.total_revenue) as total_revenue
    from compared
    inner join groups_of_customers
        on
            compared.as_of_date = groups_of_customers.as_of_date
            and compared.customer_sk = groups_of_customers.customer_sk
    group by
        compared.as_of_date,
        compared.vocabulary,
        compared.from_stage,
        compared.to_stage,
        groups_of_customers.rfm_segment,
        groups_of_customers.tier_name,
        groups_of_customers.country,
        groups_of_customers.acquisition_channel
),

final as (
    select
        summed.as_of_date,
        summed.vocabulary,
        coalesce(before.stage_name, 'New') as from_stage_name,
        after.stage_name as to_stage_name,
        coalesce(summed.from_stage, 'new') as from_stage,
        summed.to_stage,
        -- In the order of the journey: who was no customer first.
        coalesce(before.stage_position, 0) as from_position,
        after.stage_position as to_position,
        summed.rfm_segment,
        summed.tier_name,
        summed.country,
        summed.acquisition_channel,
        summed.customer_count,
        summed.total_revenue,
        warehouse.reporting_currency
    from summed
    left join stages as before on summed.vocabulary = before.vocabulary and summed.from_stage = before.stage
    left join stages as after on summed.vocabulary = after.vocabulary and summed.to_stage = after.stage
    cross join warehouse
)

select * from final

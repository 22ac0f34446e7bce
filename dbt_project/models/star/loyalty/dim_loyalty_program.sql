{{ config(key=["loyalty_program_sk"]) }}

with programs as (
    select * from {{ ref("stg_odoo__loyalty_program") }}
    where is_loyalty
),

addon_programs as (
    select * from {{ ref("stg_odoo__points_program") }}
),

earn_rules as (
    select * from {{ ref("stg_odoo__loyalty_rule") }}
    where not is_archived
),

rewards as (
    select * from {{ ref("stg_odoo__loyalty_reward") }}
    where not is_archived
),

expiry_rules as (
    select * from {{ ref("loyalty_program_rule") }}
),

-- What a point earns is only one number where nothing but the order's amount or its being there decides.
earnings as (
    select
        earn_rules.loyalty_program_id,
        coalesce(sum(earn_rules.points) filter (where earn_rules.points_per = 'money'), 0) as points_per_money,
        coalesce(sum(earn_rules.points) filter (where earn_rules.points_per = 'order'), 0) as points_per_order,
        bool_and(
            earn_rules.points_per in ('money', 'order')
            and earn_rules.product_category_id is null
            and earn_rules.product_tag_id is null
            and coalesce(earn_rules.minimum_amount, 0) = 0
            and coalesce(earn_rules.minimum_quantity, 0) <= 1
            and coalesce(earn_rules.trigger_type, 'auto') = 'auto'
        ) as is_plain
    from earn_rules
    group by earn_rules.loyalty_program_id
),

-- The best money that a point buys; a percentage or a product has no value per point.
point_values as (
    select
        rewards.loyalty_program_id,
        max(
            case
                when rewards.discount_mode = 'per_point' then rewards.discount_amount
                when rewards.discount_mode = 'per_order'
                    then rewards.discount_amount / nullif(rewards.required_points, 0)
            end
        ) as point_value
    from rewards
    where rewards.reward_type = 'discount'
    group by rewards.loyalty_program_id
),

addon_values as (
    select
        addon_programs.points_program_id,
        max((rules.rule ->> 'value')::numeric / nullif((rules.rule ->> 'points')::numeric, 0)) as point_value
    from addon_programs
    cross join
        lateral jsonb_array_elements(
            case when jsonb_typeof(addon_programs.redemption_rules) = 'array' then addon_programs.redemption_rules end
        ) as rules (rule)
    where rules.rule ->> 'type' = 'discount'
    group by addon_programs.points_program_id
),

all_programs as (
    select
        'odoo' as source_kind,
        programs.loyalty_program_id as program_id,
        programs.program_name as program_code,
        programs.program_name,
        programs.points_expire_after_days is not null as is_expired_by_source,
        programs.is_archived,
        case when earnings.is_plain then earnings.points_per_money end as points_per_money,
        case when earnings.is_plain then earnings.points_per_order end as points_per_order,
        point_values.point_value
    from programs
    left join earnings on programs.loyalty_program_id = earnings.loyalty_program_id
    left join point_values on programs.loyalty_program_id = point_values.loyalty_program_id
    union all
    select
        'addon' as source_kind,
        addon_programs.points_program_id as program_id,
        addon_programs.program_code,
        addon_programs.program_name,
        false as is_expired_by_source,
        not addon_programs.is_active as is_archived,
        addon_programs.points_per_money,
        0 as points_per_order,
        addon_values.point_value
    from addon_programs
    left join addon_values on addon_programs.points_program_id = addon_values.points_program_id
),

final as (
    select
        {{ surrogate_key(["'loyalty program'", "all_programs.source_kind", "all_programs.program_id"]) }}
            as loyalty_program_sk,
        all_programs.source_kind,
        all_programs.program_id,
        all_programs.program_code,
        all_programs.program_name,
        all_programs.is_archived,
        expiry_rules.expiry_months,
        expiry_rules.activation_date,
        expiry_rules.activation_date + 30 as first_expiry_date,
        case
            when expiry_rules.program is null then 'no rule'
            when all_programs.is_expired_by_source then 'expired by the source'
            when expiry_rules.report_only or expiry_rules.activation_date is null then 'report only'
            else 'active'
        end as expiry_mode,
        round(all_programs.points_per_money::numeric, 6) as points_per_money,
        round(all_programs.points_per_order::numeric, 4) as points_per_order,
        round(all_programs.point_value::numeric, 6) as point_value
    from all_programs
    left join expiry_rules
        on all_programs.source_kind = expiry_rules.source_kind and all_programs.program_code = expiry_rules.program
)

select * from final

with cards as (
    select * from {{ ref("stg_odoo__loyalty_card_version") }}
),

programs as (
    select * from {{ ref("stg_odoo__loyalty_program") }}
    where is_loyalty
),

accounts as (
    select * from {{ ref("stg_odoo__customer_loyalty_version") }}
),

addon_programs as (
    select * from {{ ref("stg_odoo__points_program") }}
),

last_cards as (
    select distinct on (cards.loyalty_card_id) cards.*
    from cards
    order by cards.loyalty_card_id, cards.known_from_at desc
),

last_accounts as (
    select distinct on (accounts.loyalty_account_id) accounts.*
    from accounts
    order by accounts.loyalty_account_id, accounts.known_from_at desc
),

final as (
    select
        'odoo' as source_kind,
        last_cards.loyalty_program_id as program_id,
        last_cards.loyalty_card_id as card_id,
        last_cards.partner_id,
        case when last_cards.has_ended then 0 else last_cards.points_balance end as source_balance,
        last_cards.has_ended as is_gone,
        last_cards.is_archived,
        last_cards.created_at,
        last_cards.created_date
    from last_cards
    inner join programs on last_cards.loyalty_program_id = programs.loyalty_program_id
    union all
    select
        'addon' as source_kind,
        last_accounts.points_program_id as program_id,
        last_accounts.loyalty_account_id as card_id,
        last_accounts.partner_id,
        case when last_accounts.has_ended then 0 else last_accounts.points_balance end as source_balance,
        last_accounts.has_ended as is_gone,
        false as is_archived,
        last_accounts.joined_at as created_at,
        last_accounts.join_date as created_date
    from last_accounts
    inner join addon_programs on last_accounts.points_program_id = addon_programs.points_program_id
)

select * from final

with contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

cards as (
    select * from {{ ref("stg_odoo__loyalty_card") }}
),

addon_accounts as (
    select * from {{ ref("stg_odoo__customer_loyalty") }}
),

memberships as (
    select
        partner_id,
        'loyalty.program,' || loyalty_program_id as program,
        'loyalty.card,' || loyalty_card_id as reference,
        case when pos_order_id is null then 'UNKNOWN' else 'POS' end as channel_code,
        created_at as joined_at,
        created_date as join_date
    from cards
    where is_loyalty and created_at is not null
    union all
    select
        partner_id,
        'operational.loyalty_program,' || points_program_id as program,
        'operational.customer_loyalty,' || loyalty_account_id as reference,
        'UNKNOWN' as channel_code,
        joined_at,
        join_date
    from addon_accounts
),

-- A company's contacts may each have a card: the first one is the customer's join.
final as (
    select distinct on (contacts.customer_id, memberships.program)
        contacts.customer_id,
        memberships.reference,
        memberships.channel_code,
        memberships.joined_at,
        memberships.join_date
    from memberships
    inner join contacts on memberships.partner_id = contacts.partner_id
    order by
        contacts.customer_id,
        memberships.program,
        memberships.joined_at,
        memberships.reference
)

select * from final

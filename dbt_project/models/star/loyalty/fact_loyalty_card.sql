{{ config(key=["loyalty_card_sk"], reader_indexes=[["customer_sk"]]) }}

with cards as (
    select * from {{ ref("int_loyalty__cards") }}
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

accounts as (
    select * from {{ ref("stg_odoo__customer_loyalty") }}
),

final as (
    select
        {{ surrogate_key(["'loyalty card'", "cards.source_kind", "cards.card_id"]) }} as loyalty_card_sk,
        {{ surrogate_key(["'loyalty program'", "cards.source_kind", "cards.program_id"]) }} as loyalty_program_sk,
        case
            when contacts.customer_id is not null then {{ surrogate_key(["'customer'", "contacts.customer_id"]) }}
        end as customer_sk,
        cards.source_kind,
        cards.program_id,
        cards.card_id,
        cards.partner_id,
        cards.source_balance,
        cards.is_gone,
        cards.is_archived,
        cards.created_date,
        lower(accounts.tier_code) as source_tier_code
    from cards
    left join contacts on cards.partner_id = contacts.partner_id
    left join accounts on cards.source_kind = 'addon' and cards.card_id = accounts.loyalty_account_id
)

select * from final

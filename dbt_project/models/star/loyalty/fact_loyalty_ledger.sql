{{ config(key=["ledger_entry_sk"], reader_indexes=[["loyalty_card_sk"], ["entry_date"]]) }}

with entries as (
    select * from {{ ref("int_loyalty__entries") }}
    union all
    select * from {{ ref("int_loyalty__balance_gaps") }}
),

cards as (
    select * from {{ ref("int_loyalty__cards") }}
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

-- Of the add-on's referrals the source is the customer who was brought.
referrals as (
    select
        't' || transactions.loyalty_transaction_id as entry_key,
        transactions.source_id as partner_id
    from {{ ref("stg_odoo__loyalty_transaction") }} as transactions
    where transactions.source_type = 'referral'
),

final as (
    select
        {{ surrogate_key(["'points'", "entries.source_kind", "entries.entry_key"]) }} as ledger_entry_sk,
        {{ surrogate_key(["'loyalty card'", "entries.source_kind", "entries.card_id"]) }} as loyalty_card_sk,
        {{ surrogate_key(["'loyalty program'", "cards.source_kind", "cards.program_id"]) }} as loyalty_program_sk,
        case
            when contacts.customer_id is not null then {{ surrogate_key(["'customer'", "contacts.customer_id"]) }}
        end as customer_sk,
        entries.source_kind,
        cards.program_id,
        entries.card_id,
        entries.entry_key,
        entries.entry_type,
        entries.points,
        entries.reason,
        {{ date_key("entries.entry_date") }} as entry_date_sk,
        entries.entry_at,
        entries.entry_date,
        entries.entry_order,
        case
            when entries.pos_order_id is not null then {{ surrogate_key(["'pos'", "entries.pos_order_id"]) }}
            when entries.order_id is not null then {{ surrogate_key(["'order'", "entries.order_id"]) }}
        end as order_sk,
        case
            when brought.customer_id is not null then {{ surrogate_key(["'customer'", "brought.customer_id"]) }}
        end as referred_customer_sk,
        entries.own_expiry_date,
        entries.lot_key,
        entries.bound_lot_key,
        entries.returned_entry_key
    from entries
    inner join cards on entries.source_kind = cards.source_kind and entries.card_id = cards.card_id
    left join contacts on cards.partner_id = contacts.partner_id
    left join referrals on entries.source_kind = 'addon' and entries.entry_key = referrals.entry_key
    left join contacts as brought on referrals.partner_id = brought.partner_id
)

select * from final

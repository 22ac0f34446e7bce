{{ config(key=["loyalty_account_sk"]) }}

with accounts as (
    select * from {{ ref("stg_odoo__customer_loyalty") }}
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

final as (
    select
        {{ surrogate_key(["'loyalty account'", "accounts.loyalty_account_id"]) }} as loyalty_account_sk,
        {{ surrogate_key(["'customer'", "contacts.customer_id"]) }} as customer_sk,
        accounts.loyalty_account_id,
        lower(accounts.tier_code) as tier_code,
        accounts.tier_qualified_date,
        accounts.join_date,
        accounts.points_balance,
        accounts.points_lifetime
    from accounts
    inner join contacts on accounts.partner_id = contacts.partner_id
)

select * from final

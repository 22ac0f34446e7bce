{{ config(key=["loyalty_account_sk"]) }}

with accounts as (
    select * from {{ ref("stg_odoo__customer_loyalty") }}
),

identities as (
    select * from {{ ref("int_customer__identities") }}
),

customers as (
    select * from {{ ref("int_customer__evidence") }}
),

final as (
    select
        {{ surrogate_key(["'loyalty account'", "accounts.loyalty_account_id"]) }} as loyalty_account_sk,
        {{ surrogate_key(["'customer'", "customers.customer_id"]) }} as customer_sk,
        accounts.loyalty_account_id,
        lower(accounts.tier_code) as tier_code,
        accounts.tier_qualified_date,
        accounts.join_date,
        accounts.points_balance,
        accounts.points_lifetime
    from accounts
    inner join identities on accounts.partner_id = identities.partner_id
    inner join customers on identities.customer_id = customers.customer_id
)

select * from final

{{ config(key=["currency_sk"]) }}

with currencies as (
    select * from {{ ref("stg_odoo__res_currency") }}
),

final as (
    select
        {{ surrogate_key(["'currency'", "currencies.currency_id"]) }} as currency_sk,
        currencies.currency_id,
        currencies.currency_code,
        currencies.currency_symbol,
        currencies.decimal_places,
        currencies.currency_id = warehouse.reporting_currency_id as is_reporting_currency
    from currencies
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
)

select * from final

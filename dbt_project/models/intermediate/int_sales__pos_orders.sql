with orders as (
    select * from {{ ref("stg_odoo__pos_order") }}
),

tills as (
    select * from {{ ref("stg_odoo__pos_config") }}
),

pricelists as (
    select * from {{ ref("stg_odoo__product_pricelist") }}
),

companies as (
    select * from {{ ref("stg_odoo__res_company") }}
),

currencies as (
    select * from {{ ref("stg_odoo__res_currency") }}
),

-- Older versions do not store the till's currency. Odoo has its pricelists in the same one.
paid as (
    select
        orders.*,
        companies.company_currency_id,
        coalesce(tills.currency_id, pricelists.currency_id, companies.company_currency_id) as currency_id
    from orders
    inner join companies on orders.company_id = companies.company_id
    left join tills on orders.pos_config_id = tills.pos_config_id
    left join pricelists on orders.pricelist_id = pricelists.pricelist_id
    where orders.is_paid
),

final as (
    select
        paid.pos_order_id,
        paid.order_name,
        paid.partner_id,
        paid.company_id,
        paid.ordered_at,
        paid.order_date,
        paid.currency_id,
        currencies.currency_code,
        -- The order's own rate counts whatever currency was found: it is 1 where that is the company's.
        coalesce(
            paid.units_per_company_unit,
            {{ units_per_company_unit(
                "paid.company_id",
                "paid.currency_id",
                "paid.company_currency_id",
                "paid.order_date",
            ) }}
        ) as units_per_company_unit
    from paid
    inner join currencies on paid.currency_id = currencies.currency_id
)

select * from final
